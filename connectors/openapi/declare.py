"""A declared HTTP interface becomes a connector: `KIND` is what `connector: openapi` means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from connectors import wire
from connectors.credentials import Credential
from connectors.declared.kinds import Kind, Place, Problem, UndeclarableError
from connectors.declared.parameters import (
    Declarations,
    fact_types,
    model_of,
    problems_of_template,
)
from connectors.extras import not_installed
from connectors.openapi import document, schemas, session
from connectors.openapi.declaration import (
    Filling,
    IdentityDeclared,
    OpenapiDeclaration,
    OperationDeclared,
)
from connectors.openapi.document import Document, DocumentError
from connectors.openapi.endpoint import ETAG, Endpoint, parameter_of, restored_by
from connectors.openapi.reading import Read
from connectors.openapi.searching import finder_of
from connectors.openapi.session import EXTRA, Session
from connectors.operation import (
    Connector,
    Guard,
    Identity,
    Irreversible,
    Operation,
    Params,
    Reversible,
    Snapshot,
)

_FITS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"id", "line", "text", "date", "choice", "str"}),
    "integer": frozenset({"int"}),
    "boolean": frozenset({"bool"}),
    "number": frozenset(),  # what is no whole number is read and never set
}
_WRITES = ("PUT", "PATCH", "POST", "DELETE")


def declare(declaration: OpenapiDeclaration, beside: Mapping[str, bytes]) -> Connector:
    """The connector of a declared interface. Raises UndeclarableError with every problem."""
    described = _document(declaration, beside)
    problems: list[Problem] = []
    made = []
    for verb, declared in declaration.operations.items():
        place = ("operations", verb)
        try:
            made.append(_operation(declaration, verb, declared, described))
        except UndeclarableError as error:
            problems += [Problem((*place, *each.place), each.message) for each in error.problems]
    finders = []
    for verb, finder in declaration.finders.items():
        try:
            finders.append(finder_of(declaration, verb, finder, described))
        except UndeclarableError as error:
            place = ("finders", verb)
            problems += [Problem((*place, *each.place), each.message) for each in error.problems]
    who = _identifying(declaration.identity, described, problems)
    if problems:
        raise UndeclarableError(problems)

    def open_session(credential: Credential) -> AbstractContextManager[Session]:
        return session.opened(declaration.title, declaration.secret_header, credential)

    return Connector(
        name=declaration.system,
        operations=tuple(made),
        finders=tuple(finders),
        open=open_session,
        identify=lambda opened: _identify(declaration.identity, who, opened),
        extra=EXTRA,
    )


def _document(declaration: OpenapiDeclaration, beside: Mapping[str, bytes]) -> Document:
    if declaration.document not in beside:
        message = f"{declaration.document} does not lie beside this file"
        raise UndeclarableError([Problem(("document",), message)])
    try:
        return document.read(beside[declaration.document])
    except DocumentError as error:
        message = f"{declaration.document} {error}"
        raise UndeclarableError([Problem(("document",), message)]) from None
    except ImportError:
        raise not_installed("declared HTTP interfaces", EXTRA) from None


def _identifying(declared: IdentityDeclared, described: Document, problems: list[Problem]) -> str:
    try:
        call = described.call(declared.operation)
    except DocumentError as error:
        problems.append(Problem(("identity", "operation"), str(error)))
        return ""
    if call.method != "GET" or call.parts:
        message = "an account is asked for by a GET whose path has no parameters"
        problems.append(Problem(("identity", "operation"), message))
    return call.path.lstrip("/")


def _identify(declared: IdentityDeclared, path: str, opened: Session) -> Identity:
    call = wire.Call("the account itself", is_write=False)
    tree = opened.ask("GET", path, call).tree
    said = [_text(tree, pointer) for pointer in declared.account]
    if not all(said):
        raise wire.unreadable(opened.peer, call, "it does not say whose account it is")
    environment = _text(tree, declared.environment) if declared.environment else ""
    account = "/".join(said)
    if environment == "sandbox":
        return Identity(account, "sandbox")
    return Identity(account, "production" if environment == "production" else None)


def _text(tree: Any, pointer: str) -> str:
    for part in pointer.strip("/").split("/"):
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return str(tree) if isinstance(tree, str | int) else ""


def _operation(
    declaration: OpenapiDeclaration, verb: str, declared: OperationDeclared, described: Document
) -> Operation[Any]:
    name = f"{declaration.system}.{verb}"
    calls, problems = _calls(declared, described)
    if problems:
        raise UndeclarableError(problems)
    params = _params(declared, calls["write"], described, problems)
    reads = _reads(declared, calls["read"], described, problems)
    problems += _of_paths(declared, calls)
    problems += _of_bodies(declared, calls, described)
    problems += _of_fillings(declared)
    problems += _of_types(declared, params, reads)
    problems += problems_of_template(declared.resource, declared.params, ("resource",))
    if problems:
        raise UndeclarableError(problems)
    area = declared.scope or declaration.system
    read_scopes = frozenset({f"{area}:read"})
    endpoint = Endpoint(
        name=name,
        system=declaration.title,
        declared=declared,
        read_call=calls["read"],
        write_call=calls["write"],
        undo_call=calls.get("undo"),
        reads=reads,
        read_scopes=read_scopes,
        scopes=read_scopes | {f"{area}:write"},
    )
    return Operation(
        name=name,
        title=declared.title,
        system=declaration.title,
        params=model_of(name, params),
        scopes=endpoint.scopes,
        fact_types={**fact_types(params), **endpoint.fact_types()},
        read=endpoint.read,
        preview=endpoint.preview,
        facts=endpoint.facts,
        execute=endpoint.execute,
        lookup=endpoint.lookup,
        undo=lambda given, now: _undo(declared, given, now),
        compensate=endpoint.compensate,
        guard=_guard(declared),
        remembers="state",
    )


def _calls(
    declared: OperationDeclared, described: Document
) -> tuple[dict[str, document.Call], list[Problem]]:
    """The calls of the document by what they are for, and what is wrong with them."""
    wanted: list[tuple[str, Place, str, tuple[str, ...]]] = [
        ("read", ("read",), declared.read, ("GET",)),
        ("write", ("write",), declared.write, _WRITES),
    ]
    if declared.undo is not None:
        wanted.append(("undo", ("undo", "operation"), declared.undo.operation, _WRITES))
    found, problems = {}, []
    for name, place, operation_id, methods in wanted:
        try:
            call = described.call(operation_id)
        except (DocumentError, KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(place, str(error)))
            continue
        if call.method not in methods:
            message = f"{operation_id} is a {call.method}; it must be a {' or '.join(methods)}"
            problems.append(Problem(place, message))
        if call.required:
            names = ", ".join(sorted(call.required))
            message = f"{operation_id} needs {names}; headers and queries are not declared here"
            problems.append(Problem(place, message))
        found[name] = call
    return found, problems


def _params(
    declared: OperationDeclared, write: document.Call, described: Document, problems: list[Problem]
) -> Declarations:
    """Each parameter with the type that the write's schema gives it."""
    params = {}
    for name, where in declared.params.items():
        part, _, rest = where.partition(".")
        try:
            if part == "path" and rest in write.parameters:
                params[name] = schemas.parameter(write.parameters[rest], is_in_path=True)
            elif part == "body" and write.body is not None:
                found = described.at(write.body, f"/{rest}")
                params[name] = schemas.parameter(found, is_in_path=False)
            else:
                raise DocumentError(f"{write.id} has no {where}; write path.NAME or body.NAME")
        except (DocumentError, ValueError) as error:
            problems.append(Problem(("params", name), str(error)))
    return params


def _reads(
    declared: OperationDeclared, read: document.Call, described: Document, problems: list[Problem]
) -> dict[str, Read]:
    """Each field that is read with the type that the answer's schema gives it."""
    wanted = {name: (each.at, ("fields", name)) for name, each in declared.fields.items()}
    wanted |= {name: (at, ("compared", name)) for name, at in declared.compared.items()}
    found = {}
    for name, (at, place) in wanted.items():
        try:
            kind, is_nullable = schemas.field(described.at(read.answer, at))
            found[name] = Read(at, kind, is_nullable)
        except DocumentError as error:
            problems.append(Problem(place, str(error)))
    problems += [
        Problem(("compared", name), f"{name} is among fields already")
        for name in sorted(declared.compared.keys() & declared.fields.keys())
    ]
    if declared.version not in (None, ETAG):
        try:
            described.at(read.answer, str(declared.version))
        except DocumentError as error:
            problems.append(Problem(("version",), str(error)))
    return found


def _of_paths(declared: OperationDeclared, calls: Mapping[str, document.Call]) -> Iterator[Problem]:
    parts = {part for call in calls.values() for part in call.parts}
    for part in sorted(parts - declared.path.keys()):
        yield Problem(("path",), f"nothing for {part} of a path")
    for part in sorted(declared.path.keys() - parts):
        yield Problem(("path", part), f"no path has {part}")
    for part, filling in declared.path.items():
        name = parameter_of(filling)
        where = declared.params.get(name or "", "")
        if name is None or not where.startswith("path."):
            yield Problem(("path", part), "a path takes a parameter that is declared as path.NAME")


def _of_bodies(
    declared: OperationDeclared, calls: Mapping[str, document.Call], described: Document
) -> Iterator[Problem]:
    yield from _of_body(declared.body, calls["write"], ("body",), described)
    if declared.undo is not None:
        yield from _of_body(declared.undo.body, calls["undo"], ("undo", "body"), described)


def _of_body(
    body: Mapping[str, Filling], call: document.Call, place: Place, described: Document
) -> Iterator[Problem]:
    schema = call.body or {}
    for name in body:
        try:
            described.at(schema, f"/{name}")
        except DocumentError as error:
            yield Problem((*place, name), str(error))
    for name in sorted(set(schema.get("required", ())) - body.keys()):
        yield Problem(place, f"{call.id} needs {name}")


def _of_fillings(declared: OperationDeclared) -> Iterator[Problem]:
    fields = declared.fields
    every: list[tuple[Place, Filling]] = [(("body", n), f) for n, f in declared.body.items()]
    every += [(("fields", n, "becomes"), each.becomes) for n, each in fields.items()]
    sent = set()
    for place, filling in every:
        name = parameter_of(filling)
        if name is not None and name not in declared.params:
            yield Problem(place, f"no parameter {name!r}; there is {', '.join(declared.params)}")
    for filling in (*declared.body.values(), *declared.path.values()):
        sent.add(parameter_of(filling))
    for name in sorted(declared.params.keys() - sent):
        yield Problem(("params", name), f"{name} is neither in the path nor in the body")
    if declared.undo is not None:
        for key, filling in declared.undo.body.items():
            field, name = restored_by(filling), parameter_of(filling)
            if (field is not None and field not in fields) or (
                field is None and name is not None and name not in declared.params
            ):
                yield Problem(("undo", "body", key), f"no field or parameter {filling}")


def _of_types(
    declared: OperationDeclared, params: Declarations, reads: Mapping[str, Read]
) -> Iterator[Problem]:
    """What a field becomes must be of its type, else it could never be seen to have become it."""
    for name, each in declared.fields.items():
        given = parameter_of(each.becomes)
        if name not in reads or (given is not None and given not in params):
            continue  # said already
        kind = params[given].type if given is not None else type(each.becomes).__name__
        if kind not in _FITS[reads[name].kind]:
            message = f"{each.at} is {reads[name].kind}, and {each.becomes} is not"
            yield Problem(("fields", name, "becomes"), message)


def _undo(
    declared: OperationDeclared, _params: Params, _now: Snapshot
) -> Reversible | Irreversible:
    if declared.irreversible is not None:
        return Irreversible(declared.irreversible)
    return Reversible("as long as nobody else changes it")


def _guard(declared: OperationDeclared) -> Guard:
    if declared.version == ETAG:
        return Guard("compared", "its ETag")
    what = "its version" if declared.version else "the fields that are shown"
    return Guard("re-read", what)


KIND = Kind(OpenapiDeclaration, declare, EXTRA)

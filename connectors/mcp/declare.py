"""A declared MCP server becomes a connector: `KIND` is what `connector: mcp` means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from connectors.credentials import Credential
from connectors.declared.kinds import Kind, Place, Problem, UndeclarableError
from connectors.declared.parameters import fact_types, is_optional, model_of, problems_of_template
from connectors.mcp import session
from connectors.mcp.declaration import CallDeclared, Filling, McpDeclaration, OperationDeclared
from connectors.mcp.session import EXTRA, Session
from connectors.mcp.tool_write import ToolWrite, parameter_of
from connectors.operation import (
    Connector,
    Guard,
    Irreversible,
    Operation,
    Params,
    Reversible,
    Snapshot,
)
from connectors.state_write import StateWrite

_KINDS = {"int": "int", "bool": "bool"}


def declare(declaration: McpDeclaration, _beside: Mapping[str, bytes]) -> Connector:
    """The connector of a declared server. Raises UndeclarableError with every problem."""
    problems = [
        Problem(("operations", verb, *each.place), each.message)
        for verb, declared in declaration.operations.items()
        for each in _problems(declaration, declared)
    ]
    if problems:
        raise UndeclarableError(problems)

    def open_session(credential: Credential) -> AbstractContextManager[Session]:
        return session.opened(declaration, credential)

    return Connector(
        name=declaration.system,
        operations=tuple(
            _operation(declaration, verb, each) for verb, each in declaration.operations.items()
        ),
        finders=(),
        open=open_session,
        identify=session.identify,
        extra=EXTRA,
    )


def _operation(
    declaration: McpDeclaration, verb: str, declared: OperationDeclared
) -> Operation[Any]:
    tool = ToolWrite(f"{declaration.system}.{verb}", declaration.title, declared)
    area = declared.scope or declaration.system
    read_scopes = frozenset({f"{area}:read"})
    scopes = read_scopes | {f"{area}:write"}
    state: StateWrite[Params] = StateWrite(
        read_scopes=read_scopes,
        scopes=scopes,
        guarded=(),
        load=tool.load,
        preview=tool.preview,
        write=tool.write,
        check_back=tool.check_back,
        take_back=tool.take_back,
        reference=tool.reference,
    )
    return Operation(
        name=tool.name,
        title=declared.title,
        system=declaration.title,
        params=model_of(tool.name, declared.params),
        scopes=scopes,
        fact_types={**fact_types(declared.params), **tool.fact_types()},
        read=state.read,
        preview=tool.preview,
        facts=tool.facts,
        execute=state.execute,
        lookup=state.lookup,
        undo=lambda params, now: _undo(declared, params, now),
        compensate=state.compensate,
        guard=Guard("re-read", "the fields that are shown"),
        remembers="state",
    )


def _undo(
    declared: OperationDeclared, _params: Params, _now: Snapshot
) -> Reversible | Irreversible:
    if declared.irreversible is not None:
        return Irreversible(declared.irreversible)
    return Reversible("as long as nobody else changes it")


def _problems(declaration: McpDeclaration, declared: OperationDeclared) -> Iterator[Problem]:
    params = {name: each for name, each in declared.params.items() if not is_optional(each)}
    yield from problems_of_template(declared.resource, params, ("resource",))
    restored = {f"before.{name}" for name in declared.fields}
    yield from _of_call(declaration, declared.read, "read", ("read",), set(params))
    yield from _of_call(declaration, declared.write, "write", ("write",), set(params))
    if declared.undo is not None:
        known = {*params, *restored}
        yield from _of_call(declaration, declared.undo, "write", ("undo",), known)
    for name, field in declared.fields.items():
        place = ("fields", name, "becomes")
        yield from _of_filling(field.becomes, place, set(params))
        given = parameter_of(field.becomes)
        kind = params[given].type if given in params else type(field.becomes).__name__
        fits = _KINDS.get(kind, "text")
        if (given is None or given in params) and fits != field.type:
            yield Problem(place, f"{name} is {field.type}, and {field.becomes} is not")


def _of_call(
    declaration: McpDeclaration, call: CallDeclared, does: str, place: Place, known: set[str]
) -> Iterator[Problem]:
    tool = declaration.tools.get(call.tool)
    if tool is None:
        there = ", ".join(declaration.tools)
        yield Problem((*place, "tool"), f"no tool {call.tool} is allowed; there is {there}")
    elif tool.does != does:
        yield Problem((*place, "tool"), f"{call.tool} is allowed to {tool.does}, not to {does}")
    for name, filling in call.arguments.items():
        yield from _of_filling(filling, (*place, "arguments", name), known)


def _of_filling(filling: Filling, place: Place, known: set[str]) -> Iterator[Problem]:
    name = parameter_of(filling)
    if name is not None and name not in known:
        yield Problem(place, f"no parameter {name!r}; there is {', '.join(sorted(known))}")


KIND = Kind(McpDeclaration, declare, EXTRA)

"""A declared database becomes a connector: `KIND` is what a bundle's `connector: sql` means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connectors.declared.kinds import Kind, Problem, UndeclarableError
from connectors.declared.parameters import (
    fact_types,
    is_optional,
    model_of,
    problems_of_template,
)
from connectors.extras import not_installed
from connectors.operation import (
    Connector,
    Guard,
    Irreversible,
    Operation,
    Params,
    Reversible,
    Snapshot,
)
from connectors.sql import core, judging, looking
from connectors.sql.declaration import OperationDeclared, SqlDeclaration
from connectors.sql.keyed import Keyed
from connectors.sql.keys import keys_of
from connectors.sql.row import Row
from connectors.sql.session import identify, opening
from connectors.sql.stated import Stated

if TYPE_CHECKING:
    from connectors.sql.parts import Parts

EXTRA = "sql"
_TYPE_OF_PARAMETER = {"int": "int", "bool": "bool", "date": "date"}


def declare(declaration: SqlDeclaration, _beside: Mapping[str, bytes]) -> Connector:
    """The connector of a declared database. Raises UndeclarableError with every problem."""
    problems: list[Problem] = []
    made = []
    for verb, declared in declaration.operations.items():
        row = _row(declaration, verb, declared, problems)
        if row is not None:
            made.append(_operation(declaration, declared, row))
    found = [
        finder
        for verb, each in declaration.finders.items()
        if (finder := looking.finder(declaration, verb, each, problems)) is not None
    ]
    if problems:
        raise UndeclarableError(problems)
    return Connector(
        name=declaration.system,
        operations=tuple(made),
        finders=tuple(found),
        open=opening(declaration.title, declaration.database),
        identify=identify,
        extra=EXTRA,
    )


def _row(
    declaration: SqlDeclaration,
    verb: str,
    declared: OperationDeclared,
    problems: list[Problem],
) -> Row | None:
    place = ("operations", verb)
    found = [
        Problem((*place, "resource"), each.message)
        for each in problems_of_template(declared.resource, _always(declared), ())
    ]
    parts = _parts(declaration, declared, found, place)
    if parts is not None:
        read, write, undo = parts
        found += [
            Problem((*place, *each.place), each.message)
            for each in judging.problems(declared, read, write, undo)
        ]
    problems += found
    if parts is None or found:
        return None
    types = _types(declared)
    return Row(
        name=f"{declaration.system}.{verb}",
        system=declaration.title,
        declared=declared,
        fields=judging.fields(declared, write),
        sets=write,
        read=core.selecting(read, types),
        write=core.writing(write, types),  # type: ignore[arg-type]  # judged: no DELETE
        undo=core.writing(undo, types) if undo else None,  # type: ignore[arg-type]  # no INSERT
    )


def _always(declared: OperationDeclared) -> set[str]:
    """The parameters that are always given."""
    return {name for name, each in declared.params.items() if not is_optional(each)}


def _parts(
    declaration: SqlDeclaration,
    declared: OperationDeclared,
    problems: list[Problem],
    place: tuple[str, ...],
) -> tuple[Parts, Parts, Parts | None] | None:
    try:
        from connectors.sql.statements import StatementError, take_apart
    except ImportError:
        raise not_installed("declared SQL databases", EXTRA) from None
    apart: dict[str, Parts | None] = {}
    for name in ("read", "write", "undo"):
        text = getattr(declared, name)
        try:
            apart[name] = take_apart(text, declaration.database) if text is not None else None
        except StatementError as error:
            problems.append(Problem((*place, name), str(error)))
    if len(apart) < 3 or apart["read"] is None or apart["write"] is None:
        return None
    return apart["read"], apart["write"], apart["undo"]


def _types(declared: OperationDeclared) -> dict[str, str]:
    """Every column that a statement may name, with the type that it is bound by."""
    key = {
        column: _TYPE_OF_PARAMETER.get(declared.params[name].type, "text")
        for column, name in declared.key.items()
    }
    stamps = dict.fromkeys(declared.stamps, "text")
    columns = {name: kind.rstrip("?") for name, kind in declared.columns.items()}
    return {**stamps, **key, **columns}


def _operation(
    declaration: SqlDeclaration, declared: OperationDeclared, row: Row
) -> Operation[Any]:
    area = declared.scope or declaration.system
    read_scopes = frozenset({f"{area}:read"})
    scopes = read_scopes | {f"{area}:write"}
    io = (
        Keyed(row, keys_of(declaration.keys, row.name), read_scopes, scopes)
        if declaration.keys
        else Stated(row, read_scopes, scopes)
    )
    return Operation(
        name=row.name,
        title=declared.title,
        system=declaration.title,
        params=model_of(row.name, declared.params),
        scopes=scopes,
        fact_types={**fact_types(declared.params), **row.fact_types()},
        read=io.read,
        preview=row.preview,
        facts=row.facts,
        execute=io.execute,
        lookup=io.lookup,
        undo=lambda params, now: _undo(declared, params, now),
        compensate=io.compensate,
        guard=Guard("compared", _compared(row)),
        remembers="key" if declaration.keys else "state",
    )


def _undo(
    declared: OperationDeclared, _params: Params, _now: Snapshot
) -> Reversible | Irreversible:
    if declared.irreversible is not None:
        return Irreversible(declared.irreversible)
    return Reversible("as long as nobody else changes it")


def _compared(row: Row) -> str:
    if row.is_new:
        return "its key, which the database holds once"
    if row.declared.version is not None:
        return f"its column {row.declared.version}"
    return f"its columns {', '.join(row.fields)}"


KIND = Kind(SqlDeclaration, declare, EXTRA)

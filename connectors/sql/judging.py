"""Whether the statements of one operation are what its declaration says: the same row, the declared
columns, a write that compares, an undo that restores. Whatever is not, is said with its place."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.declared.kinds import Place, Problem
from connectors.declared.parameters import is_optional
from connectors.sql.declaration import OperationDeclared
from connectors.sql.parts import Constant, Given, Parts, Raised

BEFORE, AFTER = "before_", "after_"  # :before_phone is what was read, :after_phone what was written

_FITS = {
    "id": {"text"}, "line": {"text"}, "text": {"text"}, "choice": {"text"},
    "int": {"int"}, "bool": {"bool"}, "date": {"date"},
}  # fmt: skip
_CONSTANTS = {str: {"text"}, int: {"int"}, bool: {"bool"}}


def problems(
    declared: OperationDeclared, read: Parts, write: Parts, undo: Parts | None
) -> Iterator[Problem]:
    """Everything that is wrong with one operation, placed below it."""
    yield from _of_declaration(declared)
    yield from _of_read(declared, read)
    yield from _of_write(declared, write)
    if undo is not None:
        yield from _of_undo(declared, write, undo)


def fields(declared: OperationDeclared, write: Parts) -> tuple[str, ...]:
    """The columns of the diff: those that are read and that the write sets, the version apart."""
    shown = (name for name in declared.columns if name != declared.version)
    return tuple(name for name in shown if name in write.sets)


def _of_declaration(declared: OperationDeclared) -> Iterator[Problem]:
    for column, name in declared.key.items():
        if name not in declared.params:
            yield Problem(("key", column), f"no parameter {name!r}")
    for name in declared.params:
        if name.startswith((BEFORE, AFTER)):
            yield Problem(("params", name), "before_ and after_ name what was read and written")
    if named := sorted(_optional(declared).intersection(declared.key.values())):
        yield Problem(("key",), f"is never left out, so {', '.join(named)} is not optional")
    if declared.version is not None and declared.columns.get(declared.version) != "int":
        yield Problem(("version",), f"{declared.version} is not among columns as int")
    for index, name in enumerate(declared.stamps):
        if name in declared.columns or name in declared.key:
            yield Problem(("stamps", index), f"{name} is read, so it is no stamp")


def _of_read(declared: OperationDeclared, read: Parts) -> Iterator[Problem]:
    place = ("read",)
    yield from _verb(read, "SELECT", place)
    yield from _table(declared, read, place)
    if set(read.reads) != set(declared.columns):
        odd = ", ".join(sorted(set(read.reads) ^ set(declared.columns)))
        yield Problem(place, f"reads other columns than are declared: {odd}")
    yield from _row(declared, read, place)
    if others := sorted({c.column for c in read.where} - declared.key.keys()):
        yield Problem(place, f"WHERE names the key alone, not {', '.join(others)}")


def _of_write(declared: OperationDeclared, write: Parts) -> Iterator[Problem]:
    place = ("write",)
    if write.verb not in ("UPDATE", "INSERT"):
        yield Problem(place, f"is a {write.verb}; a write is one UPDATE or one INSERT")
        return
    yield from _table(declared, write, place)
    yield from _sets(declared, write, place)
    if not fields(declared, write):
        yield Problem(place, "sets no column that is read, so nothing of it could be shown")
    known = set(declared.params) - _optional(declared)
    if write.verb == "INSERT":
        for column, name in declared.key.items():
            if write.sets.get(column) != Given(name):
                yield Problem(place, f"must set {column} to :{name}")
        if lacking := sorted(declared.columns.keys() - write.sets.keys() - declared.key.keys()):
            yield Problem(place, f"must set every column that is read: {', '.join(lacking)}")
    else:
        yield from _compares(declared, write, BEFORE, fields(declared, write), place)
        known |= {f"{BEFORE}{name}" for name in declared.columns}
    yield from _given(write, known, place)
    for name, value in write.sets.items():
        if name in fields(declared, write):
            yield from _predictable(declared, name, value, place)


def _of_undo(declared: OperationDeclared, write: Parts, undo: Parts) -> Iterator[Problem]:
    place = ("undo",)
    verb = "DELETE" if write.verb == "INSERT" else "UPDATE"
    yield from _verb(undo, verb, place)
    yield from _table(declared, undo, place)
    yield from _sets(declared, undo, place)
    if verb == "UPDATE":
        for name in fields(declared, write):
            if undo.sets.get(name) != Given(f"{BEFORE}{name}"):
                yield Problem(place, f"must set {name} to :{BEFORE}{name}")
        if more := sorted(set(undo.sets) - set(write.sets)):
            yield Problem(place, f"sets what the write does not: {', '.join(more)}")
    yield from _compares(declared, undo, AFTER, fields(declared, write), place)
    shown = fields(declared, write)
    known = set(declared.params) - _optional(declared)
    known |= {f"{each}{n}" for n in shown for each in (BEFORE, AFTER)}
    known |= {f"{AFTER}{declared.version}"} if declared.version else set()
    yield from _given(undo, known, place)


def _compares(
    declared: OperationDeclared, parts: Parts, prefix: str, shown: tuple[str, ...], place: Place
) -> Iterator[Problem]:
    """WHERE names the row and compares the version, or else every column of the diff."""
    yield from _row(declared, parts, place)
    compared = {each.column: each for each in parts.where}
    if others := sorted(compared.keys() - declared.key.keys() - declared.columns.keys()):
        yield Problem(place, f"WHERE names columns that are not declared: {', '.join(others)}")
    wanted = (declared.version,) if declared.version else shown
    for name in wanted:
        if name not in compared or compared[name].value != Given(f"{prefix}{name}"):
            yield Problem(place, f"WHERE must compare {name} with :{prefix}{name}")
        elif declared.columns.get(name, "").endswith("?") and not compared[name].is_null_safe:
            say = f"{name} IS NOT DISTINCT FROM :{prefix}{name}"
            yield Problem(place, f"{name} may be empty, so WHERE must say {say}")
    raised = parts.sets.get(declared.version) if declared.version else None
    is_raised = isinstance(raised, Raised) and raised.by > 0
    if declared.version and parts.verb == "UPDATE" and not is_raised:
        yield Problem(place, f"must raise the version: {declared.version} = {declared.version} + 1")


def _row(declared: OperationDeclared, parts: Parts, place: Place) -> Iterator[Problem]:
    for column, name in declared.key.items():
        named = [each.value for each in parts.where if each.column == column]
        if named != [Given(name)]:
            yield Problem(place, f"WHERE must name the one row: {column} = :{name}")


def _sets(declared: OperationDeclared, parts: Parts, place: Place) -> Iterator[Problem]:
    known = {*declared.columns, *declared.stamps}
    known |= declared.key.keys() if parts.verb == "INSERT" else set()
    if others := sorted(set(parts.sets) - known):
        yield Problem(place, f"sets what is neither read nor a stamp: {', '.join(others)}")


def _predictable(
    declared: OperationDeclared, column: str, value: object, place: Place
) -> Iterator[Problem]:
    """What a column of the diff becomes must be known before, and be of its type."""
    kind = declared.columns[column]
    if isinstance(value, Given) and value.name in declared.params:
        if kind.rstrip("?") not in _FITS[declared.params[value.name].type]:
            yield Problem(place, f"{column} is {kind}, the parameter {value.name} is not")
    elif isinstance(value, Constant):
        is_fit = kind.endswith("?") if value.value is None else False
        if not is_fit and kind.rstrip("?") not in _CONSTANTS.get(type(value.value), set()):
            yield Problem(place, f"{column} is {kind}, the constant is not")
    else:
        yield Problem(place, f"{column} must become a parameter or a constant, to be shown before")


def _given(parts: Parts, known: set[str], place: Place) -> Iterator[Problem]:
    for name in sorted(parts.given - known):
        yield Problem(place, f"no parameter {name!r}; there is {', '.join(sorted(known))}")


def _optional(declared: OperationDeclared) -> set[str]:
    """The parameters that may be left out: no statement can be given them."""
    return {name for name, each in declared.params.items() if is_optional(each)}


def _verb(parts: Parts, verb: str, place: Place) -> Iterator[Problem]:
    if parts.verb != verb:
        yield Problem(place, f"is a {parts.verb}; it must be one {verb}")


def _table(declared: OperationDeclared, parts: Parts, place: Place) -> Iterator[Problem]:
    if parts.table != declared.table:
        yield Problem(place, f"is about {parts.table or 'no table'}, not {declared.table}")

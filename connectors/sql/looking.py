"""Declared finders of a database: one SELECT, by a number or by words, at most a few rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, or_
from sqlalchemy.engine import RowMapping

from connectors.declared import found
from connectors.declared.found import FieldType
from connectors.declared.kinds import Place, Problem
from connectors.errors import Rejected
from connectors.extras import not_installed
from connectors.money import MINOR_MAX
from connectors.operation import Finder, Record, Value
from connectors.sql import core
from connectors.sql.declaration import FinderOfRows, MoneyColumns, SqlDeclaration
from connectors.sql.parts import Constant, Parts
from connectors.sql.session import Session

ROWS_MAX = 200  # that the database may give for a description; which of them match is seen here
CURRENCY_CHARACTERS = 3  # ISO 4217
_FIELD_TYPES: Mapping[str, FieldType] = {"int": "int", "bool": "bool"}


@dataclass(frozen=True)
class Looking:
    """One declared finder, made ready. `kinds` are the types of the columns that it reads."""

    declared: FinderOfRows
    read: Select[Any]
    kinds: Mapping[str, str]
    scopes: frozenset[str]

    def find(self, session: Session, said: str) -> tuple[Record, ...]:
        """The record of a number that was said, or those that were described. Raises the tree."""
        with session.reading(self.scopes) as connection:
            is_numbered = False
            for condition in self._numbered(said):
                is_numbered = True
                rows = connection.execute(
                    self.read.where(condition).limit(self.declared.records_max)
                ).mappings()
                if records := tuple(map(self._record, rows)):
                    return records
            words = () if is_numbered else found.words(said)
            columns = tuple(e.column for e in self.declared.found_by if e.looks_like is None)
            if not words or not columns:
                return ()
            described = self.read.where(_holds(words, columns)).limit(ROWS_MAX + 1)
            every = connection.execute(described).mappings().all()
            if len(every) > ROWS_MAX:  # what was meant may be among those that were not given
                raise Rejected(
                    f"The letters of this stand in more than {ROWS_MAX}"
                    f" {self.declared.noun} records, too many to be compared.",
                    next_step=f"Say the number of the {self.declared.noun}, or its whole name.",
                )
            texts = {index: _texts(row, columns) for index, row in enumerate(every)}
            meant = found.meant(words, texts)[: self.declared.records_max]
            return tuple(self._record(every[index]) for index in meant)

    def _numbered(self, said: str) -> Iterator[ColumnElement[bool]]:
        shaped = [each for each in self.declared.found_by if each.looks_like is not None]
        for index, each in enumerate(shaped):
            if numbers := found.numbers(said, each.looks_like or "", is_first=index == 0):
                yield column(each.column).in_(numbers)

    def _record(self, row: RowMapping) -> Record:
        fields = {
            name: self._money(row, kind)
            if isinstance(kind, MoneyColumns)
            else self._value(row, name)
            for name, kind in self.declared.fields.items()
        }
        return found.record(self.declared, fields)

    def _money(self, row: RowMapping, columns: MoneyColumns) -> Value:
        minor, currency = self._value(row, columns.minor), self._value(row, columns.currency)
        if len(currency) != CURRENCY_CHARACTERS or not currency.isascii() or not currency.isupper():
            raise self._unreadable(columns.currency, "is no currency as ISO 4217 writes it")
        return {"minor": minor, "currency": currency}

    def _value(self, row: RowMapping, name: str) -> Value:
        kind = self.kinds[name]
        try:
            value = core.to_json(row[name], kind.rstrip("?"))
        except ValueError as error:
            raise self._unreadable(name, f"is declared as {kind} and holds {error}") from None
        if value is None and not kind.endswith("?"):
            raise self._unreadable(name, f"is empty, which {kind} rules out")
        if type(value) is int and abs(value) > MINOR_MAX:
            raise self._unreadable(name, "is beyond 2**53 - 1")
        return "" if value is None else value

    def _unreadable(self, name: str, why: str) -> Rejected:
        return Rejected(
            f"The column {name} of a {self.declared.noun} {why}.",
            next_step="Correct the record, or the declaration of the finder.",
        )


def finder(
    declaration: SqlDeclaration, verb: str, declared: FinderOfRows, problems: list[Problem]
) -> Finder | None:
    """One finder, or None where there are problems with it, which are added with their places."""
    try:
        from connectors.sql.statements import StatementError, take_list_apart
    except ImportError:
        raise not_installed("declared SQL databases", "sql") from None
    place: Place = ("finders", verb)
    kinds = _kinds(declared)
    types = {name: _field_type(kind) for name, kind in declared.fields.items()}
    wrong = found.problems(declared, types) + list(_of_fields(declared))
    try:
        parts = take_list_apart(declared.read, declaration.database)
        wrong += _of_read(declared, parts, kinds)
    except StatementError as error:
        wrong.append(Problem(("read",), str(error)))
    if wrong:
        problems += [Problem((*place, *each.place), each.message) for each in wrong]
        return None
    scopes = frozenset({f"{declared.scope or declaration.system}:read"})
    bare = {name: kind.rstrip("?") for name, kind in kinds.items()}
    its = Looking(declared, core.listing(parts, bare), kinds, scopes)
    return Finder(
        name=f"{declaration.system}.{verb}",
        title=declared.title,
        system=declaration.title,
        scopes=scopes,
        field_types=types,
        find=its.find,
        records_max=declared.records_max,
    )


def _kinds(declared: FinderOfRows) -> dict[str, str]:
    """Every column that is read, with its type."""
    kinds: dict[str, str] = {}
    for name, kind in declared.fields.items():
        if isinstance(kind, MoneyColumns):
            kinds |= {kind.minor: "int"}
            kinds.setdefault(kind.currency, "text")
        else:
            kinds[name] = kind
    return kinds


def _field_type(kind: str | MoneyColumns) -> FieldType:
    return "money" if isinstance(kind, MoneyColumns) else _FIELD_TYPES.get(kind, "string")


def _of_fields(declared: FinderOfRows) -> Iterator[Problem]:
    for name, kind in declared.fields.items():
        place: Place = ("fields", name)
        if kind in ("int?", "bool?"):
            yield Problem(place, f"{name} may not be empty; make a view in which it never is")
        if isinstance(kind, MoneyColumns):
            wanted = ((kind.minor, "int"), (kind.currency, "text"))
            for of, needed in wanted:
                if isinstance(other := declared.fields.get(of), str) and other != needed:
                    yield Problem(place, f"{of} is a field of another type than {needed}")


def _of_read(declared: FinderOfRows, parts: Parts, kinds: Mapping[str, str]) -> Iterator[Problem]:
    place: Place = ("read",)
    if set(parts.reads) != set(kinds):
        odd = ", ".join(sorted(set(parts.reads) ^ set(kinds)))
        yield Problem(place, f"reads other columns than the fields need: {odd}")
    for each in parts.where:
        if not isinstance(each.value, Constant):
            yield Problem(place, "WHERE compares with constants; found_by says what is looked for")
        if each.column not in kinds:
            yield Problem(place, f"WHERE names a column that is not read: {each.column}")
    for name, _ in parts.order:
        if name not in kinds:
            yield Problem(place, f"ORDER BY names a column that is not read: {name}")
    for index, by in enumerate(declared.found_by):
        if kinds.get(by.column, "").rstrip("?") != "text":
            yield Problem(("found_by", index), f"{by.column} is not among the fields as text")


def _holds(words: tuple[str, ...], columns: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether each word stands in one of the columns, whatever its case; % and _ are themselves."""
    return and_(
        *(
            or_(*(column(name).icontains(word, autoescape=True) for name in columns))
            for word in words
        )
    )


def _texts(row: RowMapping, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row[name] or "") for name in columns)

"""The part of SOQL that the stand-in answers; anything else is malformed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

_QUERY = re.compile(
    r"SELECT (?P<columns>[\w., ]+) FROM (?P<source>\w+)(?: WHERE (?P<where>.+?))?"
    r"(?: ORDER BY (?P<order>\w+)(?P<down> DESC)?)? LIMIT (?P<limit>\d+)",
    re.S,
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\['\"\\nrtbf_%])*')|(?P<word>[\w.]+)|(?P<sign>!=|[=(),]))"
)
_BOOLEANS = {"true": True, "false": False}
_ESCAPE = re.compile(r"\\(.)", re.S)
_MEANING = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class MalformedQueryError(Exception):
    """No query that this stand-in, or Salesforce, understands."""


@dataclass(frozen=True)
class Query:
    """A query that can be run over rows."""

    columns: tuple[str, ...]
    source: str
    test: Test
    order: str
    is_down: bool
    rows_max: int

    def run(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The matching rows with their columns. KeyError for a column that there is not."""
        found = [row for row in rows if self.test(row)]
        if self.order:
            found.sort(key=lambda row: str(row[self.order]), reverse=self.is_down)
        return [self._columns(row) for row in found[: self.rows_max]]

    def _columns(self, row: Row) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": {"type": self.source}}
        for column in self.columns:
            relation, dot, name = column.partition(".")
            if dot:
                shown.setdefault(relation, {})[name] = row[relation][name]
            else:
                shown[column] = row[column]
        return shown


def parsed(soql: str) -> Query:
    """Raises MalformedQueryError."""
    found = _QUERY.fullmatch(soql)
    if found is None:
        raise MalformedQueryError("unexpected token")
    return Query(
        tuple(column.strip() for column in found["columns"].split(",")),
        found["source"],
        _Where(_tokens(found["where"])).read() if found["where"] else lambda _: True,
        found["order"] or "",
        bool(found["down"]),
        int(found["limit"]),
    )


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise MalformedQueryError(f"unexpected character at {at}")
        tokens.append(found.group().strip() if not found["text"] else found["text"])
        at = found.end()
    return tokens


class _Where:
    """Conditions, read from left to right: AND binds before OR."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def read(self) -> Test:
        test = self._any()
        if self.tokens:
            raise MalformedQueryError(f"unexpected token: {self.tokens[0]}")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("OR"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._takes("AND"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._takes("("):
            test = self._any()
            self._want(")")
            return test
        column, sign = self._next(), self._next()
        if sign == "=":
            value = _literal(self._next())
            return lambda row: _of(row, column) == value
        if sign == "!=" and self._takes("null"):
            return lambda row: _of(row, column) is not None
        if sign == "LIKE":
            pattern = _pattern(self._next())
            return lambda row: bool(pattern.fullmatch(str(_of(row, column) or "")))
        if sign == "IN":
            values = self._list()
            return lambda row: _of(row, column) in values
        raise MalformedQueryError(f"unexpected token: {sign}")

    def _list(self) -> list[Any]:
        self._want("(")
        values = [_literal(self._next())]
        while self._takes(","):
            values.append(_literal(self._next()))
        self._want(")")
        return values

    def _next(self) -> str:
        if not self.tokens:
            raise MalformedQueryError("unexpected end")
        return self.tokens.pop(0)

    def _takes(self, token: str) -> bool:
        if self.tokens[:1] == [token]:
            del self.tokens[0]
            return True
        return False

    def _want(self, token: str) -> None:
        if not self._takes(token):
            raise MalformedQueryError(f"expecting {token}")


def _literal(token: str) -> Any:
    if token in _BOOLEANS:
        return _BOOLEANS[token]
    if not token.startswith("'"):
        raise MalformedQueryError(f"unexpected token: {token}")
    return _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), token[1:-1])


def _pattern(token: str) -> re.Pattern[str]:
    """LIKE: % is anything, _ one character, without regard to case."""
    if not token.startswith("'"):
        raise MalformedQueryError(f"unexpected token: {token}")
    parts = re.findall(r"\\.|[^\\]", token[1:-1], re.S)
    meaning = {"%": ".*", "_": "."}
    return re.compile(
        "".join(
            re.escape(_MEANING.get(part[1], part[1]))
            if part.startswith("\\")
            else meaning.get(part, re.escape(part))
            for part in parts
        ),
        re.I | re.S,
    )


def _of(row: Row, column: str) -> Any:
    value: Any = row
    for name in column.split("."):
        value = value[name]
    return value

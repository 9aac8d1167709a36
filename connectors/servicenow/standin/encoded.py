"""Encoded queries as an instance reads them, refusing what it would leave out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from connectors.servicenow.session import ME, ME_BY_EXPRESSION
from connectors.servicenow.standin.refusing import RefusedError

Row = Mapping[str, str]
Matches = Callable[[Row], bool]

_CONDITION = re.compile(r"(?P<field>[a-z_.]+)(?P<operator>!=|=|LIKE|IN|DYNAMIC)(?P<value>.*)", re.S)


def select(
    rows: list[Row], query: str, me: str, *, is_lenient: bool, has_filters: bool
) -> list[Row]:
    """The rows that match, in the query's order."""
    order: list[tuple[str, bool]] = []
    groups: list[list[Matches]] = []
    for part in query.split("^") if query else ():
        if part.startswith("ORDERBY"):
            falls = part.startswith("ORDERBYDESC")
            order.append((part.removeprefix("ORDERBY").removeprefix("DESC"), falls))
            continue
        is_or = part.startswith("OR")
        matches = _condition(
            part.removeprefix("OR") if is_or else part, rows, me, is_lenient, has_filters
        )
        if matches is None:
            continue
        if is_or and groups:
            groups[-1].append(matches)
        else:
            groups.append([matches])
    found = [row for row in rows if all(any(m(row) for m in group) for group in groups)]
    for field, falls in reversed(order):
        found.sort(key=lambda row, by=field: row.get(by, ""), reverse=falls)  # type: ignore[misc]
    return found


def _condition(
    part: str, rows: list[Row], me: str, is_lenient: bool, has_filters: bool
) -> Matches | None:
    if is_lenient:  # as if it understood none of it
        return None
    if part == f"sys_id={ME_BY_EXPRESSION}":
        return lambda row: row["sys_id"] == me
    match = _CONDITION.fullmatch(part)
    field = match["field"] if match else ""
    if match is None or (rows and field not in rows[0]) or "javascript:" in part.lower():
        raise RefusedError(400, "Invalid query", f"The stand-in does not take {part[:40]!r}.")
    operator, value = match["operator"], match["value"]
    if operator == "DYNAMIC" and not has_filters:
        return None
    if operator == "DYNAMIC":
        if value != ME:
            raise RefusedError(400, "Invalid query", "The stand-in has the filter Me alone.")
        return lambda row: row[field] == me
    return {
        "=": lambda row: row[field].lower() == value.lower(),
        "!=": lambda row: row[field].lower() != value.lower(),
        "LIKE": lambda row: value.lower() in row[field].lower(),
        "IN": lambda row: row[field] in value.split(","),
    }[operator]

"""What the finders share: a person's words as the WHERE of a query, and its records.

A number or an id names a record or none: it never falls back to likeness.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from connectors.salesforce.ids import full, is_id
from connectors.salesforce.session import Session
from connectors.salesforce.soql import holds, quoted, select
from connectors.saying import safe
from connectors.wire import Call

SCOPES = frozenset({"records:read"})
RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 6  # words that narrow the search
LABEL_CHARACTERS_MAX = 80
_STOP_WORDS = frozenset(
    "a an and by deal account accounts case cases customer field for from her his in is it its my"  # noqa: SIM905 - reads best as prose
    " of on opportunities opportunity our please s set stage that the their them this to update"
    " was with your".split()
)


def ids(words: str, object_name: str) -> tuple[str, ...]:
    """The ids of an object among the words, each once and in 18 characters."""
    words = words[:WORDS_CHARACTERS_MAX]
    named = re.findall(r"(?<![A-Za-z0-9])[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?(?![A-Za-z0-9])", words)
    found = (full(each[:15]) for each in named if is_id(object_name, each))
    return tuple(dict.fromkeys(found))[:RECORDS_MAX]


def among(field: str, values: tuple[str, ...]) -> str:
    """The condition that a field is one of these."""
    return f"{field} IN ({', '.join(quoted(value) for value in values)})"


def alike(words: str, fields: tuple[str, ...]) -> str:
    """The condition that each word is in one of the fields; "" where no word is left."""
    return " AND ".join(f"({_any(fields, (word,))})" for word in _wanted(words))


def alike_by_own(words: str, own: str, other: str) -> str:
    """As `alike` of both fields, with one word at least in the record's `own`: a customer's name
    alone is the customer's account and not all that belongs to it."""
    wanted = _wanted(words)
    return f"{alike(words, (own, other))} AND ({_any((own,), wanted)})" if wanted else ""


def _wanted(words: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFC", words[:WORDS_CHARACTERS_MAX]).casefold()
    found = re.findall(r"[^\W_]+", plain.replace("'s", "").replace("’s", ""))
    return tuple(dict.fromkeys(w for w in found if w not in _STOP_WORDS))[:WORDS_MAX]


def _any(fields: tuple[str, ...], words: tuple[str, ...]) -> str:
    return " OR ".join(f"{field} LIKE {holds(word)}" for word in words for field in fields)


def rows(
    session: Session, columns: tuple[str, ...], object_name: str, where: str
) -> list[Mapping[str, Any]]:
    """The matching records, those last changed first. Raises of the tree."""
    session.require(SCOPES)
    if not where:
        return []
    order = "LastModifiedDate DESC"
    soql = select(columns, object_name, where, order=order, rows_max=RECORDS_MAX)
    call = Call(f"the search for {object_name}", is_write=False, scope="records:read")
    return session.query(soql, call)[:RECORDS_MAX]


def text(row: Mapping[str, Any], *path: str) -> str:
    """A value of a row or of what it refers to, "" where it has none."""
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else safe(value)


def label(*parts: str) -> str:
    """One line for people."""
    line = ", ".join(part for part in parts if part)
    return line if len(line) <= LABEL_CHARACTERS_MAX else line[: LABEL_CHARACTERS_MAX - 1] + "…"

"""JQL that is made of values, never of somebody's words: every value is quoted here."""

from __future__ import annotations

import re

# Reserved in the text search of a `~` (Lucene's), besides JQL's own quotes and backslash.
_TEXT_RESERVED = re.compile(r"[^\w\s-]|_")


def quoted(value: str) -> str:
    """A value of JQL: in quotes, with quotes and backslashes escaped, in one line."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + " ".join(escaped.split()) + '"'


def words(value: str) -> str:
    """The words of a text as a value for `~`, without anything that its search understands as an
    operator; "" where nothing is left."""
    plain = _TEXT_RESERVED.sub(" ", value.lower())  # OR, AND and NOT are operators in capitals
    return " ".join(word.strip("-") for word in plain.split() if word.strip("-"))

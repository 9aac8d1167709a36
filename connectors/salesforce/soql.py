"""Text in queries: every value is quoted here, so that none of a person's words is a command."""

from __future__ import annotations

from collections.abc import Iterable

# "SOQL and SOSL Reference", Quoted String Escape Sequences.
_ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def select(
    columns: Iterable[str], source: str, where: str, *, order: str = "", rows_max: int = 1
) -> str:
    """One query. Names are our own or checked against the object; values are quoted by `quoted`."""
    parts = ["SELECT", ", ".join(columns), "FROM", source, "WHERE", where]
    parts += ["ORDER BY", order] if order else []
    return " ".join([*parts, "LIMIT", str(rows_max)])


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + "".join(_ESCAPES.get(c, c) for c in text) + "'"


def holds(text: str) -> str:
    """A pattern for LIKE: whatever holds the text, in which % and _ mean themselves."""
    inner = quoted(text)[1:-1].replace("%", "\\%").replace("_", "\\_")
    return f"'%{inner}%'"

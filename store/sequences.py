"""Short numbers for people to say: one row a sequence, so that both databases count alike."""

from __future__ import annotations

from sqlalchemy import Connection, text

_NEXT = text("UPDATE sequences SET value = value + 1 WHERE name = :name RETURNING value")


def next_number(tx: Connection, name: str) -> int:
    """The next number of a sequence, given back when the transaction rolls back."""
    return int(tx.execute(_NEXT, {"name": name}).scalar_one())

"""Short numbers for people to say: one row a sequence, so that both databases count alike."""

from __future__ import annotations

from sqlalchemy import Connection, text

_NEXT = text(
    "INSERT INTO sequences (name, value) VALUES (:name, 1001) "
    "ON CONFLICT (name) DO UPDATE SET value = sequences.value + 1 RETURNING value"
)


def next_number(tx: Connection, name: str) -> int:
    """The next number of a sequence, from 1001; given back when the transaction rolls back."""
    return int(tx.execute(_NEXT, {"name": name}).scalar_one())

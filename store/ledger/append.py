"""Appending: in the caller's transaction, so that a change and its record stand or fall together.

The head row is locked first, so that entries are numbered and linked one writer after another.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from store.errors import LedgerError
from store.ledger import leaf, merkle
from store.model import canonical
from store.model.entry import Entry


def _for_drivers(statement: str) -> dict[str, str]:
    """A statement as each driver wants it: this is the hot path, and goes past the compiler."""
    return {"sqlite": statement, "postgresql": re.sub(r":(\w+)", r"%(\1)s", statement)}


_HEAD = {
    "sqlite": "SELECT size, last, frontier FROM ledger_head WHERE id = 1",  # the file is locked
    "postgresql": "SELECT size, last, frontier FROM ledger_head WHERE id = 1 FOR UPDATE",
}
_INSERT = _for_drivers("INSERT INTO ledger_entries (seq, leaf, hash) VALUES (:seq, :leaf, :hash)")
_INSERT_BODY = _for_drivers(
    "INSERT INTO ledger_bodies (seq, part, salt, body) VALUES (:seq, :part, :salt, :body)"
)
_MOVE_HEAD = _for_drivers(
    "UPDATE ledger_head SET size = :size, root = :root, last = :last, frontier = :frontier "
    "WHERE id = 1"
)


def append(tx: Connection, entry: Entry, at: datetime) -> int:
    """Record one entry and return its sequence number, counted from 1.

    Raises LedgerError when it cannot be recorded; then nothing may be executed.
    """
    return append_many(tx, (entry,), at)


def append_many(tx: Connection, entries: Sequence[Entry], at: datetime) -> int:
    """Record several entries in order, and return the last one's sequence number."""
    if not entries:
        raise LedgerError("there is nothing to record; give at least one entry")
    dialect = tx.dialect.name
    head = tx.exec_driver_sql(_HEAD[dialect]).one_or_none()
    if head is None:
        raise LedgerError("the ledger has no head; run the migration, or restore a backup")
    size, last = int(head.size), bytes(head.last)
    frontier = _unpack(bytes(head.frontier))
    if len(frontier) != size.bit_count():
        raise LedgerError("the ledger's head does not fit its size; verify the ledger")
    rows: list[dict[str, object]] = []
    bodies: list[dict[str, object]] = []
    for entry in entries:
        seq = size + 1
        parts = [_sealed(entry, part) for part in sorted(entry.sensitive)]
        commitments = {
            sealed.part: leaf.commitment(sealed.salt, sealed.part, sealed.body) for sealed in parts
        }
        leaf_text = _encoded(entry, seq, at, last, commitments)
        last = merkle.leaf_hash(leaf_text.encode())
        merkle.extend(frontier, size, last)
        rows.append({"seq": seq, "leaf": leaf_text, "hash": last})
        bodies.extend(sealed._asdict() | {"seq": seq} for sealed in parts)
        size = seq
    tx.exec_driver_sql(_INSERT[dialect], rows)
    if bodies:
        tx.exec_driver_sql(_INSERT_BODY[dialect], bodies)
    tx.exec_driver_sql(
        _MOVE_HEAD[dialect],
        {
            "size": size,
            "root": merkle.frontier_root(frontier),
            "last": last,
            "frontier": b"".join(frontier),
        },
    )
    return size


class _Sealed(NamedTuple):
    """One sensitive part as it is stored, canonical text and salt."""

    part: str
    salt: bytes
    body: str


def _unpack(packed: bytes) -> list[bytes]:
    size = merkle.HASH_BYTES
    return [packed[start : start + size] for start in range(0, len(packed), size)]


def _sealed(entry: Entry, part: str) -> _Sealed:
    try:
        body = canonical.encode(entry.sensitive[part])
    except ValueError as error:
        raise LedgerError(
            f"part {part!r} of a {entry.kind} entry cannot be recorded: {error}"
        ) from error
    return _Sealed(part, secrets.token_bytes(leaf.SALT_BYTES), body)


def _encoded(entry: Entry, seq: int, at: datetime, prev: bytes, commitments: dict[str, str]) -> str:
    try:
        return leaf.encode(entry, seq, at, prev, commitments)
    except ValueError as error:
        run = f" of {entry.run_id}" if entry.run_id else ""
        raise LedgerError(f"a {entry.kind} entry{run} cannot be recorded: {error}") from error

"""Erasing one sensitive part: its text and salt go, the entry and the erasure's record stay.

Bytes may survive in backups, in PostgreSQL's write-ahead log and on copy-on-write disks.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from store.errors import LedgerError
from store.ledger.append import append
from store.model.entry import Entry, Kind

_FIND = text(
    "SELECT e.run_id FROM ledger_entries e JOIN ledger_bodies b ON b.seq = e.seq "
    "WHERE e.seq = :seq AND b.part = :part"
)
_ERASE = text("DELETE FROM ledger_bodies WHERE seq = :seq AND part = :part")


def redact(tx: Connection, seq: int, part: str, why: str, actor: str, at: datetime) -> int:
    """Erase `part` of entry `seq` and return the number of the entry that records it.

    Raises LedgerError when there is no such part, or it was erased before.
    """
    found = tx.execute(_FIND, {"seq": seq, "part": part}).one_or_none()
    if found is None:
        raise LedgerError(
            f"entry {seq} has no part {part!r} to erase; it never had one or it is erased already"
        )
    entry = Entry(
        kind=Kind.REDACTION,
        run_id=found.run_id,
        actor=actor,
        data={"seq": seq, "part": part, "why": why},
    )
    recorded = append(tx, entry, at)
    tx.execute(_ERASE, {"seq": seq, "part": part})
    return recorded

"""Which processes execute runs, and when each was last seen: whoever falls silent is dead, and what
it had begun is taken over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from store.clock import to_us

_SEE = text(
    "INSERT INTO executors (id, seen_at_us) VALUES (:id, :now) "
    "ON CONFLICT (id) DO UPDATE SET seen_at_us = :now"
)
_SILENT = text("SELECT id FROM executors WHERE seen_at_us < :since ORDER BY id")
_FORGET = text("DELETE FROM executors WHERE id = :id AND seen_at_us < :since")


def see(tx: Connection, executor_id: str, now: datetime) -> None:
    """This process is alive."""
    tx.execute(_SEE, {"id": executor_id, "now": to_us(now)})


def silent(cx: Connection, since: datetime) -> tuple[str, ...]:
    """The processes that were last seen before `since`."""
    return tuple(cx.execute(_SILENT, {"since": to_us(since)}).scalars())


def forget(tx: Connection, executor_id: str, since: datetime) -> None:
    """A process that is still silent is not looked for any more."""
    tx.execute(_FORGET, {"id": executor_id, "since": to_us(since)})

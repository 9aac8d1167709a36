"""What is to be taken back by itself when its time has come: one row a step of an applied run.

A subject is the record by the system's own name. Of several grants of the same, the first row keeps
what was there before any of them, so a later grant moves that row instead of bringing its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from store.clock import from_us, to_us


class EndingStatus(StrEnum):
    """Where an ending stands."""

    PENDING = "pending"
    ENDED = "ended"
    STUCK = "stuck"  # a person has to
    DROPPED = "dropped"  # a later grant of the same has no end


@dataclass(frozen=True)
class Ending:
    """A step that ends at `due_at`; it is tried at `next_at`, after `attempts` that failed."""

    run_id: str
    step: int
    subject: str
    due_at: datetime
    next_at: datetime
    attempts: int


_ADD = text(
    "INSERT INTO endings (run_id, step, subject, due_at_us, next_at_us, attempts, status) "
    "VALUES (:run_id, :step, :subject, :due_at, :due_at, 0, 'pending') "
    "ON CONFLICT (run_id, step) DO NOTHING"
)
_MOVE = text(
    "UPDATE endings SET due_at_us = :due_at, next_at_us = :due_at, attempts = 0 "
    "WHERE subject = :subject AND status = 'pending' AND run_id <> :run_id"
)
_DROP = text(
    "UPDATE endings SET status = 'dropped' "
    "WHERE subject = :subject AND status = 'pending' AND run_id <> :run_id"
)
_DUE = text(
    "SELECT run_id, step, subject, due_at_us, next_at_us, attempts FROM endings "
    "WHERE status = 'pending' AND next_at_us <= :now ORDER BY next_at_us, run_id, step LIMIT :count"
)
_OF_RUN = text(
    "SELECT run_id, step, subject, due_at_us, next_at_us, attempts FROM endings "
    "WHERE run_id = :run_id AND status = 'pending' ORDER BY step"
)
_CLAIM = text(
    "UPDATE endings SET next_at_us = :until, attempts = attempts + 1 WHERE run_id = :run_id "
    "AND step = :step AND status = 'pending' AND next_at_us = :seen"
)
_LATER = text(
    "UPDATE endings SET next_at_us = :next_at WHERE run_id = :run_id AND step = :step "
    "AND status = 'pending'"
)
_SETTLE = text(
    "UPDATE endings SET status = :status WHERE run_id = :run_id AND step = :step "
    "AND status = 'pending'"
)


def add(tx: Connection, run_id: str, step: int, subject: str, due_at: datetime) -> None:
    """Keeps it; once for one step."""
    row = {"run_id": run_id, "step": step, "subject": subject, "due_at": to_us(due_at)}
    tx.execute(_ADD, row)


def move(tx: Connection, run_id: str, subject: str, due_at: datetime) -> bool:
    """The subject's ending of an earlier run comes at another time. False where none is pending."""
    row = {"run_id": run_id, "subject": subject, "due_at": to_us(due_at)}
    return bool(tx.execute(_MOVE, row).rowcount)


def drop(tx: Connection, run_id: str, subject: str) -> None:
    """What earlier runs were to end of the subject stays."""
    tx.execute(_DROP, {"run_id": run_id, "subject": subject})


def due(cx: Connection, now: datetime, count_max: int) -> tuple[Ending, ...]:
    """Those whose time has come, the longest overdue first."""
    return tuple(_read(row) for row in cx.execute(_DUE, {"now": to_us(now), "count": count_max}))


def of_run(cx: Connection, run_id: str) -> tuple[Ending, ...]:
    """Those of a run that are still to come."""
    return tuple(_read(row) for row in cx.execute(_OF_RUN, {"run_id": run_id}))


def claim(tx: Connection, ending: Ending, until: datetime) -> bool:
    """It is this process's until then. False where another was quicker, or it was moved."""
    seen = {"seen": to_us(ending.next_at), "until": to_us(until)}
    return bool(tx.execute(_CLAIM, {**_key(ending), **seen}).rowcount)


def later(tx: Connection, ending: Ending, next_at: datetime) -> None:
    """It is tried again then."""
    tx.execute(_LATER, {**_key(ending), "next_at": to_us(next_at)})


def settle(tx: Connection, ending: Ending, status: EndingStatus) -> bool:
    """It has ended, or a person has to. False where that was recorded before."""
    return bool(tx.execute(_SETTLE, {**_key(ending), "status": status.value}).rowcount)


def _key(ending: Ending) -> dict[str, Any]:
    return {"run_id": ending.run_id, "step": ending.step}


def _read(row: Row[Any]) -> Ending:
    return Ending(
        run_id=row.run_id,
        step=row.step,
        subject=row.subject,
        due_at=from_us(row.due_at_us),
        next_at=from_us(row.next_at_us),
        attempts=row.attempts,
    )

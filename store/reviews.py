"""What people said of runs that ran by themselves: one review a run. The first counts, unless it
says right and a later one says wrong: nobody takes an objection away by being faster."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, text

from store.clock import from_us, to_us
from store.model.values import Frozen


class Review(Frozen):
    """One person's verdict on what a run did. `reason` says what was wrong, and may be empty where
    it was right."""

    run_id: str
    person_id: str
    is_right: bool
    reason: str
    at: datetime


_ADD = text(
    "INSERT INTO reviews (run_id, person_id, is_right, reason, at_us) "
    "VALUES (:run_id, :person_id, :is_right, :reason, :at_us) ON CONFLICT (run_id) DO UPDATE SET "
    "person_id = :person_id, is_right = :is_right, reason = :reason, at_us = :at_us "
    "WHERE reviews.is_right = 1 AND :is_right = 0"
)
_OF = text("SELECT * FROM reviews WHERE run_id IN :run_ids").bindparams(
    bindparam("run_ids", expanding=True)
)


def add(tx: Connection, review: Review) -> bool:
    """Record a review. False when the run has one already that stands."""
    row = review.model_dump(exclude={"at", "is_right"})
    row |= {"is_right": int(review.is_right), "at_us": to_us(review.at)}
    return tx.execute(_ADD, row).rowcount == 1


def of(cx: Connection, run_ids: Collection[str]) -> dict[str, Review]:
    """The reviews of these runs, by run; a run without one is not in it."""
    rows = cx.execute(_OF, {"run_ids": sorted(run_ids)}).all() if run_ids else ()
    return {row.run_id: _review(row) for row in rows}


def _review(row: Row[tuple[object, ...]]) -> Review:
    return Review(
        run_id=row.run_id,
        person_id=row.person_id,
        is_right=bool(row.is_right),
        reason=row.reason,
        at=from_us(row.at_us),
    )

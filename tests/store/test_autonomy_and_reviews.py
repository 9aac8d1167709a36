"""Levels are a history of which the newest counts; a review is given once."""

from __future__ import annotations

from datetime import datetime, timedelta

from store import autonomy, reviews
from store.autonomy import Earned
from store.database import Database
from store.reviews import Review


def earned(level: int, at: datetime, workflow: str = "refund", where: str = "sandbox") -> Earned:
    return Earned(
        workflow=workflow, environment=where, level=level, actor="Kim", because="so", at=at
    )


def test_the_newest_level_holds_in_its_own_environment(db: Database, now: datetime) -> None:
    later = now - timedelta(days=1)  # the order of writing decides, not the clocks of two processes
    with db.begin() as tx:
        first = autonomy.add(tx, earned(3, now))
        second = autonomy.add(tx, earned(2, later))
        autonomy.add(tx, earned(4, now, where="production"))
        autonomy.add(tx, earned(3, now, "cancel-order"))
    assert second > first
    with db.read() as cx:
        assert autonomy.present(cx, "refund", "sandbox") == earned(2, later)
        assert autonomy.history(cx, "refund", "sandbox") == (earned(2, later), earned(3, now))
        assert autonomy.present(cx, "change-address", "sandbox") is None
        assert autonomy.present_each(cx, "sandbox") == (
            earned(3, now, "cancel-order"),
            earned(2, later),
        )


def test_the_first_review_of_a_run_counts(db: Database, now: datetime) -> None:
    first = Review(run_id="R-1001", person_id="P-1", is_right=False, reason="why", at=now)
    with db.begin() as tx:
        assert reviews.add(tx, first)
        assert not reviews.add(tx, first.model_copy(update={"is_right": True, "person_id": "P-2"}))
    with db.read() as cx:
        assert reviews.of(cx, ["R-1001", "R-1002"]) == {"R-1001": first}
        assert reviews.of(cx, []) == {}


def test_a_review_that_says_wrong_stands_instead_of_one_that_says_right(
    db: Database, now: datetime
) -> None:
    right = Review(run_id="R-1001", person_id="P-1", is_right=True, reason="", at=now)
    wrong = right.model_copy(update={"is_right": False, "person_id": "P-2", "reason": "no"})
    with db.begin() as tx:
        assert reviews.add(tx, right)
        assert not reviews.add(tx, right.model_copy(update={"person_id": "P-3"}))
        assert reviews.add(tx, wrong)
        assert not reviews.add(tx, wrong.model_copy(update={"person_id": "P-3"}))
        assert reviews.of(tx, ["R-1001"]) == {"R-1001": wrong}

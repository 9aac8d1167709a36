"""Costs add up exactly; a digest is posted once a channel and day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from store import digests, meters
from store.database import Database
from store.meters import Total


def test_costs_add_up_by_run_and_by_source(db: Database, now: datetime) -> None:
    later = now + timedelta(hours=1)
    with db.begin() as tx:
        meters.charge(tx, "R-1", "planner", 3_000, 1, now)
        meters.charge(tx, "R-1", "connector", 5, 3, now)
        meters.charge(tx, "R-2", "planner", 2**40, 1, later)
        assert meters.totals(tx, "R-1") == Total(micro_usd=3_005, calls=4)
        assert meters.totals(tx, "R-9") == Total(micro_usd=0, calls=0)
        assert meters.between(tx, now, later) == {
            "connector": Total(micro_usd=5, calls=3),
            "planner": Total(micro_usd=3_000, calls=1),
        }
        both = meters.between(tx, now, later + timedelta(microseconds=1))
        assert both["planner"] == Total(micro_usd=2**40 + 3_000, calls=2)


def test_what_is_only_estimated_is_told_apart_until_it_is_known(
    db: Database, now: datetime
) -> None:
    with db.begin() as tx:
        meters.charge(tx, "R-1", "planner", 50, 0, now, 50)
        meters.charge(tx, "R-1", "planner", 70, 0, now, 70)
        assert meters.totals(tx, "R-1") == Total(micro_usd=120, calls=0, estimate_micro_usd=120)
        meters.charge(tx, "R-1", "planner", 9 - 50, 1, now, -50)
        known = Total(micro_usd=79, calls=1, estimate_micro_usd=70)
        assert meters.of_run(tx, "R-1") == {"planner": known}
        assert meters.between(tx, now, now + timedelta(hours=1)) == {"planner": known}


def test_digest_is_posted_once_a_channel_and_day(db: Database) -> None:
    day = date(2026, 11, 21)
    with db.begin() as tx:
        assert digests.posted(tx, "C1", day)
    with db.begin() as tx:
        assert not digests.posted(tx, "C1", day)
        assert digests.posted(tx, "C2", day)
        assert digests.posted(tx, "C1", day + timedelta(days=1))

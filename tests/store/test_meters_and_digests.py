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


def test_digest_is_posted_once_a_channel_and_day(db: Database) -> None:
    day = date(2026, 11, 21)
    with db.begin() as tx:
        assert digests.posted(tx, "C1", day)
    with db.begin() as tx:
        assert not digests.posted(tx, "C1", day)
        assert digests.posted(tx, "C2", day)
        assert digests.posted(tx, "C1", day + timedelta(days=1))

"""What runs have asked for lately, on both databases, one at a time and at once."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

import pytest

from policies.counters import WINDOW_MAX
from store import reservations
from store.database import Database
from store.model.reservation import Reservation, Tally

DAY = timedelta(days=1)


def one(subject: str = "s", amount_minor: int = 100, **more: str) -> Reservation:
    fields = {"counter": "c", "currency": "USD", **more}
    return Reservation(subject=subject, amount_minor=amount_minor, **fields)


def reserve(db: Database, run_id: str, at: datetime, *wanted: Reservation) -> None:
    with db.begin() as tx:
        reservations.replace(tx, run_id, wanted or (one(),), at)


def reserve_and_do(db: Database, run_id: str, at: datetime, *wanted: Reservation) -> None:
    reserve(db, run_id, at, *wanted)
    with db.begin() as tx:
        reservations.date(tx, run_id, at)


def tally(
    db: Database,
    run_id: str,
    now: datetime,
    subjects: Collection[str] = ("s",),
    currency: str = "USD",
) -> tuple[int, int]:
    with db.read() as cx:
        found = reservations.tally(cx, run_id, "c", subjects, currency, now - DAY)
    return found.count, found.sum_minor


def test_a_run_counts_what_others_reserved_before_it_and_not_itself(
    db: Database, now: datetime
) -> None:
    assert tally(db, "R-1", now) == (0, 0)
    reserve(db, "R-1", now)
    reserve(db, "R-2", now, one(amount_minor=250))
    assert tally(db, "R-1", now) == (0, 0)
    assert tally(db, "R-2", now) == (1, 100)
    assert tally(db, "R-3", now) == (2, 350)


def test_a_window_ends_to_the_microsecond(db: Database, now: datetime) -> None:
    reserve_and_do(db, "R-1", now - DAY)
    assert tally(db, "R-2", now) == (0, 0)
    reserve_and_do(db, "R-1", now - DAY + timedelta(microseconds=1))
    assert tally(db, "R-2", now) == (1, 100)


def test_what_is_not_done_yet_counts_however_long_it_waits(db: Database, now: datetime) -> None:
    reserve(db, "R-1", now - 3 * DAY)
    assert tally(db, "R-2", now) == (1, 100)


def test_sums_are_kept_by_currency_and_counts_over_all(db: Database, now: datetime) -> None:
    reserve(db, "R-1", now)
    reserve(db, "R-2", now, one(amount_minor=9, currency="JPY"))
    assert tally(db, "R-3", now) == (2, 100)
    assert tally(db, "R-3", now, currency="JPY") == (2, 9)
    assert tally(db, "R-3", now, currency="EUR") == (2, 0)


def test_subjects_and_counters_are_apart_and_one_persons_names_are_together(
    db: Database, now: datetime
) -> None:
    reserve(db, "R-1", now, one("a"), one("a", counter="other"))
    reserve(db, "R-2", now, one("b"))
    assert tally(db, "R-3", now, ["a"]) == (1, 100)
    assert tally(db, "R-3", now, ["c"]) == (0, 0)
    assert tally(db, "R-3", now, ["b", "a"]) == (2, 200)


def test_what_is_released_counts_no_more_and_what_is_done_counts_from_then(
    db: Database, now: datetime
) -> None:
    reserve(db, "R-1", now - DAY)
    reserve(db, "R-2", now)
    with db.begin() as tx:
        reservations.date(tx, "R-1", now - timedelta(hours=1))
        reservations.release(tx, "R-2")
    assert tally(db, "R-3", now) == (1, 100)
    assert tally(db, "R-2", now) == (1, 100)


def test_a_new_showing_replaces_what_the_run_reserved(db: Database, now: datetime) -> None:
    reserve(db, "R-1", now, one(), one(), one("t"))
    reserve(db, "R-1", now, one("t", 7))
    with db.read() as cx:
        assert reservations.of_run(cx, "R-1") == (one("t", 7),)
    assert tally(db, "R-2", now) == (0, 0)


@pytest.mark.parametrize("again", [one(), one(amount_minor=99)])
def test_asking_for_no_more_keeps_the_place_before_others(
    db: Database, now: datetime, again: Reservation
) -> None:
    reserve(db, "R-1", now)
    reserve(db, "R-2", now)
    reserve(db, "R-1", now, again)
    assert tally(db, "R-1", now) == (0, 0)
    assert tally(db, "R-2", now) == (1, again.amount_minor)


@pytest.mark.parametrize(
    "again", [(one(amount_minor=101),), (one(currency="EUR"),), (one(), one(amount_minor=0))]
)
def test_asking_for_more_goes_behind_the_others(
    db: Database, now: datetime, again: tuple[Reservation, ...]
) -> None:
    """Otherwise a small request would keep a place for a large one that nobody counts."""
    reserve(db, "R-1", now)
    reserve(db, "R-2", now)
    reserve(db, "R-1", now, *again)
    assert tally(db, "R-1", now)[0] == 1
    assert tally(db, "R-2", now) == (0, 0)


def test_what_no_window_reaches_any_more_is_forgotten(db: Database, now: datetime) -> None:
    assert reservations.KEPT >= WINDOW_MAX
    reserve_and_do(db, "R-1", now - reservations.KEPT)
    reserve_and_do(db, "R-2", now - reservations.KEPT + timedelta(seconds=1))
    reserve(db, "R-3", now - 2 * reservations.KEPT)
    reserve(db, "R-4", now)
    with db.read() as cx:
        assert reservations.of_run(cx, "R-1") == ()
        assert len(reservations.of_run(cx, "R-2")) == 1
        assert len(reservations.of_run(cx, "R-3")) == 1


def test_of_requests_at_once_each_sees_exactly_those_before_it(db: Database, now: datetime) -> None:
    seen: dict[str, Tally] = {}
    barrier = threading.Barrier(8)

    def propose(run_id: str) -> None:
        barrier.wait()
        with db.begin() as tx:
            reservations.replace(tx, run_id, [one()], now)
            seen[run_id] = reservations.tally(tx, run_id, "c", ["s"], "USD", now - DAY)

    threads = [threading.Thread(target=propose, args=(f"R-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(t.count for t in seen.values()) == list(range(8))
    assert sorted(t.sum_minor for t in seen.values()) == [100 * n for n in range(8)]
    for run_id, found in seen.items():  # and it stays so when they are asked again
        assert tally(db, run_id, now) == (found.count, found.sum_minor)

"""The outbox: nothing is posted twice by key, nothing is lost, one at a time in a thread."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from store import deliveries
from store.database import Database
from store.deliveries import Delivery
from store.model.request import Place

LEASE_SECONDS = 30
SECOND = timedelta(seconds=1)


def place(thread: str = "1.0") -> Place:
    return Place(surface="slack", team="T1", channel="C1", thread=thread)


def claim(db: Database, at: datetime, owner: str = "a", limit: int = 10) -> tuple[Delivery, ...]:
    with db.begin() as tx:
        return deliveries.claim_due(tx, at, limit, LEASE_SECONDS, owner)


def put(db: Database, key: str, now: datetime, thread: str = "1.0", kind: str = "card") -> bool:
    with db.begin() as tx:
        return deliveries.put(tx, key, "R-1001", kind, place(thread), {"text": key}, now)


def test_same_key_is_one_message(db: Database, now: datetime) -> None:
    assert put(db, "card:R-1001", now)
    assert not put(db, "card:R-1001", now)
    (found,) = claim(db, now)
    assert (found.key, found.place, found.body) == ("card:R-1001", place(), {"text": "card:R-1001"})
    assert (found.wanted, found.sent, found.message) == (1, 0, "")


def test_sent_message_is_not_due_until_its_run_changes(db: Database, now: datetime) -> None:
    put(db, "card", now)
    put(db, "summary", now, kind="summary")
    for _ in range(2):
        for found in claim(db, now):
            with db.begin() as tx:
                deliveries.sent(tx, found.id, found.wanted, f"m{found.id}")
    assert claim(db, now) == ()
    with db.begin() as tx:
        assert not deliveries.is_anything_due(tx, now)
        deliveries.touch(tx, "R-1001", now)
        assert deliveries.is_anything_due(tx, now)
    (card,) = claim(db, now)
    assert (card.kind, card.message, card.wanted, card.sent) == ("card", "m1", 2, 1)


def test_change_while_a_card_is_under_way_is_shown_afterwards(db: Database, now: datetime) -> None:
    put(db, "card", now)
    (first,) = claim(db, now)
    with db.begin() as tx:
        deliveries.touch(tx, "R-1001", now)
    assert claim(db, now) == ()  # still in flight
    with db.begin() as tx:
        deliveries.sent(tx, first.id, first.wanted, "m1")
    (second,) = claim(db, now)
    assert (second.message, second.wanted) == ("m1", 2)


def test_one_message_at_a_time_in_a_thread_and_in_order(db: Database, now: datetime) -> None:
    for key in ("a1", "a2", "a3"):
        put(db, key, now, "1.0")
    put(db, "b1", now, "2.0")
    assert [found.key for found in claim(db, now)] == ["a1", "b1"]
    assert claim(db, now, "b") == ()
    with db.begin() as tx:
        deliveries.sent(tx, 1, 1, "m1")
    assert [found.key for found in claim(db, now)] == ["a2"]


def test_limit_takes_the_oldest(db: Database, now: datetime) -> None:
    for number in range(5):
        put(db, f"k{number}", now, f"{number}.0")
    assert [found.key for found in claim(db, now, limit=2)] == ["k0", "k1"]
    assert [found.key for found in claim(db, now, limit=2)] == ["k2", "k3"]


def test_message_of_a_dead_process_is_claimed_when_its_lease_is_over(
    db: Database, now: datetime
) -> None:
    put(db, "card", now)
    assert len(claim(db, now, "a")) == 1
    assert claim(db, now + LEASE_SECONDS * SECOND - SECOND, "b") == ()
    assert len(claim(db, now + LEASE_SECONDS * SECOND, "b")) == 1


def test_failure_is_tried_again_later_and_kept_short(db: Database, now: datetime) -> None:
    put(db, "card", now)
    (found,) = claim(db, now)
    with db.begin() as tx:
        deliveries.retry(tx, found.id, now + 5 * SECOND, "rate limited \0" + "x" * 10_000)
    assert claim(db, now + 4 * SECOND) == ()
    (again,) = claim(db, now + 5 * SECOND)
    assert again.attempts == 1
    assert again.problem.startswith("rate limited x")
    assert len(again.problem) == deliveries.PROBLEM_CHARACTERS_MAX
    with db.begin() as tx:
        deliveries.sent(tx, again.id, again.wanted, "m1")
        (settled,) = deliveries.for_run(tx, "R-1001")
    assert (settled.attempts, settled.problem) == (0, "")


def test_given_up_message_rests_until_its_run_changes(db: Database, now: datetime) -> None:
    put(db, "card", now)
    with db.begin() as tx:
        deliveries.give_up(tx, claim_one(tx, now), "channel_not_found")
    assert claim(db, now + 3600 * SECOND) == ()
    with db.begin() as tx:
        deliveries.touch(tx, "R-1001", now)
    assert len(claim(db, now)) == 1


def claim_one(tx: object, now: datetime) -> int:
    (found,) = deliveries.claim_due(tx, now, 1, LEASE_SECONDS, "a")  # type: ignore[arg-type]
    return found.id


def test_unknown_card_that_is_clicked_is_adopted_once(db: Database, now: datetime) -> None:
    put(db, "card", now, "2.0")
    (card,) = claim(db, now)
    with db.begin() as tx:
        assert deliveries.adopt(tx, "R-1001", place(), "1.5", now)
        assert not deliveries.adopt(tx, "R-1001", place(), "1.5", now)
    (found,) = claim(db, now)
    assert (found.kind, found.message, found.sent) == ("card", "1.5", 0)
    with db.begin() as tx:
        deliveries.sent(tx, card.id, card.wanted, "2.5")
        assert not deliveries.adopt(tx, "R-1001", place("2.0"), "2.5", now)


def test_a_click_carries_no_run_to_a_channel_where_it_is_not_shown(
    db: Database, now: datetime
) -> None:
    put(db, "card", now)
    put(db, "digest", now, kind="digest")
    elsewhere = place().model_copy(update={"channel": "C2"})
    with db.begin() as tx:
        assert not deliveries.adopt(tx, "R-1001", elsewhere, "1.5", now)
        assert not deliveries.adopt(tx, "R-1002", place(), "1.5", now)
        assert not deliveries.adopt(
            tx, "R-1001", place().model_copy(update={"surface": "teams"}), "1.5", now
        )


def test_clicks_add_no_cards_without_end(db: Database, now: datetime) -> None:
    put(db, "card", now)
    with db.begin() as tx:
        adopted = [deliveries.adopt(tx, "R-1001", place(), f"1.{n}", now) for n in range(100)]
        assert sum(adopted) == deliveries.CARDS_PER_CHANNEL_MAX - 1


def test_cards_that_stand_in_a_channel_are_brought_up_to_date_again(
    db: Database, now: datetime
) -> None:
    put(db, "card", now)
    put(db, "never posted", now, "2.0")
    for found in claim(db, now):
        with db.begin() as tx:
            if found.key == "card":
                deliveries.sent(tx, found.id, found.wanted, "1.5")
                deliveries.touch(tx, "R-1001", now)
            deliveries.give_up(tx, found.id, "removed")
    with db.begin() as tx:
        deliveries.show_again(tx, "slack", "C2", now)
    assert claim(db, now) == ()
    with db.begin() as tx:
        deliveries.show_again(tx, "slack", "C1", now)
    assert [found.key for found in claim(db, now)] == ["card"]


def test_unknown_kind_is_refused(db: Database, now: datetime) -> None:
    with pytest.raises(ValueError, match="poem"):
        put(db, "x", now, kind="poem")


def test_looking_for_what_is_due_reads_what_is_not_sent_alone(
    tmp_path: Path, now: datetime
) -> None:
    database = Database(f"sqlite:///{tmp_path}/assent.db")
    database.migrate()
    with database.begin() as tx:
        for statement in (deliveries._CLAIM, deliveries._IS_DUE):
            explained = text(f"EXPLAIN QUERY PLAN {statement.text}")
            values = {"now": 1, "until": 2, "owner": "a", "limit": 5}
            wanted = {name: values[name] for name in explained._bindparams}
            details = [row.detail for row in tx.execute(explained, wanted)]
            scans = [found for found in details if found.startswith("SCAN ")]
            assert all("INDEX" in found or "CONSTANT" in found for found in scans), details
            assert any("deliveries_due" in found for found in details)
    database.close()

"""Runs: optimistic saves, dedupe, leases, and the questions that the flow asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from store import runs
from store.database import Database
from store.errors import StaleRunError, StoreRefusedError
from store.model.plan import Proposal
from store.model.run import Question, Run, Status

MakeRun = Callable[..., Run]


def test_ids_are_short_and_count_up(db: Database) -> None:
    with db.begin() as tx:
        assert [runs.next_id(tx) for _ in range(3)] == ["R-1001", "R-1002", "R-1003"]


def test_id_of_a_rolled_back_unit_is_given_again(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.begin() as tx:  # noqa: PT012 - one unit
        assert runs.next_id(tx) == "R-1001"
        raise ZeroDivisionError
    with db.begin() as tx:
        assert runs.next_id(tx) == "R-1001"


def test_run_comes_back_as_it_was_stored(
    db: Database, make_run: MakeRun, make_proposal: Callable[..., Proposal], now: datetime
) -> None:
    run = make_run(
        question=Question(
            slot="amount", text="How much? \0 <!channel> \u202e", choices=(("a", "b"),)
        ),
        proposal=make_proposal("R-1001", now),
        note="ünïcode 💸",
    )
    with db.begin() as tx:
        runs.insert(tx, run)
    with db.read() as cx:
        assert runs.get(cx, "R-1001") == run


@pytest.mark.parametrize(
    "run_id",
    ["", "R-", "R-9", "R-01001", "1001", "R-1001 ", "R-१००१", "R--1", "R-" + "9" * 400, "'; --"],
)
def test_unknown_or_malformed_id_names_no_run(db: Database, make_run: MakeRun, run_id: str) -> None:
    with db.begin() as tx:
        runs.insert(tx, make_run())
        assert runs.get(tx, run_id) is None


def test_second_of_two_saves_from_one_version_is_stale(db: Database, make_run: MakeRun) -> None:
    with db.begin() as tx:
        runs.insert(tx, make_run())
        runs.save(tx, make_run(version=2, note="first"))
    with pytest.raises(StaleRunError, match="R-1001 is not at version 1"), db.begin() as tx:
        runs.save(tx, make_run(version=2, note="second"))
    with db.read() as cx:
        found = runs.get(cx, "R-1001")
    assert found is not None
    assert found.note == "first"


def test_an_id_is_used_once(db: Database, make_run: MakeRun) -> None:
    with pytest.raises(StoreRefusedError), db.begin() as tx:  # noqa: PT012 - one unit
        runs.insert(tx, make_run())
        runs.insert(tx, make_run())


def test_event_delivered_again_names_its_first_run(db: Database) -> None:
    with db.begin() as tx:
        assert runs.seen_before(tx, ("event-1", "message-1"), "R-1001") is None
        assert runs.seen_before(tx, ("event-2", "message-1"), "R-1002") == "R-1001"
        assert runs.seen_before(tx, ("event-2",), "R-1003") == "R-1001"
        assert runs.seen_before(tx, ("event-3",), "") is None
        assert runs.seen_before(tx, ("event-3",), "R-1004") == ""
        assert runs.seen_before(tx, (), "R-1005") is None


def test_event_delivered_to_many_threads_at_once_makes_one_run(db: Database) -> None:
    answers = []

    def receive(number: int) -> None:
        with db.begin() as tx:
            answers.append(runs.seen_before(tx, ("event-1",), f"R-{number}"))

    threads = [threading.Thread(target=receive, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 8
    assert answers.count(None) == 1
    assert len(set(answers)) == 2


def test_runs_in_a_status_are_paged_by_number_not_by_text(db: Database, make_run: MakeRun) -> None:
    with db.begin() as tx:
        for number in (998, 999, 1000, 1001):
            runs.insert(tx, make_run(f"R-{number}"))
        runs.insert(tx, make_run("R-1002", status=Status.ASKING))
        first = runs.in_status(tx, (Status.RECEIVED,), 2)
        rest = runs.in_status(tx, (Status.RECEIVED, Status.ASKING), 9, after_id=first[-1].id)
        newest = runs.newest_in_status(tx, (Status.RECEIVED,), 2)
    assert [run.id for run in first] == ["R-998", "R-999"]
    assert [run.id for run in rest] == ["R-1000", "R-1001", "R-1002"]
    assert [run.id for run in newest] == ["R-1001", "R-1000"]


def test_waiting_and_asking_runs_fall_due(
    db: Database, make_run: MakeRun, make_proposal: Callable[..., Proposal], now: datetime
) -> None:
    later = now + timedelta(hours=4)
    day = timedelta(seconds=runs.QUESTION_OPEN_SECONDS_MAX)
    with db.begin() as tx:
        runs.insert(
            tx, make_run("R-1", status=Status.WAITING, proposal=make_proposal("R-1", later))
        )
        runs.insert(tx, make_run("R-2", status=Status.WAITING, proposal=make_proposal("R-2", now)))
        runs.insert(tx, make_run("R-3", status=Status.ASKING))
        runs.insert(tx, make_run("R-4", status=Status.APPLIED, proposal=make_proposal("R-4", now)))

        def due(at: datetime) -> list[str]:
            return [run.id for run in runs.due_to_expire(tx, at, 9)]

        assert due(now - timedelta(microseconds=1)) == []
        assert due(now) == ["R-2"]
        assert due(later) == ["R-2", "R-1"]
        assert due(now + day) == ["R-2", "R-1", "R-3"]


def test_people_find_what_they_asked_and_what_is_open(
    db: Database, make_run: MakeRun, now: datetime
) -> None:
    other = make_run().request.model_copy(update={"person_id": "P-1002"})
    with db.begin() as tx:
        runs.insert(tx, make_run("R-1"))
        runs.insert(tx, make_run("R-2", status=Status.APPLIED, settled_at=now))
        runs.insert(tx, make_run("R-3", request=other))
        runs.insert(tx, make_run("R-4", status=Status.WAITING))
        assert [run.id for run in runs.for_person(tx, "P-1001", 2)] == ["R-4", "R-2"]
        assert [run.id for run in runs.open_for_person(tx, "P-1001", 9)] == ["R-4", "R-1"]
        assert runs.waiting_count(tx) == 1
        counts = runs.counts(tx)
    assert counts[Status.RECEIVED] == 2
    assert counts[Status.STUCK] == 0
    assert Status.APPLIED not in counts


def test_settled_between_includes_the_start_and_not_the_end(
    db: Database, make_run: MakeRun, now: datetime
) -> None:
    with db.begin() as tx:
        assert not runs.is_any(tx)
        for number in range(1, 4):
            at = now + timedelta(hours=number)
            runs.insert(tx, make_run(f"R-{number}", status=Status.APPLIED, settled_at=at))
        assert runs.is_any(tx)
        found = runs.settled_between(tx, now + timedelta(hours=1), now + timedelta(hours=3))
    assert [run.id for run in found] == ["R-1", "R-2"]


def test_reply_in_a_thread_finds_the_run_that_asks_there(db: Database, make_run: MakeRun) -> None:
    place = make_run().request.place
    with db.begin() as tx:
        runs.insert(tx, make_run("R-1", status=Status.WAITING))
        assert runs.open_in_thread(tx, place) is None
        runs.insert(tx, make_run("R-2", status=Status.ASKING))
        found = runs.open_in_thread(tx, place)
        elsewhere = place.model_copy(update={"team": "T2"})
        assert runs.open_in_thread(tx, elsewhere) is None
    assert found is not None
    assert found.id == "R-2"


def test_what_a_person_owes_in_a_place_is_found_past_what_others_owe(
    db: Database, make_run: MakeRun
) -> None:
    place = make_run().request.place
    theirs = make_run().request.model_copy(update={"person_id": "P-1002"})
    with db.begin() as tx:
        runs.insert(tx, make_run("R-1", status=Status.ASKING))
        runs.insert(tx, make_run("R-2", status=Status.WAITING))
        runs.insert(tx, make_run("R-3", status=Status.ASKING, request=theirs))
        runs.insert(tx, make_run("R-4", status=Status.WAITING, request=theirs))
        found = [runs.asking_of(tx, place, who) for who in ("P-1001", "P-1002", "P-1003")]
        waiting = runs.waiting_of(tx, place, "P-1001", 5)
        elsewhere = place.model_copy(update={"surface": "teams"})
        assert runs.asking_of(tx, elsewhere, "P-1001") is None
    assert [run.id if run else "" for run in found] == ["R-1", "R-3", ""]
    assert [run.id for run in waiting] == ["R-2"]


def test_a_claimed_run_is_not_claimed_again_until_the_lease_is_over(
    db: Database, make_run: MakeRun, now: datetime
) -> None:
    def claim(owner: str, at: datetime) -> list[str]:
        with db.begin() as tx:
            return [run.id for run in runs.claim(tx, Status.RECEIVED, at, 30, owner, 2)]

    with db.begin() as tx:
        for number in (999, 1000, 1001):
            runs.insert(tx, make_run(f"R-{number}"))
    assert claim("a", now) == ["R-999", "R-1000"]
    assert claim("b", now) == ["R-1001"]
    assert claim("c", now + timedelta(seconds=29)) == []
    with db.begin() as tx:
        runs.release(tx, "R-999", "b")
        runs.release(tx, "R-1000", "a")
    assert claim("c", now + timedelta(seconds=29)) == ["R-1000"]
    assert claim("d", now + timedelta(seconds=30)) == ["R-999", "R-1001"]


def test_answered_run_is_claimable_at_once(db: Database, make_run: MakeRun, now: datetime) -> None:
    with db.begin() as tx:
        runs.insert(tx, make_run())
        runs.claim(tx, Status.RECEIVED, now, 30, "a", 1)
        runs.save(tx, make_run(version=2, note="still planning"))
        assert runs.claim(tx, Status.RECEIVED, now, 30, "b", 1) == ()
        runs.save(tx, make_run(version=3, status=Status.ASKING))
        runs.save(tx, make_run(version=4))
        assert len(runs.claim(tx, Status.RECEIVED, now, 30, "b", 1)) == 1


def test_queries_of_the_flow_use_indexes(tmp_path: object, make_run: MakeRun) -> None:
    database = Database(f"sqlite:///{tmp_path}/assent.db")
    database.migrate()
    statements = [
        runs._IN_STATUS, runs._NEWEST, runs._DUE, runs._FOR_PERSON, runs._OPEN_FOR_PERSON,
        runs._WAITING, runs._SETTLED, runs._ASKING, runs._CLAIM, runs._COUNTS, runs._SEEN,
    ]  # fmt: skip
    parameters = (
        dict.fromkeys(("after", "limit", "now", "start", "end", "until", "number"), 1)
        | dict.fromkeys(
            ("person_id", "channel", "thread", "surface", "team", "status", "owner"), "x"
        )
        | {"statuses": ["waiting"], "keys": ["a"]}
    )
    with database.begin() as tx:
        for statement in statements:
            explained = text(f"EXPLAIN QUERY PLAN {statement.text}").bindparams(
                *statement._bindparams.values()
            )
            wanted = {name: parameters[name] for name in statement._bindparams}
            details = [row.detail for row in tx.execute(explained, wanted)]
            assert not [d for d in details if d.startswith("SCAN runs") and "INDEX" not in d], (
                statement.text, details,
            )  # fmt: skip
    database.close()

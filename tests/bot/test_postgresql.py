"""The whole flow on a real PostgreSQL: store, ledger and engine in one database."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.incoming import Verb
from connectors.desk import faults
from store import ledger
from store.ledger.verify import verify
from store.model.entry import Kind
from store.model.run import Status

pytestmark = pytest.mark.slow
SMALL = "refund $40 on order 1043, arrived damaged"
HOSTILE = f"{SMALL} \x00 <!channel> \ud83d \U0001f600"

APPROVE_AND_DIE = """
import sys; from pathlib import Path
from tests.bot.conftest import Verb, World
from bot.planner.rules import RulesPlanner
world = World(Path(sys.argv[1]), RulesPlanner(), {"ASSENT_DATABASE_URL": sys.argv[2]})
run = world.run(world.last_id())
if run.status.value == "waiting":
    assert not world.press(Verb.APPROVE, run, "lead").is_refusal
    import os, signal
    world.until(run, lambda _: ("refund", "done") in world.steps(run))
    os.kill(os.getpid(), signal.SIGKILL)
print(world.settled(run, 60).status.value, flush=True)
world.assent.close()
"""


@pytest.fixture
def world(make_world: Callable[..., Any], postgresql_url: str) -> Any:
    """The world of the other tests, with its store on PostgreSQL."""
    return make_world(ASSENT_DATABASE_URL=postgresql_url)


def test_a_refund_is_asked_approved_executed_and_recorded(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    assert world.refunds() == [4000]
    assert world.kinds(run)[-2:] == [Kind.OUTCOME, Kind.SUMMARY]
    assert is_whole(world)


def test_the_engine_works_on_the_same_database(world: Any, postgresql_url: str) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    engine = create_engine(postgresql_url)

    def told(sql: str) -> list[Any]:
        with engine.connect() as cx:
            return list(cx.execute(text(sql)).scalars())

    # The engine notes the end of its workflow after the run has ended.
    world.until(run, lambda _: told("SELECT status FROM dbos.workflow_status") == ["SUCCESS"])
    assert told("SELECT count(*) FROM ledger_entries") != [0]
    engine.dispose()
    assert not (world.folder / "assent.db-wal").exists()


def test_a_failure_in_the_middle_is_compensated(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED
    assert world.refunds() == []
    assert is_whole(world)


def test_questions_rejections_and_hostile_words_are_stored(world: Any) -> None:
    asking = world.ask("refund order 1043, damaged")
    assert not world.press(Verb.ANSWER, asking, "agent", text="$4", digest="amount").is_refusal
    world.plan()
    world.press(Verb.REJECT, asking, "lead", text="no \x00\ud83d <!channel>")
    assert world.run(asking.id).status is Status.REJECTED
    hostile = world.ask(HOSTILE)
    assert hostile.request.text.startswith(SMALL)
    assert is_whole(world)


def test_two_people_approving_at_once_start_one_execution(world: Any) -> None:
    import threading

    run = world.ask(SMALL)
    barrier = threading.Barrier(2)

    def click(user: str) -> None:
        barrier.wait()
        world.press(Verb.APPROVE, run, user)

    threads = [threading.Thread(target=click, args=(user,)) for user in ("lead", "lead2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.settled(run).status is Status.APPLIED
    assert world.refunds() == [4000]


def test_the_digest_counts_and_is_posted_once(world: Any) -> None:
    world.approve(world.ask(SMALL), "lead")
    now = world.clock()
    assert world.assent.digests.post(now)
    assert not world.assent.digests.post(now)
    [total] = world.assent.digests.report(now).totals
    assert total.outcomes == {"applied": 1}


def test_an_execution_cut_by_a_kill_is_finished_once_after_the_start(
    made: Path, tmp_path: Path, postgresql_url: str
) -> None:
    folder = tmp_path / "state"
    shutil.copytree(made, folder)
    begin, _, _ = APPROVE_AND_DIE.partition("run =")
    ask = f"{begin}world.ask({SMALL!r}); world.assent.close()\n"
    assert process(ask, folder, postgresql_url).returncode == 0
    faults.set_fault(str(folder / "desk.db"), "slow", operation="orders.add_note", seconds=1)
    assert process(APPROVE_AND_DIE, folder, postgresql_url).returncode == -9
    done = process(APPROVE_AND_DIE, folder, postgresql_url)
    assert done.stdout.splitlines()[-1] == "applied", done.stderr
    with sqlite3.connect(folder / "desk.db") as desk:
        refunds = desk.execute("SELECT amount_minor FROM refunds WHERE payment_id = 'pay_7731'")
        assert refunds.fetchall() == [(4000,)]
        assert desk.execute("SELECT count(*) FROM writes").fetchone() == (3,)


def process(script: str, folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(folder), url],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def is_whole(world: Any) -> bool:
    with world.assent.db.read() as cx:
        assert ledger.head(cx).size > 0
        return bool(verify(cx).is_whole)

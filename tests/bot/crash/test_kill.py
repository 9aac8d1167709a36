"""kill -9 at every commit and at random instants: each approved run is finished exactly once.

The witness is the desk's own tables, read past Assent.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from bot.bootstrap import open_store
from bot.settings import from_environment
from store import ledger
from store.ledger.verify import verify
from store.model.entry import Kind

COMMITS = 38  # how many commits lie between the click and the outcome; checked below
RANDOM_KILLS = 24

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def waiting(nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder in which one refund awaits its approval."""
    folder = tmp_path_factory.mktemp("waiting") / "state"
    ended = nursery.run("approver", "ask", folder)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture
def state(waiting: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(waiting, tmp_path / "state"))


def test_the_kills_below_reach_past_the_last_commit(nursery, state: Path) -> None:
    done = nursery.run("approver", "approve", state, "0")
    ended = json.loads(done.stdout.splitlines()[-1])
    assert ended["status"] == "applied"
    assert ended["commits"] <= COMMITS, "raise COMMITS: there are boundaries without a kill"
    _holds_exactly_once(state)


@pytest.mark.parametrize("number", range(1, COMMITS + 1))
def test_killed_at_a_commit_it_finishes_exactly_once(nursery, state: Path, number: int) -> None:
    killed = nursery.run("approver", "approve", state, str(number))
    if number <= COMMITS // 2:
        assert killed.returncode == -signal.SIGKILL, killed.stdout
    _recovered(nursery, state)


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_killed_at_a_random_instant_it_finishes_exactly_once(
    nursery, state: Path, seed: int
) -> None:
    process = nursery.start("approver", "approve", state, 0)
    process.until_it_says("approving")
    time.sleep(random.Random(seed).uniform(0.0, 0.5))
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _recovered(nursery, state)


@pytest.mark.parametrize("number", [6, 12, 18])
def test_another_process_finishes_for_one_that_stays_dead(
    nursery, state: Path, number: int
) -> None:
    killed = nursery.run("approver", "approve", state, str(number))
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    _recovered(nursery, state, "take-over")


def _recovered(nursery, state: Path, how: str = "recover") -> None:
    done = nursery.run("approver", how, state)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "applied"
    _holds_exactly_once(state)


def _holds_exactly_once(state: Path) -> None:
    with sqlite3.connect(f"file:{state / 'desk.db'}?mode=ro", uri=True) as desk:
        refunds = desk.execute("SELECT amount_minor FROM refunds WHERE payment_id = 'pay_7731'")
        assert refunds.fetchall() == [(4000,)]
        notes = desk.execute(
            "SELECT count(*) FROM notes WHERE order_id = '1043' AND text LIKE 'Refund $40.00%'"
        )
        assert notes.fetchone() == (1,)
        tickets = desk.execute("SELECT status FROM tickets WHERE id = 'T-882'")
        assert tickets.fetchone() == ("solved",)
        assert desk.execute("SELECT count(*) FROM writes").fetchone() == (3,)
    db = open_store(from_environment({"ASSENT_STATE": str(state)}))
    with db.read() as cx:
        report = verify(cx)
        kinds = [entry.kind for entry in ledger.show(cx, "R-1001")]
    db.close()
    assert report.is_whole, str(report)
    assert kinds.count(Kind.OUTCOME) == 1
    assert kinds.count(Kind.APPROVAL) == 1
    assert kinds.count(Kind.RESULT) == 3

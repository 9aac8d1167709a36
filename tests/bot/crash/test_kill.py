"""kill -9 at every commit and at random instants: each approved run is finished exactly once.

The witness is the desk's own tables, read past Assent.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.bootstrap import open_store
from bot.settings import from_environment
from store import ledger
from store.ledger.verify import verify
from store.model.entry import Kind

APPROVER = Path(__file__).parent / "approver.py"
REQUEST = "refund $40 on order 1043, arrived damaged"
COMMITS = 34  # how many commits lie between the click and the outcome; checked below
RANDOM_KILLS = 24
SECONDS_MAX = 90

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder in which one refund awaits its approval."""
    folder = tmp_path_factory.mktemp("waiting") / "state"
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); import approver\n"
        "from pathlib import Path\n"
        "from bot.planner.rules import RulesPlanner\n"
        "world = approver._conftest().World(Path(sys.argv[1]), RulesPlanner(), {})\n"
        f"run = world.ask({REQUEST!r})\n"
        "assert run.status.value == 'waiting', run\n"
        "world.assent.close()\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(folder), str(APPROVER.parent)],
        check=True,
        timeout=SECONDS_MAX,
    )
    return folder


@pytest.fixture
def state(waiting: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(waiting, tmp_path / "state"))


def test_the_kills_below_reach_past_the_last_commit(state: Path) -> None:
    done = _approver("approve", state, "0")
    ended = json.loads(done.stdout.splitlines()[-1])
    assert ended["status"] == "applied"
    assert ended["commits"] <= COMMITS, "raise COMMITS: there are boundaries without a kill"
    _holds_exactly_once(state)


@pytest.mark.parametrize("number", range(1, COMMITS + 1))
def test_killed_at_a_commit_it_finishes_exactly_once(state: Path, number: int) -> None:
    killed = _approver("approve", state, str(number))
    if number <= COMMITS // 2:
        assert killed.returncode == -signal.SIGKILL, killed.stdout
    _recovered(state)


@pytest.mark.parametrize("seed", range(RANDOM_KILLS))
def test_killed_at_a_random_instant_it_finishes_exactly_once(state: Path, seed: int) -> None:
    process = subprocess.Popen(
        [sys.executable, str(APPROVER), "approve", str(state), "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "approving"
    time.sleep(random.Random(seed).uniform(0.0, 0.5))
    process.kill()
    process.wait(SECONDS_MAX)
    process.stdout.close()
    _recovered(state)


@pytest.mark.parametrize("number", [6, 12, 18])
def test_another_process_finishes_for_one_that_stays_dead(state: Path, number: int) -> None:
    killed = _approver("approve", state, str(number))
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    _recovered(state, "take-over")


def _recovered(state: Path, how: str = "recover") -> None:
    done = _approver(how, state)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "applied"
    _holds_exactly_once(state)


def _approver(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(APPROVER), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


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

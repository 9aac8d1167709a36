"""kill -9 at every commit of a change: the plan that waits afterwards is the old one or the new
one, whole; nothing is lost and nobody approves what they did not see."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import open_store
from bot.settings import from_environment
from store import ledger
from store.ledger.verify import verify
from store.model.entry import Kind

COMMITS = 10  # how many commits lie between the click and the new showing at most; checked below
TRIES = 3  # to count them: on a busy machine the engine's own look at its queue falls in between

pytestmark = pytest.mark.slow


def ended(done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def waiting(nursery, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waiting") / "state"
    assert ended(nursery.run("editor", "ask", folder))["status"] == "waiting"
    return folder


def test_the_kills_below_reach_past_the_last_commit(nursery, waiting: Path, tmp_path: Path) -> None:
    counted = []
    for number in range(TRIES):
        state = Path(shutil.copytree(waiting, tmp_path / f"state{number}"))
        done = ended(nursery.run("editor", "edit", state, 0))
        assert done["round"] == 2
        counted.append(done["commits"])
        if counted[-1] < COMMITS:
            return
    pytest.fail(f"raise COMMITS: there are boundaries without a kill: {counted}")


@pytest.mark.parametrize("number", range(1, COMMITS))
def test_killed_at_a_commit_of_a_change_one_whole_plan_waits(
    nursery, waiting: Path, tmp_path: Path, number: int
) -> None:
    state = Path(shutil.copytree(waiting, tmp_path / "state"))
    killed = nursery.run("editor", "edit", state, number)
    if number == 1:
        assert killed.returncode == -signal.SIGKILL, killed.stdout
    done = ended(nursery.run("editor", "recover", state))
    assert done["status"] == "applied"
    is_new = done["round"] == 2
    assert done["refunds"] == ([3000] if is_new else [4000])
    assert done["edited_by"] == (["Lee Park"] if is_new else [])
    db = open_store(from_environment({"ASSENT_STATE": str(state)}))
    with db.read() as cx:
        kinds = [entry.kind for entry in ledger.show(cx, "R-1001")]
        assert verify(cx).is_whole
    db.close()
    assert kinds.count(Kind.EDIT) == (2 if is_new else 0)

"""kill -9 while a model answers: the ask may be billed, so the ledger has it with the most that it
can have cost, before anything else is done with the request."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest

from bot.bootstrap import open_store
from bot.settings import from_environment
from store import ledger, meters
from store.ledger.verify import verify
from store.model.entry import Kind

pytestmark = pytest.mark.slow


def test_killed_while_a_model_answers_the_ask_is_in_the_ledger(
    nursery, made: Path, tmp_path: Path
) -> None:
    state = Path(shutil.copytree(made, tmp_path / "state"))
    killed = nursery.run("asker", "die", state)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    recovered = nursery.run("asker", "recover", state)
    assert recovered.returncode == 0, recovered.stderr
    done = json.loads(recovered.stdout.splitlines()[-1])
    assert done["known"] == ["request", "model"], "written down at the start"
    db = open_store(from_environment({"ASSENT_STATE": str(state)}))
    with db.read() as cx:
        asked = [e.data for e in ledger.show(cx, "R-1001") if e.kind is Kind.MODEL]
        charged = meters.of_run(cx, "R-1001")
        assert verify(cx).is_whole
    db.close()
    assert [each["stop_reason"] for each in asked] == ["unknown", "end_turn"]
    lost = asked[0]["estimate_micro_usd"]
    assert lost == asked[0]["cost_micro_usd"] == charged["planner"].estimate_micro_usd > 0
    assert charged["planner"].micro_usd == lost + 5_000
    assert charged["planner"].calls == 2
    assert done["cost"] == sum(total.micro_usd for total in charged.values())

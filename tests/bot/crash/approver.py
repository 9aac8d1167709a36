"""A process to be killed: the real store, engine, desk and flow, without a chat.

ask FOLDER         leaves a refund of $40 waiting
approve FOLDER N   approves the waiting run and dies at its N-th commit that writes
recover FOLDER     starts again, and finishes what was approved
take-over FOLDER   another process, which finds the first one silent and finishes for it

N counts over every database at once: the store's, the engine's and the desk's. Prints one line
of JSON about how it ended, when it was not killed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

REQUEST = "refund $40 on order 1043, arrived damaged"


def main(what: str, folder: Path, commits_left: int) -> None:
    conftest = _conftest()
    from bot.planner.rules import RulesPlanner

    is_other = what == "take-over"
    world = conftest.World(folder, RulesPlanner(), {"ASSENT_EXECUTOR": "other"} if is_other else {})
    if what == "ask":
        assert world.ask(REQUEST).status.value == "waiting"
        world.assent.close()
        return
    world.assent.takeover.see()
    run = world.run(world.last_id())
    counted = _die_at_commit(commits_left) if what == "approve" else [0]
    print("approving", flush=True)
    if run.status.value == "waiting":
        world.press(conftest.Verb.APPROVE, run, "lead")
    if is_other:
        world.clock.offset = timedelta(minutes=2)
        world.assent.sweep()
    run = world.settled(run, 60)
    print(json.dumps({"status": run.status.value, "commits": counted[0]}), flush=True)
    world.assent.close()


def _die_at_commit(number: int) -> list[int]:
    """Kills this process just before the given commit that writes, whoever makes it."""
    counted, lock = [0], threading.Lock()

    @event.listens_for(Engine, "commit")
    def count(connection: Any) -> None:
        database = connection.connection.dbapi_connection
        with lock:
            before = connection.info.get("changes", -1)
            connection.info["changes"] = database.total_changes
            if database.total_changes == before:
                return
            counted[0] += 1
            if counted[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)

    return counted


def _conftest() -> ModuleType:
    if "assent_tests_conftest" in sys.modules:
        return sys.modules["assent_tests_conftest"]
    path = Path(__file__).parent.parent / "conftest.py"
    spec = importlib.util.spec_from_file_location("assent_tests_conftest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module

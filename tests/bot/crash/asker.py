"""A process to be killed while it waits for a model: the real store, planner, desk and flow.

die FOLDER       asks for what the rules do not understand, and dies when the model is asked
recover FOLDER   starts again as a bot does; the model answers this time

Prints one line of JSON about how it ended, when it was not killed.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import approver

ASKED = "the box of 1043 got there crushed, $40 makes that right"
WORDS = {
    "order": ("1043", "1043"),
    "amount": ("40.00 USD", "$40"),
    "reason": ("damaged", "crushed"),
}


class Model:
    """Answers, or dies."""

    def __init__(self, *, dies: bool) -> None:
        self._dies = dies

    def answer(self, request: Any, timeout_seconds: float) -> Any:
        from bot.planner.model import Message, Used

        if self._dies:
            os.kill(os.getpid(), signal.SIGKILL)
        slots = [
            {"slot": slot, "value": value, "words": words, "from": "request"}
            for slot, (value, words) in WORDS.items()
        ]
        claim = {"kind": "plan", "workflow": "refund", "slots": slots, "asks": "", "why": ""}
        used = Used(model="claude-sonnet-5-5", input_tokens=2_000, output_tokens=100)
        return Message(({"type": "text", "text": json.dumps(claim)},), "end_turn", used)


def main(what: str, folder: Path, _commits_left: int) -> None:
    conftest = approver._conftest()
    from bot import serving
    from bot.planning import planner_with

    world = conftest.World(folder, planner_with(Model(dies=what == "die")), {})
    if what == "die":
        world.ask(ASKED)
    serving._release(world.assent)
    known = world.kinds(world.run(world.last_id()))
    world.plan()
    run = world.run(world.last_id())
    said = {"known": known, "status": run.status.value, "cost": run.cost_micro_usd}
    print(json.dumps(said), flush=True)
    world.assent.close()

"""A model that is slow holds nobody up but those who asked for it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from bot.intake import CONCURRENCY, WAITING_MAX, Intake
from bot.planner.model import Message, Wire
from bot.planner.waiting import Awaited, Waiting
from bot.pressure import Pressure
from tests.bot.models.script import Script

pytestmark = pytest.mark.slow


class Slow(Script):
    """Answers when it is let go."""

    def __init__(self, go_on: threading.Event) -> None:
        super().__init__(["{}"])
        self.go_on = go_on

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        self.go_on.wait(10)
        return super().answer(request, timeout_seconds)


async def test_others_are_planned_while_some_wait_for_a_model(world: Any) -> None:
    waiting, go_on = Waiting(), threading.Event()
    model, done = Awaited(Slow(go_on), waiting), threading.Event()

    def propose(run_id: str) -> None:
        if run_id == last:
            done.set()
        else:
            model.answer({}, 1)

    world.plan = lambda: None
    for number in range(CONCURRENCY + 1):
        world.say(f"request {number}")
    last = world.last_id()
    intake = Intake(world.assent.db, propose, Pressure(), "this", world.clock, waiting)
    task = asyncio.create_task(intake.run())
    while waiting() < CONCURRENCY:
        await asyncio.sleep(0.01)
    intake.notice()
    assert await asyncio.to_thread(done.wait, 5), "nobody had a place left"
    go_on.set()
    intake.stop()
    await asyncio.wait_for(task, 5)
    assert waiting() == 0


async def test_the_room_that_is_made_is_bounded(world: Any) -> None:
    now = [0, 3, 500]
    db, clock = world.assent.db, world.clock
    intake = Intake(db, lambda _: None, Pressure(), "this", clock, lambda: now.pop(0))
    places = [await intake._places() for _ in range(3)]
    assert places == [CONCURRENCY, CONCURRENCY + 3, CONCURRENCY + WAITING_MAX]

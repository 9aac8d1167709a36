"""An approved run starts because somebody gave notice; the poll is for notices that are lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import engine
from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from store.model.run import Status
from tests.bot.conftest import World

POLL_SECONDS = 30.0
REQUEST = "refund $40 on order 1043, arrived damaged"


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An Assent whose queue is looked at every 30 s when nobody gives notice."""
    monkeypatch.setattr(engine, "POLL_SECONDS", POLL_SECONDS)
    made = World(tmp_path, RulesPlanner(), {})
    yield made
    made.assent.close()


def test_approved_run_starts_by_notice_and_waits_for_no_poll(patient: World) -> None:
    run = patient.ask(REQUEST)
    approved = time.monotonic()
    patient.approve_only(run, "lead")
    after = patient.settled(run, POLL_SECONDS / 10)
    assert after.status is Status.APPLIED
    assert time.monotonic() - approved < POLL_SECONDS / 10


def test_commits_that_enqueue_nothing_do_not_look_at_the_queue(
    patient: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    monkeypatch.setattr(engine, "_dequeue", lambda: looks.append(time.monotonic()) or True)
    run = patient.ask(REQUEST)
    patient.press(Verb.APPROVE, run, "outsider")
    patient.press(Verb.REJECT, run, "lead", text="wrong amount")
    assert looks == []


def test_more_approvals_than_places_all_start_by_notice(
    patient: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CONCURRENCY", 1)
    asked = [patient.ask(f"refund $5 on order {order}, damaged") for order in (1043, 1067, 1070)]
    for run in asked:
        patient.approve_only(run, "lead")
    assert [patient.settled(run, POLL_SECONDS / 3).status for run in asked] == [Status.APPLIED] * 3


def test_lost_notice_is_made_up_for_by_the_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "POLL_SECONDS", 0.3)
    world = World(tmp_path, RulesPlanner(), {})
    world.assent.db.on_commit = lambda: None
    try:
        run = world.ask(REQUEST)
        world.approve_only(run, "lead")
        assert world.settled(run, 10).status is Status.APPLIED
    finally:
        world.assent.close()


def test_closing_is_quick_however_slow_the_poll(patient: World) -> None:
    start = time.monotonic()
    patient.assent.engine.close()
    assert time.monotonic() - start < POLL_SECONDS / 6

"""Steps that stand for themselves: one that is refused takes nothing back and holds up no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.cards.details import details
from bot.cards.digest import digest_card
from bot.cards.run_card import run_card
from bot.cards.summary import summary
from bot.cards.text import render
from bot.engine import DurableEngine
from bot.executing import execute
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.joint_worlds import CANCEL, REFUND, divided_worlds, edit

pytestmark = pytest.mark.slow  # real databases

SMALL = "refund $40 on order 1043, arrived damaged"
ALL_DONE = {"refund": "done", "note": "done", "close": "done"}


@pytest.fixture
def world(make_world: Callable[..., Any], tmp_path: Path) -> Any:
    """A refund, its note and its ticket, each for itself."""
    bundle = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    workflow = bundle / "workflows" / "refund.yml"
    edit(workflow, "wall_clock_seconds: 120", "wall_clock_seconds: 4")
    edit(workflow, "\nsteps:\n", "\nindependent_steps: true\nsteps:\n")
    return make_world(ASSENT_BUNDLE=str(bundle))


def text(world: Any, run: Any) -> str:
    view = world.assent.reading.view(run.id)
    return str(render(run_card(view), UTC))


def refuse(world: Any, operation: str, kind: Any = "refuse", **more: Any) -> None:
    faults.set_fault(world.desk, kind, operation=operation, call="execute", **more)


def test_a_refusal_leaves_the_others_done_and_is_told_system_by_system(world: Any) -> None:
    run = world.ask(SMALL)
    assert "Each step stands for itself" in text(world, run)
    refuse(world, "orders.add_note")
    run = world.approve(run, "lead")
    assert run.status is Status.PARTLY_APPLIED
    assert dict(world.steps(run)) == {**ALL_DONE, "note": "failed"}
    assert world.refunds() == [4_000]
    view = world.assent.reading.view(run.id)
    told = " ".join(render(summary(view), UTC).split())
    for part in ("DONE IN PART: 2 of 3 steps.", "payment pay_7731: done", "1043: refused: "):
        assert part in told, told
    assert "refused: " in " ".join(render(page, UTC) for page in details(view))
    outcome = [e for e in world.kinds(run) if e is Kind.OUTCOME]
    assert len(outcome) == 1
    report = world.assent.digests.report(world.clock())
    assert report.totals[0].outcomes == {"partly applied": 1}
    assert "0 of 1 request completed · 1 partly applied" in render(digest_card(report), UTC)


def test_a_refusal_of_the_first_step_holds_up_no_other(world: Any) -> None:
    run = world.ask(SMALL)
    refuse(world, "payments.refund", "lose_permission")
    run = world.approve(run, "lead")
    assert run.status is Status.PARTLY_APPLIED
    assert dict(world.steps(run)) == {**ALL_DONE, "refund": "failed"}


def test_where_every_step_is_refused_nothing_was_done(world: Any) -> None:
    run = world.ask(SMALL)
    for operation in ("payments.refund", "orders.add_note", "tickets.update"):
        refuse(world, operation)
    run = world.approve(run, "lead")
    assert run.status is Status.FAILED
    assert "Nothing was done" in run.note


def test_an_unknown_outcome_waits_for_a_person_after_the_others_went_on(world: Any) -> None:
    run = world.ask(SMALL)
    refuse(world, "payments.refund", "time_out_before_write")
    refuse(world, "payments.refund", "unavailable", nth=2, count=50)
    run = world.settled(world.approve_only(run, "lead"), 60)
    assert run.status is Status.UNKNOWN
    assert dict(world.steps(run)) == {**ALL_DONE, "refund": "unknown"}
    told = " ".join(text(world, run).split())
    assert "STOPPED: It is not known whether step 1 (Payments, payment pay_7731) happened" in told
    assert "The other steps went on without it. Look in Payments at payment pay_7731, then" in told
    assert "othing was written" not in told
    assert not world.press(Verb.HAPPENED, run, "lead").is_refusal
    assert world.settled(run).status is Status.APPLIED


def test_cancelled_in_the_middle_it_is_taken_back(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.ask(SMALL)
    real = world.assent.executor.perform

    def perform(run_id: str, index: int, tried: Any) -> Any:
        if index == 1:
            assert not world.press(Verb.CANCEL, run, "agent").is_refusal
        return real(run_id, index, tried)

    monkeypatch.setattr(world.assent.executor, "perform", perform)
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED
    assert world.refunds() == []


class KilledError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("calls", range(5))
def test_killed_between_any_two_calls_it_ends_the_same(
    world: Any, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine calls again what it has no record of; the journal says what is done."""
    monkeypatch.setattr(DurableEngine, "enqueue", lambda *_: None)
    run = world.ask(SMALL)
    refuse(world, "orders.add_note")
    assert not world.press(Verb.APPROVE, run, "lead").is_refusal
    digest = world.run(run.id).proposal.digest
    with pytest.raises(KilledError):
        execute(Dying(world.assent.executor, calls), run.id, digest, lambda _: None)
    execute(world.assent.executor, run.id, digest, lambda _: None)
    run = world.run(run.id)
    assert run.status is Status.PARTLY_APPLIED
    assert dict(world.steps(run)) == {**ALL_DONE, "note": "failed"}
    assert world.refunds() == [4_000]


class Dying:
    """The executor, gone after so many calls, before the engine has recorded the last."""

    def __init__(self, executor: Any, calls: int) -> None:
        self._executor, self._left = executor, calls

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            answer = getattr(self._executor, name)(*arguments)
            if self._left == 0:
                raise KilledError
            self._left -= 1
            return answer

        return call


def test_a_system_that_is_away_at_the_last_moment_holds_up_no_other(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is read once more before the first write: who does not answer is set aside."""
    monkeypatch.setattr("bot.drifting.PAUSES_SECONDS", (0.01,))
    run = world.ask(SMALL)
    faults.set_fault(
        world.desk, "unavailable", operation="payments.refund", call="read", count=1_000
    )
    run = world.approve(run, "lead")
    assert run.status is Status.PARTLY_APPLIED
    assert dict(world.steps(run)) == {**ALL_DONE, "refund": "failed"}
    assert world.refunds() == []


def test_in_a_joint_plan_each_part_keeps_its_own_rule(tmp_path: Path, made: Path) -> None:
    """What hangs together is taken back, what stands for itself is left as it is."""
    bundle = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    workflow = bundle / "workflows" / "refund.yml"
    edit(workflow, "\nsteps:\n", "\nindependent_steps: true\nsteps:\n")
    with divided_worlds(tmp_path, made) as make:
        world = make(ASSENT_BUNDLE=str(bundle))
        run = world.ask(f"{REFUND} / {CANCEL}")
        assert "Steps 1, 2 and 3 stand for themselves" in text(world, run)
        faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute", nth=2)
        run = world.approve(run, "lead")
        assert run.status is Status.PARTLY_APPLIED
        assert dict(world.steps(run)) == {
            "refund.refund": "done",
            "refund.note": "done",
            "refund.close": "done",
            "cancel-order.cancel": "compensated",
            "cancel-order.refund": "compensated",
            "cancel-order.note": "failed",
        }
        assert world.refunds() == [4_000]

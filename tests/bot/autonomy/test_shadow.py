"""What L3 would have said, beside people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.autonomy.laddering import show
from bot.autonomy.past import gather
from bot.autonomy.shadow import compare
from bot.incoming import Verb
from connectors.desk import outside
from store.model.decision import Effect
from store.model.run import Status
from tests.bot.autonomy.steps import EASY, SMALL

pytestmark = pytest.mark.slow  # a ladder is climbed run by run


def shadows(world: Any) -> list[Effect | None]:
    """What was said beside each run, oldest first."""
    pasts = world.assent.autonomy.standing("refund").record.pasts
    return [past.first_shadow for past in reversed(pasts)]


def test_a_shadow_changes_nothing_but_what_is_known(declared: Callable[..., Any]) -> None:
    world = declared("L2", "shadow: true", cap="L2")
    small = world.ask(SMALL)
    large = world.ask("refund $101 on order 1043, arrived damaged")
    fixed = world.ask("refund $10 on order 1068, arrived damaged")
    assert {run.status for run in (small, large, fixed)} == {Status.WAITING}
    assert shadows(world) == [Effect.MAY_RUN, Effect.NEEDS_APPROVAL, Effect.NEEDS_APPROVAL]
    assert small.proposal.decision.effect is Effect.NEEDS_APPROVAL
    assert world.refunds() == []
    world.approve(small, "lead")
    world.press(Verb.REJECT, fixed, "lead", text="too late")
    compared = compare(world.assent.autonomy.standing("refund").record)
    assert (compared.count, compared.agreed) == (2, 2)


def test_a_shadow_is_off_unless_declared(declared: Callable[..., Any]) -> None:
    world = declared("L3", "")
    world.ask(SMALL)
    assert shadows(world) == [None]


def test_a_shadow_ends_where_the_level_is_earned(at_level: Callable[..., Any]) -> None:
    world = at_level(3, f"shadow: true\npromotion: {EASY}")
    world.settled(world.ask(SMALL))
    assert shadows(world) == [Effect.MAY_RUN, None]


def test_a_rejection_of_what_would_have_run_is_reported(declared: Callable[..., Any]) -> None:
    world = declared("L3", "shadow: true")
    run = world.ask(SMALL)
    world.press(Verb.REJECT, run, "lead", text="wrong amount")
    text = show(world.folder, "refund", is_shadow=True)
    assert "of 1 decision by people, L3 would have agreed with 0" in text
    assert f"- {run.id} rejected: wrong amount" in text


def test_what_people_change_is_in_the_record(declared: Callable[..., Any]) -> None:
    """Also what L3 would have said to the plan before they changed it."""
    world = declared("L3", "shadow: true")
    run = world.edit(world.ask(SMALL), "lead", amount="$101")
    assert run.proposal.shadow is Effect.NEEDS_APPROVAL
    skipped = world.edit(world.ask("refund $10 on order 1063, late"), "lead", skip=("note",))
    world.approve(skipped, "lead")
    drifted = world.ask("refund $10 on order 1066, late")
    outside.refund_payment(world.desk, "pay_7754", 1_000)
    assert world.approve(drifted, "lead").status is Status.WAITING
    record = world.assent.autonomy.standing("refund").record
    newest, middle, oldest = record.pasts
    assert (oldest.is_changed, oldest.drifts, oldest.first_shadow) == (True, 0, Effect.MAY_RUN)
    assert (middle.is_changed, middle.is_unchanged, middle.drifts) == (True, False, 0)
    assert (newest.is_changed, newest.drifts) == (False, 1)
    text = show(world.folder, "refund", is_shadow=True)
    assert f"{middle.run.id} left out: note" in text
    assert f"{run.id} changed by Lee Park" in text
    assert newest.run.id not in text  # nobody has decided about it yet
    text = show(world.folder, "refund")
    assert "changed by people 2 (1 × Lee Park), of them with steps left out 1" in text
    assert "shown again after a change 1" in text


def test_what_was_done_elsewhere_is_no_evidence_here(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    with world.assent.db.read() as cx:
        assert len(gather(cx, "refund", "sandbox", ()).pasts) == 1
        assert gather(cx, "refund", "production", ()).pasts == ()

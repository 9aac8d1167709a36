"""A write whose answer was lost: nothing is guessed, a person decides, and what the person says is
looked at."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from bot.cards.details import details
from bot.cards.run_card import run_card
from bot.cards.text import render
from bot.incoming import Verb
from connectors.desk import faults
from store import runs
from store.model.run import Status

pytestmark = pytest.mark.slow  # the engine tries again until its patience ends

SMALL = "refund $40 on order 1043, arrived damaged"


def lost(world: Any, kind: Any) -> Any:
    """A run that stopped at a refund of which nobody knows, in a desk that cannot say."""
    run = world.ask(SMALL)
    faults.set_fault(world.desk, kind, operation="payments.refund")
    faults.set_fault(
        world.desk, "unavailable", operation="payments.refund", call="lookup", count=999
    )
    run = world.settled(world.approve_only(run, "lead"), 60)
    assert run.status is Status.UNKNOWN
    return run


def told(world: Any, run: Any) -> str:
    return " ".join(str(render(run_card(world.assent.reading.view(run.id)), UTC)).split())


def problem(world: Any, run: Any) -> str:
    return str(world.assent.reading.view(run.id).steps[0].problem)


def check_told_as_unknown(world: Any, run: Any) -> None:
    """What was refused last wrote nothing; what was lost before it may have."""
    view = world.assent.reading.view(run.id)
    card = told(world, run)
    for part in (
        "STOPPED: It is not known whether step 1 (Payments, payment pay_7731) happened: ",
        "Look in Payments at payment pay_7731, then press It happened, It did not or Ask the ",
        "[It happened] [It did not] [Ask the system again]",
    ):
        assert part in card, card
    everything = " ".join([card, run.note, *(render(page, UTC) for page in details(view))])
    assert "othing was written" not in everything, everything


def test_a_lost_answer_stays_unknown_whatever_is_not_taken_afterwards(world: Any) -> None:
    run = world.ask(SMALL)
    refund = {"operation": "payments.refund", "call": "execute"}
    faults.set_fault(world.desk, "time_out_before_write", **refund)
    faults.set_fault(world.desk, "unavailable", nth=2, count=50, **refund)
    world.approve_only(run, "lead")
    world.until(run, lambda _: ("refund", "intent") in world.steps(run) and problem(world, run))
    assert "othing was written" not in problem(world, run), "while it is tried again"
    run = world.settled(run, 60)
    assert run.status is Status.UNKNOWN
    check_told_as_unknown(world, run)


def test_an_outcome_that_cannot_be_known_waits_for_a_person(world: Any) -> None:
    run = lost(world, "time_out_after_write")
    assert world.steps(run) == [("refund", "unknown"), ("note", "planned"), ("close", "planned")]
    check_told_as_unknown(world, run)
    assert world.press(Verb.HAPPENED, run, "agent").is_refusal
    faults.clear_faults(world.desk)
    assert not world.press(Verb.ASK_AGAIN, run, "lead2").is_refusal
    assert world.settled(run).status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_persons_decision_brings_fresh_calls(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_before_write", operation="payments.refund", count=20)
    run = world.settled(world.approve_only(run, "lead"), 60)
    assert run.status is Status.UNKNOWN
    faults.clear_faults(world.desk)
    assert "earlier stop" in world.press(Verb.DID_NOT, run, "lead2", text="1").text
    assert not world.press(Verb.DID_NOT, run, "lead2").is_refusal
    assert world.settled(run).status is Status.APPLIED
    assert world.refunds() == [4_000]


def decided(world: Any, kind: Any, verb: Verb) -> Any:
    """A run whose write was lost, as it ends after a person said what became of it."""
    run = lost(world, kind)
    faults.clear_faults(world.desk)
    assert not world.press(verb, run, "lead").is_refusal
    return world.settled(run)


def test_a_write_that_a_person_denies_wrongly_is_found(world: Any) -> None:
    run = decided(world, "time_out_after_write", Verb.DID_NOT)
    assert (run.status, world.refunds()) == (Status.APPLIED, [4_000])


def test_a_write_that_a_person_affirms_wrongly_is_shown_as_it_was_found(world: Any) -> None:
    run = decided(world, "time_out_before_write", Verb.HAPPENED)
    assert (run.status, world.refunds()) == (Status.APPLIED, [])
    card = told(world, run)
    assert "(found $0.00)" in card
    assert "only 2 of 3 steps as predicted" in card


def test_a_write_that_a_person_affirms_rightly_is_as_predicted(world: Any) -> None:
    run = decided(world, "time_out_after_write", Verb.HAPPENED)
    assert (run.status, world.refunds()) == (Status.APPLIED, [4_000])
    card = told(world, run)
    assert "3 of 3 steps as predicted" in card


@pytest.mark.parametrize("kind", ["time_out_after_write", "time_out_before_write"])
def test_what_is_denied_and_cancelled_stands_in_no_case(world: Any, kind: Any) -> None:
    run = lost(world, kind)
    faults.clear_faults(world.desk)
    before = world.refunds()
    with world.assent.db.begin() as tx:
        now = runs.get(tx, run.id)
        assert now is not None
        cancelled = {"is_cancel_requested": True, "version": now.version + 1}
        runs.save(tx, now.model_copy(update=cancelled))
    assert not world.press(Verb.DID_NOT, world.run(run.id), "lead").is_refusal
    run = world.settled(run)
    ended = Status.COMPENSATED if before else Status.CANCELLED
    assert (run.status, world.refunds()) == (ended, [])

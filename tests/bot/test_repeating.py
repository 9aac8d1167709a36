"""Nobody is asked twice for the same thing, and a rejection is answered with something new."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from bot.approval.repeating import NEW_REASON, REJECTED_FOR
from bot.incoming import Verb
from store.model.entry import Kind
from store.model.run import Run, Status

SMALL = "refund $40 on order 1043, arrived damaged"
SAME = "pls give back 40.00 USD for order 1043, it arrived damaged"


def rejected(world: Any, text: str = SMALL) -> Run:
    run = world.ask(text)
    assert not world.press(Verb.REJECT, run, "lead", text="no photo").is_refusal
    return run


def answer(world: Any, run: Run, text: str) -> Run:
    world.press(Verb.ANSWER, run, "agent", text=text, digest=NEW_REASON)
    world.plan()
    return world.run(run.id)


@pytest.mark.parametrize("user", ["agent", "agent2", "lead2"])
def test_a_plan_that_waits_already_is_pointed_to(world: Any, user: str) -> None:
    first = world.ask(SMALL)
    second = world.ask(SAME, user)
    assert second.status is Status.CANCELLED
    assert first.id in second.note
    assert second.proposal is None
    assert world.run(first.id).status is Status.WAITING
    assert world.ask("refund $41 on order 1043, damaged").status is Status.WAITING


def test_what_was_done_or_cancelled_can_be_asked_for_again(world: Any) -> None:
    first = world.ask(SMALL)
    world.press(Verb.CANCEL, first, "agent")
    second = world.approve(world.ask(SMALL), "lead")
    assert second.status is Status.APPLIED
    assert world.ask(SMALL).status is Status.WAITING


def test_of_two_equal_requests_at_once_one_waits(world: Any) -> None:
    barrier, made = threading.Barrier(2), []

    def ask(user: str) -> None:
        barrier.wait()
        world.say(SMALL, user)

    threads = [threading.Thread(target=ask, args=(user,)) for user in ("agent", "agent2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [world.run(f"R-{number}").status for number in (1001, 1002)]
    assert sorted(made) == [Status.CANCELLED, Status.WAITING]


def test_after_a_rejection_the_same_plan_needs_a_new_reason(world: Any) -> None:
    first = rejected(world)
    run = world.ask(SAME)
    assert run.status is Status.ASKING
    assert run.question.slot == NEW_REASON
    assert first.id in run.question.text
    assert "no photo" in run.question.text
    run = answer(world, run, "The photo  is in the ticket now")
    assert run.status is Status.WAITING
    [remark] = run.remarks
    assert (remark.kind, remark.name) == ("new reason", "Dana Okafor")
    assert remark.text == "The photo is in the ticket now"
    assert Kind.REMARK in world.kinds(run)
    assert world.approve(run, "lead").status is Status.APPLIED


def test_another_requester_needs_a_new_reason_too(world: Any) -> None:
    rejected(world)
    assert world.ask(SAME, "agent2").question.slot == NEW_REASON


@pytest.mark.parametrize(
    "text", ["...", "Photo, in the TICKET!", SMALL, "x" * 1_001, "\u200b\u202e"]
)
def test_what_was_said_before_is_no_new_reason(world: Any, text: str) -> None:
    rejected(world)
    run = answer(world, world.ask(SAME), "photo in the ticket")
    world.press(Verb.REJECT, run, "lead", text="I see none")
    again = answer(world, world.ask(SAME), text)
    assert again.status is Status.ASKING
    assert again.question.slot == NEW_REASON
    assert answer(world, again, "it is there now").status is Status.WAITING


def test_a_reason_does_not_reach_the_planner(world: Any) -> None:
    rejected(world)
    run = answer(world, world.ask(SAME), "make it $400 on order 1063 instead")
    assert run.status is Status.WAITING
    assert run.proposal.plan.steps[0].params["amount"] == {"minor": 4000, "currency": "USD"}


@pytest.mark.slow
def test_many_requests_that_were_cancelled_do_not_hide_a_rejection(world: Any) -> None:
    rejected(world)
    for number in range(22):
        run = answer(world, world.ask(SAME), f"reason {number}")
        world.press(Verb.CANCEL, run, "agent")
    assert world.ask(SAME).question.slot == NEW_REASON


def test_a_rejection_is_forgotten_in_the_end(world: Any) -> None:
    rejected(world)
    world.clock.offset = REJECTED_FOR + timedelta(minutes=1)
    assert world.ask(SAME).status is Status.WAITING


def test_what_is_not_shown_counts_in_no_counter(world: Any) -> None:
    """Neither the pointer nor the question reserves what others then could not have."""
    from sqlalchemy import text

    def reserved() -> list[str]:
        with world.assent.db.read() as cx:
            rows = cx.execute(text("SELECT DISTINCT run_id FROM reservations ORDER BY run_id"))
            return list(rows.scalars())

    other = world.ask("refund $41 on order 1043, damaged")
    assert reserved() == [other.id]
    world.ask("refund $41.00 on order 1043, damaged", "agent2")
    rejected(world)
    assert world.ask(SAME).status is Status.ASKING
    assert reserved() == [other.id]

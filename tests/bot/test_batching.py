"""Several alike runs at once: each is approved by itself, with its own checks."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Verb
from store.model.run import Status

MANY = tuple(f"refund ${amount} on order 1043, damaged" for amount in (5, 6, 7))


def ids(world: Any, user: str) -> list[str]:
    return [view.run.id for view in world.batch(user)]


def test_a_batch_holds_what_waits_for_this_person_newest_first(world: Any) -> None:
    made = [world.ask(text).id for text in MANY]
    own = world.ask("refund $8 on order 1043, damaged", "lead").id
    assert ids(world, "lead") == made[::-1]
    assert ids(world, "lead2") == [own, *made[::-1]]
    for user in ("agent", "outsider"):
        assert ids(world, user) == []


def test_each_run_of_a_batch_is_its_own_approval(world: Any) -> None:
    for text in MANY:
        world.ask(text)
    views = world.batch("lead")
    world.press(Verb.CANCEL, views[1].run, "agent")
    replies = [
        world.press(Verb.APPROVE, view.run, "lead", digest=view.run.proposal.digest)
        for view in views
    ]
    assert [reply.is_refusal for reply in replies] == [False, True, False]
    assert [world.settled(view.run).status for view in views] == [
        Status.WAITING,  # the customer's third: finance is asked as well
        Status.CANCELLED,
        Status.APPLIED,
    ]
    assert ids(world, "finance") == [views[0].run.id]
    assert world.refunds() == [500]


def test_what_the_person_approved_or_changed_is_not_in_the_batch(world: Any) -> None:
    large = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    changed = world.ask(MANY[0], "agent2")
    world.approve_only(large, "finance")
    world.edit(changed, "lead", amount="$4")
    assert ids(world, "finance") == []
    assert ids(world, "finance2") == [large.id]
    assert ids(world, "lead") == []
    assert ids(world, "lead2") == [changed.id]


@pytest.mark.slow
def test_a_batch_is_of_one_workflow_and_bounded(world: Any) -> None:
    for number in range(22):
        world.ask(f"refund $1.{number:02d} on order 1043, damaged")
    world.ask("cancel order 1063")
    views = world.batch("lead")
    assert {view.run.workflow for view in views} == {"refund"}
    assert len(views) == 20

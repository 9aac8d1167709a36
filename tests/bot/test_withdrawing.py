"""An approver takes an approval back, as long as others are still awaited."""

from __future__ import annotations

from typing import Any

from bot.incoming import Verb
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"


def lacking(world: Any, run: Any) -> int:
    return sum(lack.count for lack in world.assent.reading.view(run.id).missing)


def test_a_withdrawn_approval_counts_no_more_and_can_be_given_again(world: Any) -> None:
    run = world.ask(HUGE)
    before = lacking(world, run)
    world.approve_only(run, "finance")
    assert lacking(world, run) < before
    assert not world.withdraw(run, "finance").is_refusal
    assert lacking(world, run) == before
    assert world.approvals(run) == []
    assert world.kinds(run)[-2:] == [Kind.APPROVAL, Kind.WITHDRAWAL]
    world.approve_only(run, "finance")
    assert world.approve(run, "finance2").status is Status.APPLIED


def test_what_was_withdrawn_does_not_let_the_second_one_start_it(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    world.withdraw(run, "finance")
    world.approve_only(run, "finance2")
    assert world.run(run.id).status is Status.WAITING


def test_only_the_own_approval_and_only_once_can_be_withdrawn(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    for user in ("finance2", "agent", "outsider"):
        reply = world.withdraw(run, user)
        assert reply.is_refusal
        assert "no approval" in reply.text
    assert world.approvals(run) == ["Ann Weiss"]
    assert not world.withdraw(run, "finance").is_refusal
    assert "no approval" in world.withdraw(run, "finance").text


def test_an_approver_who_lost_the_role_can_still_withdraw(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    world.directory.roles["finance"] = ("Ann Weiss", ())
    assert not world.withdraw(run, "finance").is_refusal
    assert world.approvals(run) == []


def test_nothing_is_withdrawn_once_execution_has_begun(world: Any) -> None:
    run = world.ask(SMALL)
    world.press(Verb.APPROVE, run, "lead")
    reply = world.withdraw(run, "lead")
    assert reply.is_refusal
    assert "before execution begins" in reply.text
    run = world.settled(run)
    assert run.status is Status.APPLIED
    assert "before execution begins" in world.withdraw(run, "lead").text
    assert world.approvals(run) == ["Lee Park"]


def test_a_card_of_an_earlier_plan_withdraws_nothing(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    assert world.press(Verb.WITHDRAW, run, "finance", digest="f" * 64).is_refusal
    assert world.approvals(run) == ["Ann Weiss"]

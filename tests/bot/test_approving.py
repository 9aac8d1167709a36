"""Who may say yes to what: right person, right role, right digest, still fresh, once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from bot.incoming import Verb
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
LARGE = "refund $120 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"


def test_one_support_lead_approves_a_small_refund_and_it_is_applied(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    assert world.refunds() == [4000]
    assert world.approvals(run) == ["Lee Park"]


def test_requester_cannot_approve_own_request(world: Any) -> None:
    run = world.ask(SMALL, "lead")
    reply = world.press(Verb.APPROVE, run, "lead")
    assert reply.is_refusal
    assert "somebody else" in reply.text
    assert world.run(run.id).status is Status.WAITING
    assert world.refunds() == []


def test_requester_cannot_approve_through_a_second_account(world: Any) -> None:
    from store import people

    run = world.ask(SMALL, "lead")
    with world.assent.db.begin() as tx:
        person_id = people.person_for(tx, world.account("lead"))
        people.link(tx, person_id, world.account("lead2"))
    assert world.press(Verb.APPROVE, run, "lead2").is_refusal
    assert world.run(run.id).status is Status.WAITING


def test_wrong_role_is_refused_with_the_role_that_is_needed(world: Any) -> None:
    run = world.ask(SMALL)
    reply = world.press(Verb.APPROVE, run, "outsider")
    assert reply.is_refusal
    assert "a support lead" in reply.text
    assert Kind.REFUSAL in world.kinds(run)


def test_two_finance_leads_are_two_people(world: Any) -> None:
    run = world.ask(HUGE)
    first = world.press(Verb.APPROVE, run, "finance")
    assert not first.is_refusal
    again = world.press(Verb.APPROVE, run, "finance")
    assert "counts once" in again.text
    assert world.run(run.id).status is Status.WAITING
    run = world.approve(run, "finance2")
    assert run.status is Status.APPLIED


def test_a_support_lead_does_not_count_for_a_large_refund(world: Any) -> None:
    run = world.ask(LARGE)
    assert world.press(Verb.APPROVE, run, "lead").is_refusal
    assert world.approve(run, "finance").status is Status.APPLIED


def test_guests_bots_strangers_and_deactivated_accounts_never_count(world: Any) -> None:
    run = world.ask(SMALL)
    for flag in ("is_guest", "is_bot", "is_stranger", "is_deactivated"):
        reply = world.press(Verb.APPROVE, run, "lead", **{flag: True})
        assert reply.is_refusal, flag
        assert world.say(SMALL, "agent", **{flag: True}).is_refusal
    assert world.run(run.id).status is Status.WAITING
    assert world.approvals(run) == []


def test_a_click_on_another_digest_does_not_count(world: Any) -> None:
    run = world.ask(SMALL)
    reply = world.press(Verb.APPROVE, run, "lead", digest="0" * 64)
    assert reply.is_refusal
    assert "changed since" in reply.text
    assert world.approvals(run) == []


def test_an_approval_of_one_run_is_none_of_another(world: Any) -> None:
    first, second = world.ask(SMALL), world.ask(SMALL, "agent2")
    reply = world.press(Verb.APPROVE, second, "lead", digest=first.proposal.digest)
    assert reply.is_refusal
    assert world.approvals(second) == []


def test_a_directory_that_is_away_refuses(world: Any) -> None:
    run = world.ask(SMALL)
    reply = world.press(Verb.APPROVE, run, "lead", is_directory_away=True)
    assert reply.is_refusal
    assert "cannot check your role" in reply.text
    assert world.approvals(run) == []


def test_an_expired_plan_cannot_be_approved_and_is_swept(world: Any) -> None:
    run = world.ask(SMALL)
    world.clock.offset = timedelta(hours=5)
    assert "expired" in world.press(Verb.APPROVE, run, "lead").text
    world.assent.sweeper.sweep()
    assert world.run(run.id).status is Status.EXPIRED


def test_rejection_needs_a_reason_and_keeps_it(world: Any) -> None:
    run = world.ask(SMALL)
    assert world.press(Verb.REJECT, run, "lead", text="  ").is_refusal
    world.press(Verb.REJECT, run, "lead", text="outside 30 days")
    now = world.run(run.id)
    assert now.status is Status.REJECTED
    assert "outside 30 days" in now.note
    assert world.press(Verb.APPROVE, run, "lead2").is_refusal
    assert world.refunds() == []


def test_only_the_requester_cancels(world: Any) -> None:
    run = world.ask(SMALL)
    assert world.press(Verb.CANCEL, run, "lead").is_refusal
    assert not world.press(Verb.CANCEL, run, "agent").is_refusal
    assert world.run(run.id).status is Status.CANCELLED
    assert world.press(Verb.CANCEL, run, "agent").is_refusal


def test_two_people_approving_at_once_start_one_execution(world: Any) -> None:
    run = world.ask(SMALL)
    replies: list[Any] = []
    barrier = threading.Barrier(2)

    def click(user: str) -> None:
        barrier.wait()
        replies.append(world.press(Verb.APPROVE, run, user))

    threads = [threading.Thread(target=click, args=(user,)) for user in ("lead", "lead2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.settled(run).status is Status.APPLIED
    assert sorted(reply.is_refusal for reply in replies) == [False, True]
    assert world.refunds() == [4000]


def test_a_double_click_counts_once(world: Any) -> None:
    run = world.ask(HUGE)
    for _ in range(5):
        world.press(Verb.APPROVE, run, "finance")
    assert world.approvals(run) == ["Ann Weiss"]
    assert world.run(run.id).status is Status.WAITING


def test_a_click_on_an_unknown_run_is_answered(world: Any) -> None:
    run = world.ask(SMALL)
    ghost = run.model_copy(update={"id": "R-999999"})
    world.run = lambda _id: run
    assert "no run" in world.press(Verb.APPROVE, ghost, "lead").text


def test_losing_the_role_before_the_click_refuses(world: Any) -> None:
    run = world.ask(SMALL)
    world.directory.roles["lead"] = ("Lee Park", ("support",))
    assert world.press(Verb.APPROVE, run, "lead").is_refusal

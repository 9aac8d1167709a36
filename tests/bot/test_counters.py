"""Limits that hold over many requests: across records, requesters, plans and moments."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults
from store import identity, people, reservations
from store.model.plan import Plan, Step
from store.model.run import Run, Status

FIRST = "refund $950 on order 1067, arrived damaged"  # of Titan, who paid $2,400.00
SECOND = "refund $60 on order 1067, arrived damaged"
ELSEWHERE = "refund $60 on order 1043, arrived damaged"  # of another customer
LEAD, FINANCE, TWO = ("support-leads", 1), ("finance-leads", 1), ("different people", 2)
DAY = timedelta(days=1)


def asked(run: Run) -> set[tuple[str, int]]:
    assert run.status is Status.WAITING, run.note
    assert run.proposal is not None
    return {(r.who, r.count) for r in run.proposal.decision.requirements}


def reserved(world: Any, run: Run) -> int:
    with world.assent.db.read() as cx:
        return len(reservations.of_run(cx, run.id))


def test_a_request_that_waits_counts_for_the_next_of_the_same_customer(world: Any) -> None:
    assert asked(world.ask(FIRST)) == {FINANCE}
    assert asked(world.ask(SECOND, "agent2")) == {LEAD, FINANCE, TWO}
    assert asked(world.ask(ELSEWHERE, "agent2")) == {LEAD}


def test_a_requester_cannot_split_among_customers(world: Any) -> None:
    world.ask(FIRST)
    assert asked(world.ask(ELSEWHERE)) == {LEAD, FINANCE}
    why = world.run(world.last_id()).proposal.decision.reason
    assert "$1,000.00 by one requester in 24 h" in why


def test_the_third_request_of_a_customer_needs_finance_before_any_is_refunded(world: Any) -> None:
    amounts = ("$10", "$11", "$12")
    runs = [world.ask(f"refund {a} on order 1043, arrived damaged") for a in amounts]
    assert [asked(run) for run in runs] == [{LEAD}, {LEAD}, {LEAD, FINANCE}]
    assert world.refunds() == []


def test_a_counter_over_everybody_sees_splitting_across_requesters_and_customers(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    world = make_world(ASSENT_BUNDLE=str(bundle(tmp_path, day_usd=101_000)))
    world.ask(FIRST)
    assert asked(world.ask(ELSEWHERE, "agent2")) == {LEAD}
    over = world.ask("refund $1 on order 1065, arrived damaged", "lead2")
    assert asked(over) == {LEAD, ("finance-leads", 2)}


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.CANCEL])
def test_what_comes_to_nothing_counts_no_more(world: Any, verb: Verb) -> None:
    first = world.ask(FIRST)
    user = "finance" if verb is Verb.REJECT else "agent"
    assert not world.press(verb, first, user, text="wrong amount").is_refusal
    assert reserved(world, first) == 0
    assert asked(world.ask(SECOND)) == {LEAD}


def test_what_expires_counts_no_more(world: Any) -> None:
    first = world.ask(FIRST)
    world.clock.offset = timedelta(hours=5)
    world.assent.sweep()
    assert world.run(first.id).status is Status.EXPIRED
    assert reserved(world, first) == 0


def test_what_failed_and_was_taken_back_counts_no_more(world: Any) -> None:
    first = world.ask(FIRST)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    assert world.approve(first, "finance").status is Status.COMPENSATED
    assert reserved(world, first) == 0


def test_what_is_denied_reserves_nothing(world: Any) -> None:
    denied = world.ask(FIRST, "finance")
    assert denied.status is Status.DENIED
    assert reserved(world, denied) == 0


def test_what_was_done_counts_from_then_for_a_day(world: Any) -> None:
    first = world.ask(FIRST)
    world.clock.offset = timedelta(hours=3)
    assert world.approve(first, "finance").status is Status.APPLIED
    world.clock.offset = timedelta(hours=26)  # more than a day after it was asked for
    second = world.ask(SECOND)
    assert TWO in asked(second)
    world.press(Verb.CANCEL, second, "agent")
    world.clock.offset = timedelta(hours=28)
    assert asked(world.ask(SECOND, "agent2")) == {LEAD}


def test_a_run_that_may_have_written_keeps_what_it_reserved(world: Any) -> None:
    from bot import retry

    first = world.ask(FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retry, "delay_seconds", lambda *_: None)
        faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
        assert world.approve(first, "finance").status is Status.UNKNOWN
    assert reserved(world, first) == 3
    assert TWO in asked(world.ask(SECOND))


def test_a_later_request_takes_nothing_from_an_earlier_one(world: Any) -> None:
    """The second sees the first and not the other way round, so the first runs as it was signed."""
    second = world.ask(SECOND)
    later = world.ask(FIRST, "agent2")
    assert TWO in asked(later)
    assert world.approve(second, "lead").status is Status.APPLIED


def test_a_signed_run_is_not_bounced_because_an_earlier_request_was_rejected(world: Any) -> None:
    """What was signed asked for more than is asked for now: nobody has to sign again."""
    first, second = world.ask(FIRST), world.ask(SECOND, "agent2")
    world.approve_only(second, "lead")
    world.press(Verb.REJECT, first, "finance", text="wrong amount")
    assert world.approve(second, "finance").status is Status.APPLIED


def test_accounts_of_one_human_count_together(world: Any) -> None:
    """The second account was somebody of its own when the first request was made."""
    world.ask(FIRST, "agent2")
    with world.assent.db.begin() as tx:
        known = people.person_for(tx, world.account("agent"))
        identity.merge(tx, people.person_for(tx, world.account("agent2")), known)
    assert asked(world.ask(ELSEWHERE, "agent")) == {LEAD, FINANCE}


def test_steps_of_one_plan_count_for_the_steps_after_them(world: Any) -> None:
    def step(number: int, minor: int) -> Step:
        amount = {"minor": minor, "currency": "USD"}
        params = {"payment": "pay_7755", "amount": amount, "reason": "damaged"}
        return Step(id=f"s{number}", operation="payments.refund", params=params)

    class Splitter:
        def plan(self, *_: object) -> Any:
            from bot.planner.planner import Draft

            steps = tuple(step(n, 9_500) for n in range(11))
            return Draft(workflow="refund", plan=Plan(workflow="refund", slots=(), steps=steps))

    world.assent.flow._proposer._planner = Splitter()
    run = world.ask(SECOND)
    assert asked(run) == {LEAD, FINANCE, TWO}
    facts = [s.facts["refunds_of_requester.sum_minor"] for s in run.proposal.decision.steps]
    assert facts == [9_500 * n for n in range(11)]
    assert reserved(world, run) == 33


def test_a_counter_of_one_workflow_counts_that_workflow_alone(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    counter = "counters:\n  asked: {per: [workflow.name], window: 1 hour}\n"
    rule = (
        "rules:\n  - id: often\n    effect: deny\n    all:\n      again: asked.count >= 1\n"
        "    because: once an hour for each workflow\n\n"
    )
    edits = ("refunds", "counters:\n", counter), ("refunds", "rules:\n", rule)
    world = make_world(ASSENT_BUNDLE=str(bundle(tmp_path, *edits)))
    assert world.approve(world.ask(ELSEWHERE), "lead").status is Status.APPLIED
    denied = world.ask("refund $12 on order 1065, arrived damaged")
    assert "once an hour for each workflow" in denied.note
    assert world.ask("cancel order 1066, ordered twice").status is Status.WAITING
    world.clock.offset = timedelta(hours=1, minutes=1)
    assert world.ask("refund $12 on order 1065, arrived damaged").status is Status.WAITING


def test_of_two_requests_at_once_exactly_one_sees_the_other(world: Any) -> None:
    two_at_once(world)


@pytest.mark.slow
def test_of_two_requests_at_once_exactly_one_sees_the_other_on_postgresql(
    make_world: Callable[..., Any], postgresql_url: str
) -> None:
    two_at_once(make_world(ASSENT_DATABASE_URL=postgresql_url))


def two_at_once(world: Any) -> None:
    plan, world.plan = world.plan, lambda: None
    try:
        world.say(FIRST)
        world.say(SECOND, "agent2")
    finally:
        world.plan = plan
    number = int(world.last_id().removeprefix("R-"))
    ids = [f"R-{number - 1}", f"R-{number}"]
    barrier = threading.Barrier(2)

    def propose(run_id: str) -> None:
        barrier.wait()
        world.assent.flow.propose(run_id)

    threads = [threading.Thread(target=propose, args=(run_id,)) for run_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    saw = [TWO in asked(world.run(run_id)) for run_id in ids]
    assert sorted(saw) == [False, True]


def bundle(tmp_path: Path, *edits: tuple[str, str, str], day_usd: int = 0) -> Path:
    """A copy of the shipped bundle with texts of its policy files replaced."""
    import shutil

    copy = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))
    changes = list(edits)
    if day_usd:
        changes.append(("refunds", "USD: 2000000", f"USD: {day_usd}"))
    for name, old, new in changes:
        path = copy / "policies" / f"{name}.yml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    return copy

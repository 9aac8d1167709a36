"""The shipped workflows through the whole flow: what people write becomes what the desk holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults
from store.model.run import Status


def test_cancelling_a_paid_order_gives_the_money_back(world: Any) -> None:
    run = world.ask("cancel order 1066, customer changed their mind")
    assert run.status is Status.WAITING, run.note
    assert [step.operation for step in run.proposal.plan.steps][:2] == [
        "orders.cancel",
        "payments.refund",
    ]
    needed = {r.who for r in run.proposal.decision.requirements}
    people = [{"support-leads": "lead", "finance-leads": "finance"}[role] for role in needed]
    run = world.approve(run, *sorted(people))
    assert run.status is Status.APPLIED, run.note
    assert world.desk_rows("SELECT status FROM orders WHERE id = '1066'") == [("cancelled",)]
    assert len(world.refunds("pay_7754")) == 1


def test_a_cancellation_that_fails_half_way_is_taken_back(world: Any) -> None:
    run = world.ask("cancel order 1066, customer changed their mind")
    before = world.desk_rows("SELECT status FROM orders WHERE id = '1066'")
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    for user in ("lead", "finance"):
        if world.run(run.id).status is Status.WAITING:
            world.press(Verb.APPROVE, run, user)
    run = world.settled(run)
    assert run.status is Status.COMPENSATED, run.note
    assert world.desk_rows("SELECT status FROM orders WHERE id = '1066'") == before
    assert world.refunds("pay_7754") == []


def test_a_shipped_order_is_not_cancelled(world: Any) -> None:
    run = world.ask("cancel order 1065, customer changed their mind")
    assert run.status in {Status.DENIED, Status.ASKING}
    assert world.desk_rows("SELECT status FROM orders WHERE id = '1065'") != [("cancelled",)]


def test_a_shipping_address_is_changed(world: Any) -> None:
    run = world.ask("ship order 1066 to 12 Main St, Springfield, 62704, US")
    assert run.status is Status.WAITING, run.note or run.question
    for user in ("lead", "finance"):
        if world.run(run.id).status is Status.WAITING:
            world.press(Verb.APPROVE, run, user)
    assert world.settled(run).status is Status.APPLIED
    rows = world.desk_rows("SELECT street, city, postcode, country FROM orders WHERE id = '1066'")
    assert rows == [("12 Main St", "Springfield", "62704", "US")]


@pytest.mark.parametrize(
    ("text", "user", "payment", "minor"),
    [
        ("refund €50 on order 1051, wrong item", "lead", "pay_7739", 5_000),
        ("refund ¥1000 on order 1060, late", "lead", "pay_7748", 1_000),
        ("please refund $40.50 for order #1043. it arrived damaged", "lead", "pay_7731", 4_050),
    ],
)
def test_amounts_reach_the_desk_in_their_own_minor_units(
    world: Any, text: str, user: str, payment: str, minor: int
) -> None:
    run = world.ask(text)
    assert run.status is Status.WAITING, run.question or run.note
    assert world.approve(run, user).status is Status.APPLIED
    assert world.refunds(payment) == [minor]


def test_what_is_missing_is_asked_and_the_answer_is_taken(world: Any) -> None:
    run = world.ask("refund order 1043, arrived damaged")
    assert run.status is Status.ASKING
    assert run.question.slot == "amount"
    world.say("$40", "agent", thread=run.request.place.thread)
    run = world.run(run.id)
    assert run.status is Status.WAITING, run.question
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_choice_answers_only_the_question_it_was_drawn_for(world: Any) -> None:
    run = world.ask("refund the keyboard of ACME")
    assert run.status is Status.ASKING
    first = run.question
    assert first.slot == "order"
    assert world.press(Verb.ANSWER, run, "agent2", text="1043", digest="order").is_refusal
    assert not world.press(Verb.ANSWER, run, "agent", text="1043", digest="order").is_refusal
    world.plan()
    assert world.run(run.id).question.slot == "amount"
    again = world.press(Verb.ANSWER, run, "agent", text="1043", digest="order")
    assert "answered already" in again.text
    assert world.run(run.id).question.slot == "amount"


def test_somebody_else_cannot_answer(world: Any) -> None:
    run = world.ask("refund order 1043, arrived damaged")
    assert world.say("$40", "agent2", thread=run.request.place.thread).is_refusal
    assert world.run(run.id).status is Status.ASKING


def test_never_mind_withdraws(world: Any) -> None:
    run = world.ask("refund order 1043, arrived damaged")
    world.say("never mind", "agent", thread=run.request.place.thread)
    assert world.run(run.id).status is Status.CANCELLED


def test_what_it_cannot_do_is_refused_with_what_it_can(world: Any) -> None:
    run = world.ask("please change Lee's salary to $5000")
    assert run.status is Status.DENIED
    assert "refund" in run.note.casefold()


def test_more_than_is_left_is_asked_about_not_refunded(world: Any) -> None:
    run = world.ask("refund $500 on order 1043, arrived damaged")
    assert run.status is Status.ASKING
    assert "$129.00" in run.question.text


def test_a_request_delivered_twice_makes_one_run(world: Any) -> None:
    keys = ("event:1", "client:1")
    first = world.ask("refund $40 on order 1043, arrived damaged", keys=keys)
    world.say("refund $40 on order 1043, arrived damaged", keys=("event:2", "client:1"))
    assert world.last_id() == first.id


def test_a_direct_message_is_not_a_way_around_the_channel(world: Any) -> None:
    run = world.ask("refund $40 on order 1043, arrived damaged", channel="D0DANA")
    assert run.status is Status.DENIED
    assert world.refunds() == []


def test_what_was_read_too_long_ago_is_not_decided_on(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    common = bundle / "policies" / "common.yml"
    declared = common.read_text()
    assert "oldest_read_seconds: 300" in declared
    common.write_text(declared.replace("oldest_read_seconds: 300", "oldest_read_seconds: 0"))
    world = make_world(ASSENT_BUNDLE=str(bundle))
    faults.set_fault(world.desk, "slow", operation="tickets.update", call="read", seconds=1.1)
    run = world.ask("refund $40 on order 1043, arrived damaged")
    assert run.status is Status.DENIED
    assert "1 s old" in run.note
    assert world.ask("refund $40 on order 1043, arrived damaged").status is Status.WAITING

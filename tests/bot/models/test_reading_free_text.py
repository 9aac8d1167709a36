"""What the rules do not understand is read by a model, and every claim of it is checked."""

from __future__ import annotations

import json

import pytest

from bot.cards.origins import origins
from bot.incoming import Verb
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.models.conftest import Thinking
from tests.bot.models.script import REFUSAL, plan, reads, slot

pytestmark = pytest.mark.slow  # whole flows

CRUSHED = "the box of 1043 got to them crushed, ${} will make it right"


def reading(dollars: int) -> dict[str, object]:
    return plan(
        "refund",
        slot("order", "1043", "1043"),
        slot("amount", f"{dollars}.00 USD", f"${dollars}"),
        slot("reason", "damaged", "crushed"),
    )


def test_words_that_the_rules_do_not_know_become_a_plan(world: Thinking) -> None:
    world.think(reading(40))
    run = world.ask(CRUSHED.format(40))
    assert run.status is Status.WAITING, (run.note, run.question)
    assert {s.name: s.said for s in run.slots} == {
        "order": "1043",
        "amount": "$40",
        "reason": "crushed",
    }
    assert {s.name: s.source for s in run.slots if s.source} == {
        "reason": "the model's reading of ‘crushed’"
    }
    assert origins(run.slots) == (("reason damaged is from the model's reading of ‘crushed’",),)
    run = world.approve(run, "lead")
    assert run.status is Status.APPLIED
    assert world.refunds() == [4000]


def test_what_the_rules_understand_costs_nothing(world: Thinking) -> None:
    world.think(REFUSAL)
    assert world.ask("refund $41 on order 1043, arrived damaged").status is Status.WAITING
    assert world.ask("refund order 1077").status is Status.ASKING
    assert world.script.asked == 0


def test_an_amount_in_words_is_asked_about_with_the_reading_as_a_choice(world: Thinking) -> None:
    world.think(
        plan(
            "refund",
            slot("order", "1043", "ACME"),
            slot("amount", "40.00 USD", "forty dollars"),
            slot("reason", "damaged", "crushed"),
        )
    )
    run = world.ask("the box ACME got was crushed, make it right with forty dollars please")
    assert run.question is not None
    assert run.question.slot == "order", "two orders are ACME's"
    world.press(Verb.ANSWER, run, "agent", digest="order", text="1043")
    world.plan()
    run = world.run(run.id)
    assert run.question is not None
    assert run.question.slot == "amount"
    assert run.question.choices == (("40.00 USD", "$40.00"),)
    asked = world.script.asked
    world.press(Verb.ANSWER, run, "agent", digest="amount", text="40.00 USD")
    world.plan()
    run = world.run(run.id)
    assert run.status is Status.WAITING, run.question
    assert world.script.asked == asked, "what was read once was paid for again"
    assert {s.name: s.said for s in run.slots}["amount"] == "40.00 USD"


def test_a_change_of_values_is_made_without_the_model(world: Thinking) -> None:
    world.think(reading(42))
    run = world.ask(CRUSHED.format(42))
    asked = world.script.asked
    changed = world.edit(run, "lead", amount="$43")
    assert changed.proposal is not None
    assert changed.proposal.plan.steps[0].params["amount"] == {"minor": 4300, "currency": "USD"}
    assert world.script.asked == asked


def test_a_task_that_nobody_named_is_confirmed_where_the_words_forbid(world: Thinking) -> None:
    world.think(reading(44))
    run = world.ask("the box of 1043 got to them crushed, $44 would not make it right")
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "workflow"
    world.press(Verb.ANSWER, run, "agent", digest="workflow", text="none of these")
    world.plan()
    assert world.run(run.id).status is Status.DENIED
    assert world.script.asked == 1

    run = world.ask("the box of 1043 got to them crushed, $44 is nothing if not fair")
    world.press(Verb.ANSWER, run, "agent", digest="workflow", text="refund")
    world.plan()
    assert world.run(run.id).status is Status.WAITING


def test_a_reading_of_a_record_is_allowed_by_role_counted_and_recorded(world: Thinking) -> None:
    world.think(reads(("orders_find", {"words": "1043"})), reading(45))
    run = world.ask(CRUSHED.format(45))
    assert run.status is Status.WAITING
    calls = [entry.data["call"] for entry in world.entries(run, Kind.READ)]
    assert calls[0] == "orders.find"
    (result,) = world.script.requests[1]["messages"][2]["content"]
    assert "mechanical keyboard" in result["content"]

    world.think(reads(("orders_find", {"words": "1043"})), REFUSAL)
    run = world.ask("whatever happened to the thing of 1043", "outsider")
    assert "tools" not in world.script.requests[0], "reads are by the requester's roles"
    (result,) = world.script.requests[1]["messages"][2]["content"]
    assert result["is_error"], result
    assert not world.entries(run, Kind.READ)


def test_the_same_request_is_the_same_bytes(world: Thinking) -> None:
    world.think(REFUSAL)
    world.ask("what a lovely thing to say to 1043")
    world.ask("what a lovely thing to say to 1043")
    first, second = world.script.requests
    assert json.dumps(first) == json.dumps(second)


def test_an_address_from_another_persons_message_says_so_on_the_card(world: Thinking) -> None:
    thread = "1690000000.000001"
    world.think(REFUSAL)
    world.ask("her sister lives at 12 Main St, Springfield, 62704", "agent2", thread=thread)
    world.think(
        plan(
            "change-address",
            slot("order", "1066", "1066"),
            slot("street", "12 Main St", "12 Main St", "thread"),
            slot("city", "Springfield", "Springfield", "thread"),
            slot("postcode", "62704", "62704", "thread"),
            slot("country", "US", "USA"),
        )
    )
    run = world.ask("order 1066 has to go to the sister's place instead, USA", thread=thread)
    assert run.status is Status.WAITING, (run.question, run.note)
    assert {s.name: s.source for s in run.slots} == {
        "order": "",
        "street": "Sam Field's message",
        "city": "Sam Field's message",
        "postcode": "Sam Field's message",
        "country": "",
    }

"""A claim is checked word by word: what does not hold is never taken, whoever is fooled by it."""

from __future__ import annotations

from typing import Any

import pytest

from store.model.run import Run, Status
from tests.bot.models.conftest import Thinking
from tests.bot.models.script import plan, reads, slot

pytestmark = pytest.mark.slow  # whole flows

ORDER = slot("order", "1043", "1043")
WHY = slot("reason", "damaged", "crushed")
AMOUNT = slot("amount", "40.00 USD", "$40")


def amounts(run: Run) -> list[int]:
    """Every amount that the run would write, in minor units."""
    steps = run.proposal.plan.steps if run.proposal else ()
    return [p["minor"] for s in steps for p in s.params.values() if isinstance(p, dict)]


def asked(world: Thinking, text: str, claim: dict[str, Any]) -> Run:
    """What comes of a claim that is repeated for ever."""
    before = world.writes()
    world.think(claim)
    run = world.ask(text)
    assert world.writes() == before
    assert world.script.asked <= 3, "more repairs than the bundle allows"
    return run


@pytest.mark.parametrize(
    ("why", "amount"),
    [
        ("another amount than the words", slot("amount", "400.00 USD", "$40")),
        ("words that stand nowhere", slot("amount", "400.00 USD", "$400")),
        ("half a word", slot("amount", "4.00 USD", "$4")),
        ("the digits without the sign", slot("amount", "40.00 USD", "40")),
        ("another currency", slot("amount", "40.00 EUR", "$40")),
        ("no amount", slot("amount", "a lot", "$40")),
        ("words of another slot", slot("amount", "1043.00 USD", "1043")),
        ("words with what cannot be seen", slot("amount", "40.00 USD", "$4\u200b0")),
        ("words that only look alike", slot("amount", "40.00 USD", "$4\u041e")),
        ("everything there is", slot("amount", "129.00 USD", "make it right")),
        ("negative", slot("amount", "-40.00 USD", "$40")),
    ],
)
def test_only_an_amount_that_the_requester_wrote_is_planned(
    world: Thinking, why: str, amount: dict[str, str]
) -> None:
    run = asked(
        world, "the box of 1043 got crushed, $40 makes it right", plan("refund", ORDER, amount, WHY)
    )
    assert run.status is Status.ASKING, why
    assert amounts(run) == []
    assert run.question is not None
    assert run.question.slot == "amount", run.question
    assert ("40.00 USD", "$40.00") in run.question.choices, "what was really written"


@pytest.mark.parametrize(
    "text",
    [
        "order 1043 got crushed, about $40 makes it right",
        "order 1043 got crushed, half of $40 makes it right",
        "order 1043 got crushed, $40 or $50 makes it right",
        "order 1043 got crushed, 40 makes it right",
        "order 1043 got crushed, forty makes it right",
    ],
)
def test_an_amount_that_is_not_exact_is_asked_about(world: Thinking, text: str) -> None:
    words = next(w for w in ("$40", "40", "forty") if w in text)
    run = asked(world, text, plan("refund", ORDER, slot("amount", "40.00 USD", words), WHY))
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "amount"


@pytest.mark.parametrize(
    "order",
    [
        slot("order", "1067", "1043"),
        slot("order", "1067", "1067"),
        slot("order", "1067", "the box"),
        slot("order", "1043", "104"),
        slot("order", "pay_7755", "1043"),
    ],
)
def test_only_the_record_that_the_words_find_is_planned(
    world: Thinking, order: dict[str, str]
) -> None:
    run = asked(
        world, "the box of 1043 got crushed, $40 makes it right", plan("refund", order, AMOUNT, WHY)
    )
    assert "1067" not in str(run.proposal)
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "order"


def test_a_number_of_the_request_is_not_passed_over_for_another(world: Thinking) -> None:
    text = "order 1043 got crushed, $40 makes it right; 1067 is fine"
    run = asked(world, text, plan("refund", slot("order", "1067", "1067"), AMOUNT, WHY))
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "order"


@pytest.mark.parametrize(
    "claim",
    [
        plan("raise-salary", ORDER, AMOUNT, WHY),
        plan("payments.refund", ORDER, AMOUNT, WHY),
        plan("", ORDER),
        {**plan("refund", ORDER, AMOUNT, WHY), "steps": [{"use": "payments.refund"}]},
        {**plan("refund", ORDER, AMOUNT, WHY), "approved_by": "Lee Park"},
        {**plan("refund", ORDER, AMOUNT, WHY), "kind": "execute"},
        {**plan("refund"), "slots": [{"slot": "amount", "value": 4000, "words": "$40"}]},
        {**plan("refund"), "slots": [ORDER] * 60},
        ["plan"],
        "not json at all",
        '{"kind": "\\ud800\\u0000"}',
        "\ud800",
        "",
        '{"kind": "plan", "workflow": "refund", "slots": [], "x": 1.5}',
        "[" * 5_000,
    ],
)
def test_what_is_no_claim_comes_to_nothing_and_says_so(world: Thinking, claim: Any) -> None:
    run = asked(world, "the box of 1043 got crushed, $40 makes it right", claim)
    assert run.status is Status.DENIED
    assert "no answer that I could check" in run.note, run.note
    assert "In this channel I can" in run.note


def test_slots_that_the_workflow_does_not_have_are_left_out(world: Thinking) -> None:
    claim = plan("refund", ORDER, AMOUNT, WHY, slot("approver", "lee", "1043"))
    run = asked(world, "the box of 1043 got crushed, $40 makes it right", claim)
    assert run.status is Status.WAITING
    assert {s.name for s in run.slots} == {"order", "amount", "reason"}
    assert world.script.asked == 3, "the model was told twice"


def test_what_is_wrong_is_told_and_can_be_mended(world: Thinking) -> None:
    wrong = plan("refund", ORDER, slot("amount", "40.00 USD", "40 dollars"), WHY)
    world.think("{", wrong, plan("refund", ORDER, AMOUNT, WHY))
    run = world.ask("the box of 1043 got crushed, $40 makes it right")
    assert run.status is Status.WAITING
    told = world.script.requests[2]["messages"][-1]["content"][0]["text"]
    assert "slot amount" in told
    assert "40 dollars" in told


@pytest.mark.parametrize(
    ("words", "value", "is_taken"),
    [
        ("crushed", "damaged", True),
        ("crushed", "fraud", False),
        ("please", "damaged", False),
        ("ruined", "damaged", False),
    ],
)
def test_a_choice_needs_words_of_the_requester_that_say_something(
    world: Thinking, words: str, value: str, *, is_taken: bool
) -> None:
    claim = plan("refund", ORDER, AMOUNT, slot("reason", value, words))
    run = asked(world, "please, the box of 1043 got crushed, $40 makes it right", claim)
    assert (run.status is Status.WAITING) is is_taken
    if not is_taken:
        assert run.question is not None
        assert run.question.slot == "reason"


def test_a_country_is_not_inferred_from_a_city(world: Thinking) -> None:
    claim = plan(
        "change-address",
        slot("order", "1066", "1066"),
        slot("street", "12 Main St", "12 Main St"),
        slot("city", "Springfield", "Springfield"),
        slot("postcode", "62704", "62704"),
        slot("country", "US", "Springfield"),
    )
    run = asked(
        world, "order 1066 must go to the neighbour at 12 Main St, Springfield, 62704", claim
    )
    assert run.question is not None
    assert run.question.slot == "country"
    assert run.question.choices == (("US", "US"),)


def test_a_tool_that_is_not_listed_or_misused_is_refused_to_the_model(world: Thinking) -> None:
    before = world.writes()
    world.think(
        reads(
            ("orders_cancel", {"order": "1043", "reason": "x"}),
            ("payments_refund", {"payment": "pay_7731"}),
            ("orders_find", {}),
            ("orders_find", {"words": ["1043"]}),
            ("orders_find", {"words": "1043"}),
        ),
        plan("refund", ORDER, AMOUNT, WHY),
    )
    run = world.ask("the box of 1043 got crushed, $40 makes it right")
    results = world.script.requests[1]["messages"][2]["content"]
    assert "no such tool" in results[0]["content"]
    assert "amount" in results[1]["content"]
    assert "words" in results[2]["content"]
    assert "words" in results[3]["content"]
    assert "enough" in results[4]["content"], "at most four at a time"
    assert run.status is Status.WAITING
    assert world.writes() == before


@pytest.mark.parametrize("bare", ["10.30", "12.5", "40,00"])
def test_a_number_that_nothing_calls_money_is_no_amount_unpressed(
    world: Thinking, bare: str
) -> None:
    dollars = f"{bare.replace(',', '.').ljust(5, '0')} USD"
    claim = plan("refund", ORDER, slot("amount", dollars, bare), WHY)
    run = asked(world, f"the box of 1043 got crushed at {bare}", claim)
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "amount"
    assert dollars in dict(run.question.choices)


@pytest.mark.parametrize("turned", ["isn't worth $40", "neither $40", "nobody pays $40"])
def test_words_that_may_say_the_opposite_are_confirmed(world: Thinking, turned: str) -> None:
    run = asked(world, f"the box of 1043 got crushed, {turned}", plan("refund", ORDER, AMOUNT, WHY))
    assert run.status is Status.ASKING
    assert run.question is not None
    assert run.question.slot == "workflow"

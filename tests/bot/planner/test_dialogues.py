"""Questions and their answers: what was said last counts, and nothing is taken that was not said."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

import pytest
from desk_orders import find

from bot.planner.planner import Ask, Asked, Draft, Planned
from bot.planner.rules import RulesPlanner
from connectors.errors import Unavailable
from connectors.operation import Record
from policies.workflow import Workflow
from store.model.run import Answer


@pytest.fixture
def say(workflows: tuple[Workflow, ...]):  # type: ignore[no-untyped-def]
    def planned(text: str, *answers: tuple[str, str]) -> Planned:
        said = tuple(Answer(slot=slot, text=text) for slot, text in answers)
        return RulesPlanner().plan(Asked(text, workflows, find, said))

    return planned


# request, answers -> (order, amount in minor units, reason)
DIALOGUES = [
    ("refund", [("order", "1043"), ("amount", "40"), ("reason", "late")], "1043", 4000, "late"),
    ("refund", [("order", "#1043"), ("amount", "$40"), ("reason", "late")], "1043", 4000, "late"),
    ("refund", [("order", "1043, and it's 40 dollars"), ("reason", "late")], "1043", 4000, "late"),
    ("refund", [("order", "1043, $40, arrived late")], "1043", 4000, "late"),
    ("refund order 1043", [("amount", "full"), ("reason", "damaged")], "1043", 12900, "damaged"),
    ("refund order 1043", [("amount", "all of it please"), ("reason", "late")], "1043", 12900, "late"),
    ("refund order 1043", [("amount", "make it $25"), ("reason", "it broke, defective")], "1043", 2500, "damaged"),
    ("refund order 1043", [("amount", "$40"), ("reason", "wrong item")], "1043", 4000, "wrong-item"),
    ("refund order 1043", [("amount", "$40"), ("reason", "wrong-item")], "1043", 4000, "wrong-item"),
    ("refund order 1043, late", [("amount", "full"), ("amount", "$25")], "1043", 2500, "late"),
    ("refund order 1043, late", [("amount", "12.50")], "1043", 1250, "late"),
    ("refund $40, late", [("order", "1043"), ("order", "1077")], "1077", 4000, "late"),
    ("refund 1043, late", [("order", "1043"), ("amount", "40")], "1043", 4000, "late"),
    ("refund 1043, late", [("order", "yes"), ("amount", "40")], "1043", 4000, "late"),
    ("refund 40, late", [("order", "none of these"), ("order", "1043"), ("amount", "40")], "1043", 4000, "late"),
    ("refund $40 on 1043 or 1077, late", [("order", "1077")], "1077", 4000, "late"),
    ("refund $40 on the keyboard order of ACME, late", [("order", "1077")], "1077", 4000, "late"),
    ("refund $40 on the keyboard order of ACME, late", [("order", "the mechanical one")], "1043", 4000, "late"),
    ("refund about $40 on order 1043, late", [("amount", "yes")], "1043", 4000, "late"),
    ("refund about $40 on order 1043, late", [("amount", "40.00 USD")], "1043", 4000, "late"),
    ("refund $40 or $50 on order 1043, late", [("amount", "50.00 USD")], "1043", 5000, "late"),
    ("refund $40 on order 1080, late", [("amount", "40.00 CAD")], "1080", 4000, "late"),
    ("refund 1.234 on order 1051, late", [("amount", "1234.00 EUR")], "1051", 123400, "late"),
    ("refund 1.234 on order 1051, late", [("amount", "1.23 EUR")], "1051", 123, "late"),
    ("refund 1.234 KWD on order 1061, late", [("amount", "01.234 KWD")], "1061", 1234, "late"),
    ("refund 1.234 KWD on order 1061, late", [("amount", "01234.000 KWD")], "1061", 1234000, "late"),
    ("refund $400 on order 1043, late", [("amount", "full")], "1043", 12900, "late"),
    ("refund $40 on order 10\u200b43, late", [("order", "1043")], "1043", 4000, "late"),
    ("refund $5 on 1043, late. and cancel order 1043", [("workflow", "refund")], "1043", 500, "late"),
    ("refund $5 on 1043, late. and cancel order 1043", [("workflow", "the refund")], "1043", 500, "late"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answers", "order", "minor", "reason"), DIALOGUES)
def test_answers_complete_the_plan(say, text, answers, order, minor, reason) -> None:  # type: ignore[no-untyped-def]
    planned = say(text, *answers)
    assert isinstance(planned, Draft), planned
    params = planned.plan.steps[0].params
    assert (params["payment"], params["amount"]["minor"], params["reason"]) == (
        f"pay_{order}",
        minor,
        reason,
    )


STILL_OPEN = [
    ("refund order 1043, late", [("amount", "dunno")], "amount"),
    ("refund order 1043 $40, late", [("amount", "dunno")], "amount"),
    ("refund order 1043, late", [("amount", "-5")], "amount"),
    ("refund order 1043, late", [("amount", "0")], "amount"),
    ("refund order 1043, late", [("amount", "half")], "amount"),
    ("refund order 1043, late", [("amount", "everything except shipping")], "amount"),
    ("refund order 1043, late", [("amount", "40 or 50")], "amount"),
    ("refund order 1043, late", [("amount", "1 234")], "amount"),
    ("refund order 1043, late", [("amount", "4\u200b0")], "amount"),
    ("refund order 1043, late", [("amount", "not $40")], "amount"),
    ("refund order 1043 $40, late", [("reason", "late, and it's $50")], "amount"),
    ("refund order 1043 $40", [("reason", "late and damaged")], "reason"),
    ("refund order 1043 $40", [("reason", "because")], "reason"),
    ("refund $40, late", [("order", "1043 or 1077")], "order"),
    ("refund $40, late", [("order", "none of these")], "order"),
    ("refund $40 on order 1043, late", [("order", "no")], "order"),
    ("refund $40, late", [("order", "{order.payment}")], "order"),
    ("refund $40, late", [("order", "' OR 1=1 --")], "order"),
    ("change the address of order 1066", [("street", "12 Main St"), ("city", "Springfield 9")], "city"),
    ("change the address of order 1066", [("street", "12\u200b Main St")], "street"),
    ("cancel order 1066 and refund $40", [("workflow", "something")], "workflow"),
    ("cancel order 1066 and refund $40", [("workflow", "not the refund")], "workflow"),
    ("refund $40 for the oscilloscope, order 1043, arrived damaged", [], "order"),
    ("cancel order 1066 and refund $40", [("workflow", "the cancellation")], "reason"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "answers", "slot"), STILL_OPEN)
def test_an_answer_that_does_not_answer_is_asked_again(say, text, answers, slot) -> None:  # type: ignore[no-untyped-def]
    planned = say(text, *answers)
    assert isinstance(planned, Ask), planned
    assert planned.question.slot == slot


REFUSED_AMOUNTS = [
    "I refuse $40", "not $40", "don't refund $40", "don’t refund $40", "no, don't refund $40",
    "I would never give $40", "$40? never", "$40, no", "we won't pay $40", "they rejected $40",
    "$40 is wrong", "never the full amount, $40", "$40 unless she returned it", "if it broke, $40",
    "$40. scratch that", "kein 40 $", "we are against $40", "it isn't $40", "no $40", "not all of it",
    "nicht 40 $", "$25, not $40", "I decline $40", "I refuse, $40", "don't, $40", "please do not, $40", "$40, please no",
    "never, $40", "wenn es geht, $40", "falls es stimmt, $40", "$40 I said no to", "no no, not $40", "$40, we do not want that",
]  # fmt: skip


@pytest.mark.parametrize("said", REFUSED_AMOUNTS)
def test_an_amount_that_was_refused_is_not_taken(say, said: str) -> None:  # type: ignore[no-untyped-def]
    for answers in (
        [("amount", said)],
        [("amount", said), ("amount", "yes")],
        [("amount", "about $40"), ("amount", said)],
        [("order", f"1043, and {said}")],
    ):
        planned = say("refund order 1043, late", *answers)
        assert isinstance(planned, Ask), (answers, planned)
        assert planned.question.slot == "amount"
        assert "40.00 USD" not in dict(planned.question.choices)
        planned = say("refund order 1043, late", *answers, ("amount", "$25"))
        assert isinstance(planned, Draft), "what is said after it counts"
        assert planned.plan.steps[0].params["amount"]["minor"] == 2500


@pytest.mark.parametrize(
    "said",
    [
        "no, $25",
        "No. It's $25",
        "vierzig nein, $25",
        "not forty, $25",
        "forty? no. $25",
        "$25 if that's ok",
        "$25, it did not arrive",
        "no - $25",
    ],
)
def test_an_amount_beside_a_no_to_something_else_is_taken(say, said: str) -> None:  # type: ignore[no-untyped-def]
    planned = say("refund order 1043, late", ("amount", said))
    assert isinstance(planned, Draft), planned
    assert planned.plan.steps[0].params["amount"]["minor"] == 2500


def test_an_address_may_be_answered_at_once(say) -> None:  # type: ignore[no-untyped-def]
    planned = say(
        "change the address of order 1066", ("street", "12 Main St, Springfield, 62704, US")
    )
    assert isinstance(planned, Draft), planned
    assert [slot.value for slot in planned.plan.slots] == [
        "1066",
        "12 Main St",
        "Springfield",
        "62704",
        "US",
    ]


def test_the_question_carries_what_is_known(say) -> None:  # type: ignore[no-untyped-def]
    planned = say("refund $40 on order 1043")
    assert isinstance(planned, Ask)
    assert [(slot.name, slot.said) for slot in planned.slots] == [
        ("order", "1043"),
        ("amount", "$40"),
    ]


def test_more_than_the_maximum_names_it(say) -> None:  # type: ignore[no-untyped-def]
    planned = say("refund $400 on order 1043, late")
    assert isinstance(planned, Ask)
    assert planned.question.text.startswith(
        "Order 1043 has $129.00 left to refund. $400.00 is more"
    )


def test_every_choice_offered_is_understood(say) -> None:  # type: ignore[no-untyped-def]
    for text in ("refund $40 or $50 on order 1043, late", "refund 1.234 KWD on order 1061, late"):
        asked = say(text)
        assert isinstance(asked, Ask)
        for value, label in asked.question.choices:
            planned = say(text, (asked.question.slot, value))
            assert isinstance(planned, Draft), (value, planned)
            assert label in str(planned.plan.steps[1].params["text"])


def test_what_the_system_raises_reaches_the_flow(workflows: tuple[Workflow, ...]) -> None:
    def away(finder: str, words: str) -> tuple[Record, ...]:
        raise Unavailable(f"{finder} is away")

    with pytest.raises(Unavailable):
        RulesPlanner().plan(Asked("refund $40 on order 1043, late", workflows, away))


def test_the_refusal_says_what_can_be_done(say) -> None:  # type: ignore[no-untyped-def]
    text = say("change somebody's salary").text
    assert "refund a payment, cancel an order, change a shipping address" in text
    assert "“refund $40 on order 1043, arrived damaged”" in text
    assert "salary" not in text


def test_without_workflows_nothing_can_be_done() -> None:
    planned = RulesPlanner().plan(Asked("refund $40 on order 1043", (), find))
    assert "an admin may turn tasks on" in planned.text  # type: ignore[union-attr]


def test_an_answer_of_no_use_is_named_and_asked_for_again(say) -> None:  # type: ignore[no-untyped-def]
    planned = say("refund order 1043", ("amount", "banana"))
    assert isinstance(planned, Ask)
    assert planned.question.slot == "amount"
    assert planned.question.text.startswith("I could not take “banana” as an answer. ")
    unanswered = say("refund order 1043")
    assert isinstance(unanswered, Ask)
    assert "could not take" not in unanswered.question.text

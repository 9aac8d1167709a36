"""Any claim whatever: a plan holds only what the rules' own means find in the quoted words."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import load_workflows
from desk_orders import find
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.planner.claims import claim_of_slots, judge
from bot.planner.money import read
from bot.planner.normalise import hear
from bot.planner.planner import Ask, Asked, Before, Context, Draft, Planned, Said
from bot.planner.schema import Claim, claim_of
from bot.planner.tokens import tokenize
from bot.planner.tools import Read
from bot.planner.turns import Faults
from store.model.run import Answer

WORKFLOWS = load_workflows()


def claimed(workflow: str, *slots: tuple[str, str, str], **more: Any) -> Claim:
    told = [{"slot": s, "value": v, "words": w, "from": "request"} for s, v, w in slots]
    return claim_of({"kind": "plan", "workflow": workflow, "slots": told, **more})


def judged(
    claim: Claim,
    text: str,
    answers: tuple[Answer, ...] = (),
    reads: tuple[Read, ...] = (),
    **context: Any,
) -> Planned | Faults:
    asked = Asked(text, WORKFLOWS, find, answers, Context(**context))
    return judge(claim, asked, reads, is_last=True)


def question_of(planned: Planned | Faults) -> str:
    assert isinstance(planned, Ask), planned
    return planned.question.slot


ORDER, AMOUNT = ("order", "1043", "1043"), ("amount", "40.00 USD", "$40")


@pytest.mark.parametrize(
    ("text", "words", "is_taken"),
    [
        ("order 1043 got there crushed, make it right with $40", "crushed", True),
        ("order 1043 got there crushed, make it right with $40", "crushed, make it right", True),
        ("order 1043 got there un crushed nor wet, $40", "nor wet", True),
        ("order 1043 got there not crushed, make it right with $40", "crushed", False),
        ("order 1043 never got crushed, make it right with $40", "crushed", False),
    ],
)
def test_a_denied_word_is_no_reason(text: str, words: str, *, is_taken: bool) -> None:
    named = (Answer(slot="workflow", text="refund"),)  # which task is meant was confirmed
    planned = judged(
        claimed("refund", ORDER, AMOUNT, ("reason", "damaged", words)), text, answers=named
    )
    if is_taken:
        assert isinstance(planned, Draft), planned
    else:
        assert question_of(planned) == "reason"


def test_a_doubt_of_the_model_is_asked_even_where_the_code_has_none() -> None:
    text = "order 1043 got there crushed, make it right with $40"
    slots = (ORDER, AMOUNT, ("reason", "damaged", "crushed"))
    for asked in ("order", "amount", "reason"):
        claim = claimed("refund", *slots, kind="question", asks=asked)
        assert question_of(judged(claim, text)) == asked


def test_an_answer_of_the_requester_beats_every_claim() -> None:
    text = "order 1043 got there crushed, make it right with $40"
    slots = (ORDER, AMOUNT, ("reason", "damaged", "crushed"))
    answers = (Answer(slot="amount", text="$25"), Answer(slot="reason", text="goodwill"))
    planned = judged(claimed("refund", *slots), text, answers=answers)
    assert isinstance(planned, Draft)
    values = {slot.name: slot.value for slot in planned.plan.slots}
    assert values["amount"] == {"minor": 2500, "currency": "USD"}
    assert values["reason"] == "goodwill"


def test_the_task_that_the_requester_named_is_the_one() -> None:
    answers = (Answer(slot="workflow", text="cancel-order"),)
    wrong = claimed("refund", ORDER, AMOUNT, ("reason", "damaged", "crushed"))
    assert isinstance(judged(wrong, "order 1043 crushed $40", answers=answers), Faults)


def test_what_was_read_before_makes_the_same_plan_again() -> None:
    text, thread = (
        "to the sister's place with order 1066, USA",
        (Said("Sam", "12 Main St, Springfield, 62704", is_requester=False),),
    )
    claim = claimed(
        "change-address",
        ("order", "1066", "1066"),
        ("street", "12 Main St", "12 Main St"),
        ("city", "Springfield", "Springfield"),
        ("postcode", "62704", "62704"),
        ("country", "US", "USA"),
    )
    first = judged(claim, text, thread=thread)
    assert isinstance(first, Draft)
    before = Before("change-address", first.plan.slots)
    again = judged(claim_of_slots(before), text, before=before)  # the thread is out of reach by now
    assert again == first
    changed = judged(
        claim_of_slots(before), text, before=before, answers=(Answer(slot="city", text="Shelby"),)
    )
    assert isinstance(changed, Draft)
    assert {s.name: (s.value, s.source) for s in changed.plan.slots}["city"] == ("Shelby", "")


CRUSHED = "order 1043 {}, make it right with $40"


@pytest.mark.parametrize(
    ("said", "words", "value", "source"),
    [
        ("got there crushed", "crushed", "damaged", "the model's reading of ‘crushed’"),
        ("was\ncrushed", "was crushed", "late", "the model's reading of ‘was crushed’"),
        ("got there broken", "broken", "damaged", ""),
        ("got there, wrong item", "wrong item", "wrong-item", ""),
        ("c" * 150, "c" * 150, "damaged", f"the model's reading of ‘{'c' * 59}…’"),
    ],
)  # fmt: skip
def test_a_kind_that_only_the_model_sorted_words_into_says_so(
    said: str, words: str, value: str, source: str
) -> None:
    planned = judged(
        claimed("refund", ORDER, AMOUNT, ("reason", value, words)), CRUSHED.format(said)
    )
    assert isinstance(planned, Draft), planned
    assert planned.plan.slots[-1].source == source
    again = judged(
        claim_of_slots(Before("refund", planned.plan.slots)), CRUSHED.format(said),
        before=Before("refund", planned.plan.slots),
    )  # fmt: skip
    assert again == planned, "what was read before is still the model's reading"


@pytest.mark.parametrize(
    "text",
    [
        "the crushed lamp, call 555 1043 about it, $40",
        "the crushed lamp, call (555) 1043 about it, $40",
        "the crushed lamp, they are on 555 1043, $40",
        "the crushed lamp, they are on 1043 555, $40",
        "the crushed lamp, they are on 1043 (555) 12, $40",
        "the crushed lamp, she is at +1 1043, $40",
        "the crushed lamp, phone us on 1043, $40",
        "the crushed lamp, extension 1043, $40",
        "crushed lamp at 1043 Oak Avenue, $40",
        "invoice 1043 got there crushed, $40",
        "1043 got there crushed, $40",
        "room number 1043 is crushed, $40",
    ],
)
def test_a_number_that_nothing_calls_an_order_is_none_unpressed(text: str) -> None:
    slots = (ORDER, AMOUNT, ("reason", "damaged", "crushed"))
    planned = judged(claimed("refund", *slots), text)
    assert question_of(planned) == "order"
    assert isinstance(planned, Ask)
    assert "1043" in dict(planned.question.choices)
    pressed = judged(claimed("refund", *slots), text, answers=(Answer(slot="order", text="1043"),))
    assert isinstance(pressed, Draft), pressed


@pytest.mark.parametrize(
    "text",
    [
        "order 1043 got there crushed, $40",
        "#1043 got there crushed, $40",
        "the box of 1043 got crushed, $40",
        "order number 1043 got there crushed, $40",
        "Bestellung 1043 ist crushed, $40",
        "order 1043 got there crushed, $40, her number is 555 1043",
    ],
)
def test_a_number_that_is_called_an_order_is_one(text: str) -> None:
    slots = (ORDER, AMOUNT, ("reason", "damaged", "crushed"))
    assert isinstance(judged(claimed("refund", *slots), text), Draft)


HOME = [
    ("order", "1066", "1066"),
    ("city", "Springfield", "Springfield"),
    ("postcode", "62704", "62704"),
    ("country", "US", "US"),
]


@pytest.mark.parametrize(
    ("where", "words", "offered"),
    [
        ("12 Oak Avenue", "Oak Avenue", "12 Oak Avenue"),
        ("12b Oak Avenue", "Oak Avenue", "12b Oak Avenue"),
        ("12-14 Oak Avenue", "Oak Avenue", "12-14 Oak Avenue"),
        ("Oak Avenue 12", "Oak Avenue", "Oak Avenue 12"),
        ("Oak Avenue nr 12", "Oak Avenue", "Oak Avenue nr 12"),
        ("Oak Avenue No. 12", "Oak Avenue", "Oak Avenue No. 12"),
        ("Oak Avenue, 12", "Oak Avenue", "Oak Avenue, 12"),
        ("Oak Avenue 12/3", "Oak Avenue", "Oak Avenue 12/3"),
        ("Oak Avenue 1066", "Oak Avenue", "Oak Avenue 1066"),
        ("12 Oak Avenue", "Avenue", "12 Oak Avenue"),
        ("12 Oak Avenue", "12 Oak Avenue", None),
        ("Oak Avenue", "Oak Avenue", None),
    ],
)
def test_a_text_is_not_cut_from_its_number(where: str, words: str, offered: str | None) -> None:
    text = f"order 1066 has to go to {where}, Springfield, 62704, country: US"
    planned = judged(claimed("change-address", *HOME, ("street", words, words)), text)
    if offered is None:
        assert isinstance(planned, Draft), planned
        return
    assert question_of(planned) == "street"
    assert isinstance(planned, Ask)
    assert [value for value, _ in planned.question.choices] == [offered, words]


def test_a_number_beside_a_text_may_be_of_another_slot() -> None:
    text = "1066 Oak Avenue 12 62704 Springfield, country: US, that is for order 1066"
    slots = [*HOME, ("street", "Oak Avenue 12", "Oak Avenue 12")]
    planned = judged(claimed("change-address", *slots), text)
    assert question_of(planned) == "street", "1066 stands twice and only one of it is the order"
    planned = judged(claimed("change-address", *slots), text.replace("1066 Oak", "Oak"))
    assert isinstance(planned, Draft), planned


WHERE = st.sampled_from(["request", "request", "request", "thread", "record"])
ORDERS = st.sampled_from(
    [(n, n) for n in ("1043", "1077", "1066", "1067", "1060")] + [("1043", "ACME mechanical")]
)
AMOUNTS = st.sampled_from(
    [
        ("40.00 USD", "$40"),
        ("40.00 USD", "40 USD"),
        ("40.00 USD", "forty dollars"),
        ("45.00 USD", "$45.00"),
        ("999.00 USD", "$40"),
        ("12.50 USD", "12.50"),
        ("30.00 USD", "30"),
        ("129.00 USD", "full refund"),
        ("-1.00 USD", "$1"),
    ]
)
REASONS = st.sampled_from(
    [("damaged", "crushed"), ("late", "late"), ("goodwill", "sorry"), ("x", "y")]
)
NOISE = st.lists(
    st.sampled_from(["about", "half of", "not", "$12", "1067", ",", "and", "USA"]), max_size=2
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(ORDERS, AMOUNTS, REASONS, st.tuples(WHERE, WHERE, WHERE), NOISE)
def test_nothing_is_planned_that_the_requester_did_not_say(
    order: tuple[str, str],
    amount: tuple[str, str],
    reason: tuple[str, str],
    where: tuple[str, str, str],
    noise: list[str],
) -> None:
    said: dict[str, list[str]] = {"request": [*noise, ","], "thread": [], "record": []}
    for (_, words), place in zip((order, amount, reason), where, strict=True):
        said[place] += [words, ","]
    text, of_others, of_records = (" ".join(words) for words in said.values())
    claim = claimed("refund", ("order", *order), ("amount", *amount), ("reason", *reason))
    thread = (Said("Sam", of_others, is_requester=False),)
    planned = judged(claim, text, thread=thread, reads=(Read("order 1", (of_records,)),))
    event(f"{type(planned).__name__} {where}")
    if not isinstance(planned, Draft):
        return
    values = {slot.name: slot for slot in planned.plan.slots}
    written = {
        m for t in tokenize(hear(text).text) for m in read(t.digits, "USD").minors if t.digits
    }
    assert values["amount"].value["minor"] in written or "full refund" in text
    assert where[0] != "record"
    assert where[1:] == ("request", "request")
    assert values["order"].source == ("" if values["order"].said in text else "Sam's message")
    assert not values["amount"].source
    is_sorted = values["reason"].said in {"crushed", "sorry"}
    sorted_by = f"the model's reading of ‘{values['reason'].said}’"
    assert values["reason"].source == (sorted_by if is_sorted else "")

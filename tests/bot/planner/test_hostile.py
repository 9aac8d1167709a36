"""Whatever is written, the planner answers quickly, raises nothing, and takes only what was said."""

# ruff: noqa: E501 - what is said and what comes of it stand on one line

from __future__ import annotations

import random
import re
import time
import unicodedata

import pytest
from conftest import load_workflows
from desk_orders import find
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planner.money import read, spell
from bot.planner.planner import Ask, Asked, Draft, Refuse
from bot.planner.rules import RulesPlanner
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.run import Answer
from store.model.values import CURRENCY_EXPONENTS, INT_MAX

WORKFLOWS = load_workflows()
PROCESS_SECONDS_MAX = 0.5  # ten times the target on a quiet machine, for a busy one

PIECES = [
    "refund ", "order ", "$40 ", "1043 ", "1077 ", ",", "\n", "and ", ". ", "give ", "ACME ", "back ",
    "1 ", "000 ", "#", "\u200b", "\u202e", "12,", "to ", "street: ", "late ", "damaged ", "not ", "<",
    ">", "|", ":", "'", '"', "`", "ship ", "if ", "> ", "-", "cancel ", "1,", "1.", "€", "EUR ", "full ",
    "40 ", "1.234 ", "half ", "{order.payment} ", "on ", "for ", "\x00", "😀", "４", "²", "@", "*", "_",
    "62704 ", "US ", "Springfield ", "yes", "none of these", "no ", "please ", "\ufffd", "e\u0301",
]  # fmt: skip
messages = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=200)
answers = st.lists(
    st.builds(
        Answer,
        slot=st.sampled_from(["order", "amount", "reason", "street", "country", "workflow", "x"]),
        text=messages,
    ),
    max_size=3,
).map(tuple)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(messages, answers)
def test_only_what_was_said_is_planned(text: str, said: tuple[Answer, ...]) -> None:
    planned = RulesPlanner().plan(Asked(text, WORKFLOWS, find, said))
    assert isinstance(planned, Draft | Ask | Refuse)
    if not isinstance(planned, Draft):
        return
    heard = [_plain(t) for t in (text, *(answer.text for answer in said))]
    for slot in planned.plan.slots:
        assert any(_plain(slot.said) in t for t in heard) or _is_offered(slot.said), slot
    values = {slot.name: slot for slot in planned.plan.slots}
    if values["order"].said.strip("#").isdecimal():
        assert values["order"].said.strip("#") == values["order"].value
    if amount := values.get("amount"):
        (record,) = find("orders.find", values["order"].value)
        assert 0 < amount.value["minor"] <= record.fields["refundable"]["minor"]
        digits = "".join(re.findall(r"\d", _plain(amount.said)))
        assert digits.strip("0") in str(amount.value["minor"]) or not digits


def _plain(text: str) -> str:
    visible = unicodedata.normalize("NFKC", text).replace("`", " ").replace("&gt;", ">")
    return "".join(visible.split()).casefold()


def _is_offered(said: str) -> bool:
    """Said by agreeing to a choice that the planner had spelled."""
    return re.fullmatch(r"\d+(\.\d+)? [A-Z]{3}", said) is not None


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_words_around_do_not_change_a_number(noise: str) -> None:
    """A number is read whole or not at all, whatever stands glued to it."""
    planned = RulesPlanner().plan(Asked(f"full refund for order 1043{noise}", WORKFLOWS, find))
    if isinstance(planned, Draft):
        assert planned.plan.slots[0].value == "1043"


@settings(max_examples=300)
@given(st.integers(1, INT_MAX), st.sampled_from(sorted(CURRENCY_EXPONENTS)))
def test_a_spelled_amount_reads_as_exactly_itself(minor: int, currency: str) -> None:
    assert read(spell(minor, currency).split()[0], currency).minors == (minor,)


def _hostile() -> list[str]:
    texts = [piece * TEXT_CHARACTERS_MAX for piece in PIECES]
    chance = random.Random(7)
    texts += ["".join(chance.choice(PIECES) for _ in range(2_000)) for _ in range(60)]
    texts += [f"refund {piece}" * 600 for piece in PIECES]
    texts += ["ship order 1066 to " + f"{piece}a, " * 900 for piece in PIECES]
    texts += [
        "street: " * 500,
        "1" * 4_000,
        "1 000 " * 600,
        "1," * 2_000,
        "$" * 4_000,
        '"a ' * 1_300,
    ]
    return [text[:TEXT_CHARACTERS_MAX] for text in texts]


@pytest.mark.slow
def test_no_message_takes_long() -> None:
    for text in _hostile():
        asked = Asked(text, WORKFLOWS, find, (Answer(slot="amount", text=text),))
        # once more where it took long: the process may have collected what other tests have left
        is_quick = _seconds(asked) < PROCESS_SECONDS_MAX or _seconds(asked) < PROCESS_SECONDS_MAX
        assert is_quick, text[:80]


def _seconds(asked: Asked) -> float:
    started = time.process_time()
    RulesPlanner().plan(asked)
    return time.process_time() - started


def test_a_text_in_a_parameter_is_never_a_template() -> None:
    said = Answer(slot="street", text="{order.payment} {order}")
    text = "change the address of order 1066, city: Berlin, zip: 10115, country: DE"
    planned = RulesPlanner().plan(Asked(text, WORKFLOWS, find, (said,)))
    assert isinstance(planned, Draft), planned
    assert planned.plan.steps[0].params["street"] == "{order.payment} {order}"
    assert "{order.payment} {order}" in str(planned.plan.steps[1].params["text"])

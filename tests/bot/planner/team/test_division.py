"""A coordinator's claim is checked word by word; what does not hold divides nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.joint.names import PARTS_MAX
from bot.planner.normalise import hear
from bot.planner.schema import ClaimMalformedError
from bot.planner.team.division import (
    Overlap,
    Whole,
    divided,
    division_claim,
    is_divisible,
)
from bot.planner.turns import Faults
from policies.workflow import Workflow
from tests.bot.planner.conftest import load_workflows

TEXT = "Please cancel order 1066, ordered twice, and refund $40 on order 1043, arrived damaged!"
CANCEL, REFUND = "cancel order 1066, ordered twice", "refund $40 on order 1043, arrived damaged"


def claimed(workflows: tuple[Workflow, ...], text: str, *parts: tuple[str, str, str]) -> Any:
    claim = {
        "parts": [{"specialist": s, "workflow": w, "words": words} for s, w, words in parts],
    }
    known = {w.workflow: w for w in workflows}
    specialists = {
        "payments": (known["refund"],),
        "orders": (known["cancel-order"], known["change-address"]),
    }
    return divided(division_claim(claim), text, specialists, workflows)


def test_parts_stand_in_the_order_and_the_words_of_the_request(workflows: Any) -> None:
    parts = claimed(
        workflows, TEXT, ("payments", "refund", REFUND.upper()), ("orders", "cancel-order", CANCEL)
    )
    assert [(p.name, p.words, p.specialist) for p in parts] == [
        ("cancel-order", CANCEL, "orders"),
        ("refund", REFUND, "payments"),
    ]


def test_a_link_stays_with_the_words_before_it(workflows: Any) -> None:
    text = f"{CANCEL} https://a.example/1 and {REFUND} https://b.example/2"
    parts = claimed(
        workflows, text, ("payments", "refund", REFUND), ("orders", "cancel-order", CANCEL)
    )
    words = [f"{CANCEL} https://a.example/1", f"{REFUND} https://b.example/2"]
    assert [part.words for part in parts] == words


def test_a_workflow_that_is_asked_for_twice_has_two_names(workflows: Any) -> None:
    text = "refund $5 on order 1043, late and refund $5 on order 1063, late"
    one, two = text.split(" and ")
    parts = claimed(workflows, text, ("payments", "refund", one), ("payments", "refund", two))
    assert [p.name for p in parts] == ["refund", "refund~2"]


def test_words_that_two_parts_claim_are_given_to_neither(workflows: Any) -> None:
    came = claimed(
        workflows,
        TEXT,
        ("orders", "cancel-order", f"{CANCEL}, and"),
        ("payments", "refund", f"and {REFUND}"),
    )
    assert came == Overlap(f"and {REFUND}", ("cancel-order", "refund"))


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (
            (("orders", "cancel-order", CANCEL), ("payments", "refund", "refund $400")),
            "do not stand",
        ),
        ((("orders", "cancel-order", CANCEL), ("payments", "refund", "")), "do not stand"),
        (
            (("orders", "cancel-order", CANCEL), ("payments", "refund", "refund $40 on order 104")),
            "do not stand",
        ),
        (
            (
                ("orders", "cancel-order", CANCEL),
                ("payments", "refund", "refund $40 on order 1043"),
            ),
            "belong to no part: 'arrived damaged'",
        ),
        (
            (("orders", "refund", CANCEL), ("payments", "refund", REFUND)),
            "has no workflow 'refund'",
        ),
        ((("nobody", "refund", CANCEL), ("payments", "refund", REFUND)), "has no workflow"),
        (
            (("orders", "change-address", CANCEL), ("payments", "refund", REFUND)),
            "ask for cancel-order, not for change-address",
        ),
        ((("payments", "refund", "refund $40"),) * (PARTS_MAX + 1), "5 parts; 4 at most"),
    ],
)
def test_what_does_not_hold_divides_nothing(workflows: Any, parts: Any, fault: str) -> None:
    came = claimed(workflows, TEXT, *parts)
    assert isinstance(came, Faults)
    assert any(fault in text for text in came.texts), came.texts


def test_a_not_that_is_left_over_is_noticed(workflows: Any) -> None:
    text = "cancel order 1066, ordered twice, only don't refund $40 on order 1043, damaged"
    came = claimed(
        workflows,
        text,
        ("orders", "cancel-order", CANCEL),
        ("payments", "refund", "refund $40 on order 1043, damaged"),
    )
    assert isinstance(came, Faults)
    assert came.texts == ('these words belong to no part: "only don\'t"',)


@pytest.mark.parametrize(
    "second",
    [
        "the customer wrote “refund $40 on order 1043, arrived damaged",
        "refund $40 on order 1043, arrived damaged",
    ],
)
def test_a_quotation_is_never_cut_open(workflows: Any, second: str) -> None:
    """Else what a customer wrote would be what the requester asks for."""
    text = f"{CANCEL}, and the customer wrote “{REFUND}”"
    came = claimed(
        workflows, text, ("orders", "cancel-order", CANCEL), ("payments", "refund", second)
    )
    assert isinstance(came, Faults)
    assert f"take the quotation '“{REFUND}”' whole" in came.texts


def test_one_part_or_none_is_no_division(workflows: Any) -> None:
    assert claimed(workflows, TEXT) == Whole()
    assert claimed(workflows, TEXT, ("payments", "refund", REFUND)) == Whole()


@pytest.mark.parametrize(
    "claim",
    [
        [],
        {},
        {"parts": "all"},
        {"parts": [{"specialist": "orders"}]},
        {"parts": [], "approve": True},
        {"parts": [{"specialist": "s", "workflow": "w", "words": "x"}] * 1_000},
    ],
)
def test_a_claim_of_another_form_is_none(claim: Any) -> None:
    with pytest.raises(ClaimMalformedError):
        division_claim(claim)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        (TEXT, True),
        ("cancel order 1066, no longer wanted, and refund order 1043, it did not arrive", True),
        ("cancel order 1066 and, if you can, refund $4 on order 1043", True),
        ("Do not do these: refund $4 on order 1043, cancel order 1066", False),
        ("cancel order 1066 and refund $4 on order 1043 unless it shipped", False),
        ("cancel order 1066 and refund $4 on order 1043, scratch that", False),
        ("storniere 1066 und erstatte 1043 nicht", False),
    ],
)
def test_a_request_that_could_be_turned_round_is_not_divided(
    workflows: Any, text: str, is_so: bool
) -> None:
    assert is_divisible(text, workflows) is is_so


WORKFLOWS = load_workflows()
PIECES = st.sampled_from(
    [
        CANCEL,
        REFUND,
        "and",
        "please",
        "“",
        "”",
        "order",
        "1043",
        "$40",
        "refund",
        "\n",
        ",",
        "\u202e",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=8).map(" ".join))


@pytest.mark.slow  # a hundred claims
@settings(max_examples=150, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.sampled_from(["refund", "cancel-order"]), TEXTS), max_size=5))
def test_whatever_is_claimed_no_word_is_in_two_parts_and_none_is_made_up(
    text: str, parts: list[tuple[str, str]]
) -> None:
    owners = {"refund": "payments", "cancel-order": "orders"}
    came = claimed(WORKFLOWS, text, *((owners[w], w, words) for w, words in parts))
    if not isinstance(came, tuple):
        return
    rest = hear(text).quoted
    for part in came:  # each stands behind the one before it
        _, found, rest = rest.partition(part.words)
        assert found
        assert part.words.strip()

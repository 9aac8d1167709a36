"""A decision as the terminal shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from policies.explain import lines
from policies.sentences import recorded, sentence, shown
from store.model.decision import Decision

TYPES = {"refund.amount_minor": "int", "refund.currency": "string", "order.placed_at": "timestamp"}
CONSTANTS = {"small": "map<string,int>", "window": "duration"}


def test_every_rule_and_condition_is_shown_with_its_values(
    decide_refund: Callable[..., Decision],
) -> None:
    said = lines(decide_refund({"refund.amount_minor": 12_900}))
    assert said[:2] == (
        "needs approval: 1 of finance-leads (a finance lead approves above $100.00)",
        "  needs 1 of finance-leads: a finance lead approves above $100.00",
    )
    text = "\n".join(said)
    assert "require medium-refund (refunds@" in text
    assert (
        "    yes over the small limit: refund.amount_minor=12900, small[refund.currency]=10000"
        in said
    )
    assert "    no  not above zero: refund.amount_minor=12900" in said


def test_a_freeze_is_shown_with_its_times(decide_refund: Callable[..., Decision]) -> None:
    said = "\n".join(lines(decide_refund({"now": datetime(2026, 12, 31, 23, tzinfo=UTC)})))
    assert (
        "freezes=from 2026-12-31T22:00:00Z, until 2027-01-01T06:00:00Z, now=2026-12-31T23" in said
    )


def test_a_condition_that_could_not_be_judged_says_why(
    decide_refund: Callable[..., Decision],
) -> None:
    said = "\n".join(lines(decide_refund({"refund.currency": "XAU", "payment.currency": "XAU"})))
    assert "??  to the small limit" in said
    assert '(Key not found in map : "XAU")' in said
    assert said.startswith("denied: there are no refund limits for XAU")


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [
        ("USD", 25_000, "$250.00 of $100.00"),
        ("JPY", 25_000, "¥25,000 of ¥15,000"),
        ("KWD", 25_000, "25.000 KWD of 100.000 KWD"),
        ("usd", 25_000, "25000 of nothing"),
    ],
)
def test_amounts_are_money_where_their_currency_is_known(
    currency: str, minor: int, text: str
) -> None:
    written = sentence("{refund.amount_minor} of {small[refund.currency]}", TYPES, CONSTANTS)
    limits = {"USD": 10_000, "JPY": 15_000, "KWD": 100_000}
    facts = {"refund.amount_minor": minor, "refund.currency": currency, "small": limits}
    assert written.render(facts, {}) == text


def test_times_and_durations_are_readable() -> None:
    written = sentence("{window} after {order.placed_at}", TYPES, CONSTANTS)
    placed = datetime(2026, 11, 12, 12, tzinfo=UTC)
    values = {"window": timedelta(days=90), "order.placed_at": placed}
    assert written.render(values, {}) == "90 days after 2026-11-12T12:00:00Z"
    assert [recorded(timedelta(seconds=s)) for s in (1, 60, 3_600, 90_000)] == [
        "1 second",
        "1 minute",
        "1 hour",
        "25 hours",
    ]


def test_a_long_value_is_cut_in_sentences() -> None:
    assert len(shown("x" * 5_000)) == 120


@pytest.mark.parametrize(
    "text", ["{refund.amount}", "{}", "{small[payment.currency]}", "{now now}"]
)
def test_a_hole_that_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a fact"):
        sentence(text, TYPES, CONSTANTS)

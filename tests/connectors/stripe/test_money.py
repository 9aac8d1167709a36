"""Stripe's minor units are ISO 4217's, except where they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.stripe import conformance, stripe_refund
from connectors.stripe.amounts import from_stripe, to_stripe, unpayable
from connectors.stripe.session import open_session

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "ISK", "UGX", "MGA", "XPF")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        (4000, "usd", 4000),
        (500, "jpy", 500),
        (12500, "kwd", 12500),
        (50000, "isk", 500),
        (50000, "ugx", 500),
        (500, "mga", 50000),
    ],
)
def test_stripes_amount_is_this_money(amount, currency, minor):
    money = from_stripe(amount, currency)
    assert money == {"minor": minor, "currency": currency.upper()}
    assert to_stripe(minor, currency.upper()) == amount


@given(minor=st.integers(1, 10**12), currency=st.sampled_from(CURRENCIES))
def test_what_can_be_paid_comes_back_the_same(minor, currency):
    if unpayable(minor, currency):
        return
    assert from_stripe(to_stripe(minor, currency), currency.lower())["minor"] == minor


@pytest.mark.parametrize(
    ("minor", "currency", "is_payable"),
    [
        (1001, "KWD", False),
        (1010, "KWD", True),
        (150, "MGA", False),
        (200, "MGA", True),
        (1, "JPY", True),
    ],
)
def test_amounts_that_stripe_cannot_move_are_refused(minor, currency, is_payable):
    assert (unpayable(minor, currency) == "") is is_payable


@pytest.mark.slow
def test_a_part_of_a_charge_without_decimals_goes_back(address):
    params = stripe_refund.RefundParams.model_validate(
        {
            "charge": "ch_teapot",
            "amount": {"minor": 120000, "currency": "MGA"},
            "reason": "late",
        }
    )
    with open_session(conformance.writer(address, "")) as session:
        before = stripe_refund.read(session, params)
        assert before.about["paid"] == {"minor": 500000, "currency": "MGA"}
        stripe_refund.execute(session, params, before, "key")
        after = stripe_refund.read(session, params)
    assert after.fields["refunded"] == {"minor": 120000, "currency": "MGA"}
    (post,) = [e for e in conformance.PROXIES[address][0].exchanges() if e.method == "POST"]
    assert b"amount=1200&" in post.body


@pytest.mark.slow
def test_a_held_charge_goes_back_whole_or_not_at_all(session):
    def refund(minor):
        return stripe_refund.RefundParams.model_validate(
            {
                "charge": "ch_held",
                "amount": {"minor": minor, "currency": "USD"},
                "reason": "late",
            }
        )

    before = stripe_refund.read(session, refund(7000))
    with pytest.raises(Rejected, match="not captured"):
        stripe_refund.preview(refund(100), before)
    assert stripe_refund.preview(refund(7000), before)["status"] == "refunded"

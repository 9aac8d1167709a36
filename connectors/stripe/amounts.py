"""Money between Assent and Stripe: both count minor units, and not always the same ones.

Stripe's smallest unit is that of ISO 4217, except where it is not
(docs.stripe.com/currencies#zero-decimal, #special-cases, read 2026-11).
"""

from __future__ import annotations

from connectors.money import money
from connectors.operation import Value

# Stripe writes these with two decimals that are always 00; ISO 4217 gives them none.
TWO_DECIMALS_MORE = frozenset({"ISK", "UGX"})
# Stripe writes it without decimals; ISO 4217 gives it two.
TWO_DECIMALS_LESS = frozenset({"MGA"})
# Three decimals, of which Stripe takes the first two: amounts end in 0.
LAST_DIGIT_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def from_stripe(amount: int, currency: str) -> dict[str, int | str]:
    """Stripe's amount and its currency in small letters as a snapshot's money."""
    code = currency.upper()
    if code in TWO_DECIMALS_MORE:
        return money(amount // 100, code)
    return money(amount * 100 if code in TWO_DECIMALS_LESS else amount, code)


def to_stripe(minor: int, currency: str) -> int:
    """Minor units as Stripe counts them; exact for what `unpayable` does not refuse."""
    if currency in TWO_DECIMALS_MORE:
        return minor * 100
    return minor // 100 if currency in TWO_DECIMALS_LESS else minor


def unpayable(minor: int, currency: str) -> str:
    """Why Stripe cannot move exactly this amount, as a clause; "" where it can."""
    if currency in LAST_DIGIT_ZERO and minor % 10:
        return f"Stripe moves {currency} in steps of 0.010"
    if currency in TWO_DECIMALS_LESS and minor % 100:
        return f"Stripe moves whole {currency} alone"
    return ""


def left(whole: Value, gone: Value) -> dict[str, int | str]:
    """What is left of money, both of the same currency."""
    return money(whole["minor"] - gone["minor"], whole["currency"])

"""Figures as people read them: two decimals, more where they are needed."""

from __future__ import annotations

import math

CENT_USD = 0.01  # below it, dollars are shown with four decimals
DECIMALS_MAX = 6  # a millionth of a dollar is the smallest that is booked


def figure_text(value: float, unit: str) -> str:
    """0.94, 0.008, $0.16, $0.0042, 12 or 340 ms.

    Never rounded up to all or down to nothing: 0.9996 is 0.9996, for 1.00 means every one.
    """
    if unit == "milliseconds":
        return f"{value:,.0f} ms"
    if unit == "usd":
        fewest = 4 if 0 < value < CENT_USD else 2
        return f"${_decimal(value, fewest, max(fewest, 3))}"
    if unit == "count" and value == int(value):
        return f"{int(value)}"
    return _decimal(value, 2, 3)


def micro_usd_text(micro_usd: int) -> str:
    """$0.16, of millionths of a dollar."""
    return figure_text(micro_usd / 1_000_000, "usd")


def _decimal(value: float, fewest: int, most: int) -> str:
    """At most `most` decimals, zeros dropped down to `fewest`; more before it would say 0 or 1."""
    for decimals in range(most, DECIMALS_MAX + 1):
        text = f"{value:.{decimals}f}"
        if float(text) not in {0.0, 1.0} or value in {0.0, 1.0}:
            break
    whole, _, rest = text.partition(".")
    kept = rest.rstrip("0").ljust(fewest, "0")
    return f"{whole}.{kept}"


def limit_text(limit: float, unit: str) -> str:
    """A bound as it was written, with its unit."""
    return {"usd": f"${limit:g}", "milliseconds": f"{limit:g} ms"}.get(unit, f"{limit:g}")


def beside_text(value: float, limit: float, unit: str) -> str:
    """A figure next to the limit that it misses: with as many digits as tell them apart."""
    text = figure_text(value, unit)
    if text.removeprefix("$") != figure_text(limit, unit).removeprefix("$"):
        return text
    return f"{'$' if unit == 'usd' else ''}{value:.{DECIMALS_MAX}f}"


def percent_text(share: float, *, is_floor: bool = False) -> str:
    """1.0%, rounded to the careful side: up what is at most, down what is at least."""
    tenths = share * 1_000
    careful = math.floor(tenths + 1e-9) if is_floor else math.ceil(tenths - 1e-9)
    return f"{careful / 10:.1f}%"


def delta_text(value: float) -> str:
    """+0.03, -0.12, 0.00"""
    return f"{value:+.3f}" if round(value, 2) != round(value, 3) else f"{value:+.2f}"

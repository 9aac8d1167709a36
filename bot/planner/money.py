"""What a written number can mean in one currency: every reading, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from store.model.values import CURRENCY_EXPONENTS, INT_MAX

DIGITS_MAX = 24  # more cannot be below INT_MAX in any notation that a person means

# Currencies of two decimals whose amounts are written with a point before the cents, and a comma
# between thousands, wherever they are money (CLDR's en-US, en-GB, en-AU). CAD has both ways, by
# language (fr-CA); EUR and CHF by country.
DECIMAL_POINT = frozenset({"USD", "GBP", "AUD"})

Problem = Literal["", "malformed", "too precise", "too large", "zero"]


@dataclass(frozen=True)
class Reading:
    """`minors`: the amounts in minor units that it may mean, none when there is a problem."""

    minors: tuple[int, ...]
    problem: Problem = ""


def read(digits: str, currency: str, *, is_marked: bool = False) -> Reading:
    """Read "1,234.56", "1.234,56", "1 234,56", "1'234.56", "1234.5" in a currency.

    A single separator before three digits is both readings where both are possible. `is_marked`:
    the currency stands beside it. "$1,200" is then twelve hundred: whoever writes dollars parts
    decimals with a point, and three digits are no cents. "$1.200", "€1,200" and "1.200 KWD" stay
    both.
    """
    if sum(c.isdigit() for c in digits) > DIGITS_MAX:
        return Reading((), "too large")
    exponent = CURRENCY_EXPONENTS[currency]
    pairs = _readings(digits, exponent)
    if not pairs:
        return Reading((), "malformed")
    minors = {_minor(whole, rest, exponent) for whole, rest in pairs if len(rest) <= exponent}
    is_grouping = is_marked and currency in DECIMAL_POINT and "," in digits
    if _is_both(digits, exponent) and not is_grouping:
        whole, rest = pairs[-1]
        minors |= {_minor(whole, rest[:exponent], exponent)}
    if not minors:
        return Reading((), "too precise")
    if max(minors) > INT_MAX:
        return Reading((), "too large")
    if max(minors) == 0:
        return Reading((), "zero")
    return Reading(tuple(sorted(minors - {0}, reverse=True)))


def spell(minor: int, currency: str) -> str:
    """An amount so that `read` gives exactly it back: "1234.00 USD", "01.234 KWD"."""
    exponent = CURRENCY_EXPONENTS[currency]
    whole, rest = divmod(minor, 10**exponent)
    if not exponent:
        return f"{whole} {currency}"
    lead = "0" if exponent == 3 else ""  # a group of thousands never begins with a zero
    return f"{lead}{whole}.{rest:0{exponent}d} {currency}"


def _minor(whole: str, rest: str, exponent: int) -> int:
    return int(whole + rest.ljust(exponent, "0"))


def _readings(digits: str, exponent: int) -> list[tuple[str, str]]:
    """(whole, decimals) pairs: as thousands first, then as decimals."""
    separators = [c for c in digits if not c.isdigit()]
    if not separators:
        return [(digits, "")]
    last = separators[-1]
    if len(set(separators)) == 1:
        grouped = _ungroup(digits, last)
        found = [(grouped, "")] if grouped else []
        if len(separators) == 1 and last in ".," and (exponent or not grouped):
            whole, rest = digits.split(last)
            found += [(whole, rest)]
        return found
    if len(set(separators)) > 2 or separators.count(last) > 1 or last not in ".,":
        return []
    head, rest = digits.rsplit(last, 1)
    grouped = _ungroup(head, separators[0])
    return [(grouped, rest)] if grouped else []


def _is_both(digits: str, exponent: int) -> bool:
    """Whether "1.234" could be thousands or, written too precisely, a fraction: asked about."""
    separators = [c for c in digits if not c.isdigit()]
    return (
        exponent == 2
        and len(separators) == 1
        and separators[0] in ".,"
        and bool(_ungroup(digits, separators[0]))
    )


def _ungroup(digits: str, separator: str) -> str:
    """The digits of properly grouped thousands, empty when they are not."""
    first, *groups = digits.split(separator)
    is_grouped = 1 <= len(first) <= 3 and first[0] != "0" and all(len(g) == 3 for g in groups)
    return first + "".join(groups) if is_grouped else ""

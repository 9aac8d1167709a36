"""Money as parameters and records carry it: integer minor units of an ISO 4217 currency."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MINOR_MAX = 2**53 - 1  # integers that every JSON reader keeps exact (RFC 8785, section 3.2.2.3)

# ISO 4217 minor-unit exponents (list one, 2024-06).
EXPONENTS = {
    "USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "CAD": 2, "AUD": 2, "SEK": 2, "NOK": 2, "DKK": 2,
    "PLN": 2,
    "JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3,
}  # fmt: skip
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


class Money(BaseModel):
    """An amount in minor units (cents, yen, fils). Operations refuse what is not above zero."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    minor: Annotated[int, Field(ge=-MINOR_MAX, le=MINOR_MAX)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

    def __str__(self) -> str:
        return format_money(self.minor, self.currency)


def money(minor: int, currency: str) -> dict[str, int | str]:
    """Money as a snapshot's or a record's value."""
    return {"minor": minor, "currency": currency}


def format_money(minor: int, currency: str) -> str:
    """`$1,234.56`, `12.500 KWD`, `¥15,000`; an unknown currency is shown in its minor units."""
    if currency not in EXPONENTS:
        return f"{minor:,} minor units of {currency}"
    exponent = EXPONENTS[currency]
    whole, rest = divmod(abs(minor), 10**exponent)
    digits = f"{whole:,}" + (f".{rest:0{exponent}d}" if exponent else "")
    sign, symbol = "-" if minor < 0 else "", SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency}"

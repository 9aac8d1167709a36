"""Values that stand in plans, diffs and ledger entries: JSON without floats, and money."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator

# None, bool, int (|n| < 2**53), str, list and dict of these with ASCII keys; canonical.encode()
# refuses everything else.
Json = Any

INT_MAX = 2**53 - 1  # integers that every JSON reader keeps exact (RFC 8785, section 3.2.2.3)

# ISO 4217 minor-unit exponents of the currencies that Assent handles (list one, 2024-06).
CURRENCY_EXPONENTS = {
    "USD": 2, "EUR": 2, "GBP": 2, "CHF": 2, "CAD": 2, "AUD": 2, "SEK": 2, "NOK": 2, "DKK": 2,
    "PLN": 2, "JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3,
}  # fmt: skip
CURRENCY_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


class Frozen(BaseModel):
    """A value: never changed, extra fields refused, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, ser_json_bytes="base64")


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Money(Frozen):
    """An amount in minor units (cents, yen, fils) of an ISO 4217 currency."""

    minor: Annotated[StrictInt, Field(ge=-INT_MAX, le=INT_MAX)]
    currency: Currency

    @model_validator(mode="after")
    def _currency_is_known(self) -> Money:
        if self.currency not in CURRENCY_EXPONENTS:
            raise ValueError(f"{self.currency} is not a currency that Assent handles")
        return self

    def __str__(self) -> str:
        return format_money(self.minor, self.currency)


def format_money(minor: int, currency: str) -> str:
    """`$1,234.56` for dollars, `1,234.56 CHF` where no symbol is unambiguous, `¥15,000`."""
    exponent = CURRENCY_EXPONENTS[currency]
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**exponent)
    digits = f"{whole:,}" + (f".{rest:0{exponent}d}" if exponent else "")
    symbol = CURRENCY_SYMBOLS.get(currency)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {currency}"


def is_money(value: Json) -> bool:
    """Whether a JSON value is money: exactly `{"minor": int, "currency": "USD"}`."""
    return (
        isinstance(value, dict)
        and value.keys() == {"minor", "currency"}
        and type(value["minor"]) is int
        and value["currency"] in CURRENCY_EXPONENTS
    )

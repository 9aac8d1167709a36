"""Money as cases write it: "40.00 USD", with all the decimals of its currency."""

from __future__ import annotations

import re

from connectors.money import EXPONENTS, MINOR_MAX, SYMBOLS, money
from store.model.values import Json

_WRITTEN = re.compile(r"(-?)(0|[1-9]\d{0,14})(?:\.(\d+))? ([A-Z]{3})")
_SHOWN = re.compile(r"(-?)([^\d\s-]?)(\d{1,3}(?:,\d{3})*)(?:\.(\d+))?(?: ([A-Z]{3}))?")
_CURRENCIES = {symbol: currency for currency, symbol in SYMBOLS.items()}


def written(minor: int, currency: str) -> str:
    """ "40.00 USD" for 4000 minor units of USD; a currency that nobody knows has no decimals."""
    exponent = EXPONENTS.get(currency, 0)
    whole, rest = divmod(abs(minor), 10**exponent)
    digits = f"{whole}" + (f".{rest:0{exponent}d}" if exponent else "")
    return f"{'-' if minor < 0 else ''}{digits} {currency}"


def amount(text: str) -> dict[str, int | str] | None:
    """The money in "40.00 USD"; None for anything else, "40 USD" and "$40.00" included."""
    found = _WRITTEN.fullmatch(text)
    return _money(found[1], found[2], found[3] or "", found[4]) if found else None


def plain(value: Json) -> Json:
    """A value as it is compared: money in any of its forms as "40.00 USD", everything else as text
    that is the same for 1043 and "1043"."""
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return written(int(str(value["minor"])), str(value["currency"]))
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return value
    shown = _SHOWN.fullmatch(str(value))
    if shown and (currency := shown[5] or _CURRENCIES.get(shown[2], "")):
        known = _money(shown[1], shown[3].replace(",", ""), shown[4] or "", currency)
        if known is not None:
            return written(int(known["minor"]), currency)
    return str(value)


def _money(sign: str, whole: str, decimals: str, currency: str) -> dict[str, int | str] | None:
    if currency not in EXPONENTS or len(decimals) != EXPONENTS[currency]:
        return None
    minor = int(whole + decimals) * (-1 if sign else 1)
    return money(minor, currency) if abs(minor) <= MINOR_MAX else None

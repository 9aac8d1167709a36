"""One field's values: as Salesforce describes the field, as it sends them, and as people see them.

Numbers with fractions are decimal text with the field's own number of places, whole numbers are
integers, dates ISO 8601, moments UTC to the second. Nothing here is a float.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.errors import Rejected
from connectors.operation import Value

CHOICES_SHOWN_MAX = 12  # of a picklist's values, in a message
TEXT_TYPES = frozenset({"string", "textarea", "phone", "email", "url"})
DECIMAL_TYPES = frozenset({"double", "currency", "percent"})
INT_MAX = 2**53 - 1
_DECIMAL = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_INT = re.compile(r"[+-]?\d{1,16}")


@dataclass(frozen=True)
class Field:
    """A field as `describe` says it is for this account: what it may not see is not described."""

    name: str
    label: str
    type: str
    length: int
    precision: int
    scale: int
    can_be_empty: bool
    is_updateable: bool
    choices: tuple[str, ...]


def described(said: Mapping[str, Any]) -> Field:
    """A field out of Salesforce's description of its object."""
    choices = said.get("picklistValues") or []
    return Field(
        name=str(said["name"]),
        label=str(said.get("label", said["name"])),
        type=str(said["type"]),
        length=int(said.get("length") or 0),
        precision=int(said.get("precision") or 0),
        scale=int(said.get("scale") or 0),
        can_be_empty=bool(said.get("nillable")),
        is_updateable=bool(said.get("updateable")) and not said.get("calculated"),
        choices=tuple(str(c["value"]) for c in choices if c.get("active", True)),
    )


def typed(field: Field, text: str) -> Value:
    """What the field holds after this text was set. Raises Rejected that says what it takes."""
    text = text.replace("\r\n", "\n").strip()  # Salesforce trims too
    if not field.is_updateable:
        raise _wrong(field, "cannot be changed by this account", "Ask the org's administrator.")
    if field.type not in _TYPED:
        raise _wrong(field, f"is of the type {field.type}, which is not set here", "Set it there.")
    return _TYPED[field.type](field, text)


def shown(field: Field, sent: object) -> Value:
    """A value as Salesforce sends it, in the form of `typed`."""
    if sent is None or sent == "":
        return None
    if field.type in DECIMAL_TYPES:
        return _places(field, Decimal(str(sent)))
    if field.type == "int":
        return int(Decimal(str(sent)))
    if field.type == "datetime":
        return _utc(datetime.fromisoformat(str(sent)))
    if isinstance(sent, bool):
        return sent
    return str(sent).replace("\r\n", "\n")


def body(field: Field, value: Value) -> str:
    """The write as JSON; a decimal is written with its own digits."""
    is_decimal = field.type in DECIMAL_TYPES and value is not None
    literal = str(value) if is_decimal else json.dumps(value)
    return f"{{{json.dumps(field.name)}: {literal}}}"


def whole(value: Value) -> int:
    """The whole part of a number, rounded towards zero; 0 for anything else."""
    if type(value) is int:
        return value
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return max(-INT_MAX, min(INT_MAX, int(Decimal(value))))
    return 0


def _text(field: Field, text: str) -> str:
    if len(text) > field.length > 0:
        raise _wrong(field, f"holds {field.length} characters at most", "Write less.")
    if field.type != "textarea" and "\n" in text:
        raise _wrong(field, "holds one line", "Write it in one line.")
    return text


def _choice(field: Field, text: str) -> str:
    return _choices(field, [text])


def _several(field: Field, text: str) -> str:
    return _choices(field, [part.strip() for part in text.split(";")])


def _choices(field: Field, wanted: list[str]) -> str:
    wanted = [_spelt(field, each) for each in wanted]
    unknown = [each for each in wanted if each not in field.choices]
    if unknown:
        listed = ", ".join(field.choices[:CHOICES_SHOWN_MAX])
        more = "" if len(field.choices) <= CHOICES_SHOWN_MAX else ", …"
        raise _wrong(field, f"has no value “{unknown[0][:80]}”", f"Choose of: {listed}{more}.")
    return ";".join(choice for choice in field.choices if choice in wanted)


def _spelt(field: Field, text: str) -> str:
    """The one choice that differs from the text in case alone, else the text."""
    alike = [choice for choice in field.choices if choice.casefold() == text.casefold()]
    return alike[0] if text not in field.choices and len(alike) == 1 else text


def _boolean(field: Field, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _wrong(field, "takes true or false", "Write one of them.")
    return text.lower() == "true"


def _int(field: Field, text: str) -> int:
    if not _INT.fullmatch(text) or abs(int(text)) > INT_MAX:
        raise _wrong(field, "takes a whole number", "Write it in digits alone.")
    return int(text)


def _decimal(field: Field, text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise _wrong(field, "takes a number such as 12500.50", "Write it without separators.")
    try:
        number = Decimal(text)
        rounded = _places(field, number)
    except InvalidOperation:
        raise _wrong(field, "takes no number so large", "Write a smaller one.") from None
    if Decimal(rounded) != number:
        raise _wrong(field, f"has {field.scale} decimal places", "Round it first.")
    if len(text.partition(".")[2]) > field.scale:  # 50.000 is fifty thousand to some
        raise _wrong(field, f"has {field.scale} decimal places", "Write 50000 or 50.00.")
    if len(str(abs(int(number)))) > max(field.precision - field.scale, 1):
        raise _wrong(field, f"has {field.precision} digits in all", "Write a smaller number.")
    return rounded


def _places(field: Field, number: Decimal) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-field.scale)) + 0
    return f"{rounded:f}"


def _moment(field: Field, text: str) -> str:
    try:
        if field.type == "date":
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(field, "takes a date such as 2026-11-30", "Write it so.") from None
    if moment.tzinfo is None:
        raise _wrong(field, "takes a moment with its time zone", "Write 2026-11-30T09:00:00Z.")
    return _utc(moment)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wrong(field: Field, why: str, next_step: str) -> Rejected:
    return Rejected(f"The field {field.label} ({field.name}) {why}.", next_step=next_step)


_TYPED: Mapping[str, Callable[[Field, str], Value]] = {
    **dict.fromkeys(TEXT_TYPES, _text),
    **dict.fromkeys(DECIMAL_TYPES, _decimal),
    "picklist": _choice,
    "multipicklist": _several,
    "boolean": _boolean,
    "int": _int,
    "date": _moment,
    "datetime": _moment,
}

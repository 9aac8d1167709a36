"""Fields of declared kinds: how each is checked against the field's own schema, read and written.

kind     Jira's fields                                   value as a parameter
text     summary, description, environment, text fields  the text
number   number fields                                   "12.5": digits, never a float
option   priority, single selects                        the option's name
labels   labels, label fields                            "one two": words, in any order
date     duedate, date fields                            "2026-12-01"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from connectors.errors import Rejected
from connectors.jira import adf
from connectors.jira.issues import text, texts
from connectors.operation import Value
from connectors.saying import safe

Kind = Literal["text", "number", "option", "labels", "date"]

DIGITS_MAX = 15  # that a number survives in Jira with: it keeps IEEE doubles
LABELS_MAX = 20
LABEL_CHARACTERS_MAX = 255  # Jira's own limit
SUMMARY_CHARACTERS_MAX = 255  # Jira's own limit
OPTIONS_SHOWN = 12

_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def kind_of(schema: Mapping[str, Any]) -> Kind | None:
    """The kind of a field, None where it is none of those declared."""
    system, custom = text(schema.get("system")), text(schema.get("custom")).removeprefix(_CUSTOM)
    known: Mapping[str, Kind] = {
        "summary": "text", "description": "text", "environment": "text",
        "priority": "option", "labels": "labels", "duedate": "date",
        "textfield": "text", "textarea": "text", "float": "number",
        "select": "option", "radiobuttons": "option", "datepicker": "date",
    }  # fmt: skip
    return known.get(system or custom)


def is_document(schema: Mapping[str, Any]) -> bool:
    """Whether its text is a document (ADF) on the wire."""
    return schema.get("system") in ("description", "environment") or text(
        schema.get("custom")
    ).endswith(":textarea")


def shown(kind: Kind, schema: Mapping[str, Any], value: Any) -> str:
    """A field's value as parameters say it; "" for none."""
    if value is None:
        return ""
    if kind == "text":
        return adf.plain(value) if is_document(schema) else text(value)
    if kind == "number" and isinstance(value, int | Decimal):
        return number(Decimal(value))
    if kind == "option" and isinstance(value, Mapping):
        return text(value.get("value") or value.get("name"))
    if kind == "labels":
        return " ".join(sorted(texts(value)))
    return text(value)


def checked(kind: Kind, schema: Mapping[str, Any], options: tuple[str, ...], value: str) -> str:
    """The value as it will be shown. Rejected where the field cannot hold it."""
    if kind == "number":
        return _checked_number(value)
    if kind == "option":
        if value not in options:
            raise _refused(value, f"one of: {safe(', '.join(options[:OPTIONS_SHOWN]))}")
        return value
    if kind == "labels":
        return _checked_labels(value)
    if kind == "date":
        return _checked_date(value)
    if is_document(schema):
        return value
    if "\n" in value or len(value) > SUMMARY_CHARACTERS_MAX:
        raise _refused(value, f"one line of at most {SUMMARY_CHARACTERS_MAX} characters")
    return value.strip()  # as Jira does


def sent(kind: Kind, schema: Mapping[str, Any], value: str) -> Value | float:
    """A shown value as Jira wants it; None for ""."""
    if kind == "labels":
        return value.split()
    if value == "":
        return None
    if kind == "number":
        exact = Decimal(value)
        return int(exact) if exact == exact.to_integral_value() else float(exact)
    if kind == "option":
        return {"name" if schema.get("system") else "value": value}
    if kind == "text" and is_document(schema):
        return adf.document(value)
    return value


def number(value: Decimal) -> str:
    """A number in one spelling: no exponent, no trailing zeros."""
    plain = format(value, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def _checked_number(value: str) -> str:
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise _refused(value, "a number such as 12.5") from None
    if not _NUMBER.fullmatch(value) or len(exact.as_tuple().digits) > DIGITS_MAX:
        raise _refused(value, f"a number of at most {DIGITS_MAX} digits")
    return "0" if exact == 0 else number(exact)


def _checked_labels(value: str) -> str:
    labels = sorted(set(value.split()))
    if len(labels) > LABELS_MAX or any(len(label) > LABEL_CHARACTERS_MAX for label in labels):
        raise _refused(value, f"at most {LABELS_MAX} labels")
    return " ".join(labels)


def _checked_date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _refused(value, "a date such as 2026-12-01") from None


def _refused(value: str, wanted: str) -> Rejected:
    return Rejected(f"The field cannot be set to {safe(value)!r}.", next_step=f"Give {wanted}.")

"""The typed fact contract: what conditions may speak of, and the refusal of everything else.

A fact that is missing, unknown, of another type, a float, a naive time or an integer beyond
2**53 - 1 denies the step with a sentence. A time is an aware datetime in UTC, or the same as text
in the one form that records carry (2026-11-22T12:00:00Z); nothing else is converted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from store.model.values import INT_MAX

FactType = Literal["int", "string", "bool", "timestamp", "list<string>"]
FactTypes = Mapping[str, FactType]

# Operation name -> the facts that it declares beside the common ones.
Catalogue = Mapping[str, FactTypes]

_UTC_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:00)", re.ASCII)

TEXT_MAX = 4_000  # characters of one text fact
NAME_MAX = 140  # characters of a fact's name: two words of a fact contract and the dot
LIST_MAX = 500  # items of one list fact

# What the bot states for every step of every plan.
# request.channel is the channel's name in bundle.yml ("direct" for a direct message), resolved by
# the bot from the stable id; workflow.level is 1 to 4; read.age_seconds is the live read's age.
COMMON: FactTypes = {
    "requester.id": "string",
    "requester.roles": "list<string>",
    "request.channel": "string",
    "request.surface": "string",
    "workflow.name": "string",
    "workflow.level": "int",
    "run.environment": "string",
    "step.is_reversible": "bool",
    "now": "timestamp",
    "read.age_seconds": "int",
}


def typed(facts: Mapping[str, object], types: FactTypes) -> dict[str, object]:
    """Sound facts as conditions take them: lists as lists, times that came as text read."""
    return {name: _typed(value, types[name]) for name, value in facts.items()}


def _typed(value: object, fact_type: FactType) -> object:
    if fact_type == "timestamp" and type(value) is str:
        return datetime.fromisoformat(value)
    return list(value) if isinstance(value, tuple) else value


def is_sound(name: object, value: object) -> bool:
    """Whether a fact can be one of any type, declared or not."""
    if type(name) is not str or not name.isascii() or len(name) > NAME_MAX:
        return False
    fact_types: tuple[FactType, ...] = ("int", "string", "bool", "timestamp", "list<string>")
    return any(not _problem(value, fact_type) for fact_type in fact_types)


def problems(facts: Mapping[str, object], types: FactTypes) -> tuple[str, ...]:
    """What is wrong with the facts of one step, one sentence each; empty when nothing is."""
    found = [f"the fact {name} is missing" for name in types if name not in facts]
    for name, value in facts.items():
        fact_type = types.get(name) if type(name) is str else None
        if fact_type is None:
            found.append(f"the fact {str(name)[:80]!r} is not declared")
        elif problem := _problem(value, fact_type):
            found.append(f"the fact {name} {problem}")
    return tuple(found)


def _problem(value: object, fact_type: FactType) -> str:
    match fact_type:
        case "int":
            return _int_problem(value)
        case "string":
            return _text_problem(value)
        case "bool":
            return "" if type(value) is bool else _wanted("true or false", value)
        case "timestamp":
            return _time_problem(value)
        case "list<string>":
            return _list_problem(value)


def _int_problem(value: object) -> str:
    if type(value) is not int:
        return _wanted("an integer", value)
    return "" if abs(value) <= INT_MAX else "is beyond 2**53 - 1"


def _text_problem(value: object) -> str:
    if type(value) is not str:
        return _wanted("text", value)
    if len(value) > TEXT_MAX:
        return f"is longer than {TEXT_MAX:,} characters"
    if value.isascii():
        return ""
    return "holds half a character" if any("\ud800" <= c <= "\udfff" for c in value) else ""


def _time_problem(value: object) -> str:
    if type(value) is str:
        return "" if _is_utc_text(value) else "is not a time like 2026-11-22T12:00:00Z"
    if type(value) is not datetime:
        return _wanted("a time", value)
    if value.tzinfo is UTC or value.utcoffset() == timedelta(0):
        return ""
    return "is a time without a zone" if value.tzinfo is None else "is not in UTC"


def _is_utc_text(value: str) -> bool:
    if not _UTC_TEXT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _list_problem(value: object) -> str:
    if not isinstance(value, list | tuple):
        return _wanted("a list of texts", value)
    if len(value) > LIST_MAX:
        return f"has more than {LIST_MAX} items"
    return next((f"has an item that {p}" for item in value if (p := _text_problem(item))), "")


def _wanted(wanted: str, value: object) -> str:
    return f"must be {wanted}, not {'empty' if value is None else type(value).__name__}"

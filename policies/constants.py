"""Named constants of a policy file: their CEL types, read from the shape of what is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

_DURATION = re.compile(r"(\d{1,6}) (second|minute|hour|day)s?")


@dataclass(frozen=True)
class Constant:
    """A value with its CEL type, as "map<string,int>"."""

    type: str
    value: object


def constant(written: object) -> Constant:
    """The typed constant; raises ValueError with a sentence where values have no one type.

    Whole numbers, true/false, times with an offset, durations ("90 days"), text; lists of one type;
    maps from text to one type; lists of such maps (freezes: a list of {from, until}).
    """
    if isinstance(written, bool):
        return Constant("bool", written)
    if isinstance(written, int):
        return Constant("int", written)
    if isinstance(written, datetime):
        return Constant("timestamp", written)
    if isinstance(written, str):
        return _text(written)
    if isinstance(written, tuple):
        items = [constant(item) for item in written]
        return Constant(f"list<{_one(items)}>", [item.value for item in items])
    if isinstance(written, Mapping):
        entries = {str(key): constant(item) for key, item in written.items()}
        values = {key: entry.value for key, entry in entries.items()}
        return Constant(f"map<string,{_one(list(entries.values()))}>", values)
    raise ValueError(f"a constant cannot be a {type(written).__name__}")


def _text(written: str) -> Constant:
    found = _DURATION.fullmatch(written)
    if not found:
        return Constant("string", written)
    return Constant("duration", timedelta(**{f"{found[2]}s": int(found[1])}))


def _one(items: list[Constant]) -> str:
    """The type that all items share; `dyn` for none at all, so that an empty list may stand."""
    types = sorted({item.type for item in items})
    if len(types) > 1:
        raise ValueError(f"all values must have one type; here are {' and '.join(types)}")
    return types[0] if types else "dyn"

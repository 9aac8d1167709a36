"""Salesforce's ids: 15 characters in which case counts, or these and three that say their case."""

from __future__ import annotations

import re

PREFIXES = {"Opportunity": "006", "Account": "001", "Case": "500"}  # of the ids of each object
_SHORT = re.compile(r"[A-Za-z0-9]{15}")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def full(short: str) -> str:
    """An id of 15 characters with the three that make it safe where case is lost."""
    parts = (short[at : at + 5] for at in (0, 5, 10))
    return short + "".join(
        _SUFFIX[sum(1 << place for place, c in enumerate(part) if c.isupper())] for part in parts
    )


def is_id(object_name: str, record: str) -> bool:
    """Whether it is an id of such an object; one of 18 characters must be consistent in itself."""
    short = record[:15]
    is_whole = bool(_SHORT.fullmatch(short)) and record in (short, full(short))
    return is_whole and short.startswith(PREFIXES[object_name])

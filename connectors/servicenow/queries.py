"""Encoded queries that are made of values, never of somebody's words.

There is no escape in them: `^` parts conditions, and a value that begins with `javascript:` is run
by the instance. So a value is used where it holds nothing of that, or its harmless part is, and
what comes back is compared with the whole.
"""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w .@+-]+")
_WORD = re.compile(r"[^\W_][\w-]*")


def is_plain(value: str) -> bool:
    """Whether the value can stand in a query as it is."""
    return _PLAIN.fullmatch(value) is not None


def plain_part(value: str) -> str:
    """The longest part of a text that can stand in a query; "" where there is none."""
    parts = [part.strip() for part in _PLAIN.findall(value)]
    return max(parts, key=len, default="")


def words(value: str) -> list[str]:
    """The words of a text, in small letters."""
    return [word.strip("-") for word in _WORD.findall(value.lower()) if word.strip("-")]

"""Who is mentioned, as text: by a name that they chose themselves. Pure."""

from __future__ import annotations

import re
import unicodedata

MENTION_CHARACTERS_MAX = 80  # ours; the longest name that Slack takes
_BESIDE_A_NAME = re.compile(r"[(\[|/]")  # "Mia Krause (Support)"
_OF_NAMES = frozenset("'’.-_")


def mention(name: str) -> str:
    """Somebody who was mentioned, by a name that they chose themselves: its words hold together, so
    that none of them is read as the requester's, and what says more than a name is left out."""
    called = _BESIDE_A_NAME.split(name)[0].strip() or name
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in _OF_NAMES else " " for c in called)
    words = "".join(kept).split() or ["somebody"]
    return "@" + "\xa0".join(words)[:MENTION_CHARACTERS_MAX]

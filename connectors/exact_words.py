"""What a person's words name exactly: addresses and names that a directory may have or not.

Finders of people and groups never go by likeness: whom one takes for another gets their access.
"""

from __future__ import annotations

import re

from connectors.text import BIDI_CONTROLS

WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
MATCHES_MAX = 5  # that are asked for
NAME_CHARACTERS_MAX = 128  # of a name in a directory

# What is unambiguous of RFC 5322's addresses; Slack writes them as <mailto:a@b.c|a@b.c>.
_EMAIL = re.compile(
    r"(?<![\w.+'-])[A-Za-z0-9][\w.+'-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,190}\.[A-Za-z]{2,24}"
)
_AROUND = re.compile(
    r"^(?:the\s+)?(?:group|team|role|user|person)\s+|\s+(?:group|team|role)$", re.I
)
_QUOTES = "\"'`“”‘’«»"


def emails_in(words: str) -> tuple[str, ...]:
    """The e-mail addresses among the words, each once, in small letters, at most MATCHES_MAX."""
    found = (each.lower() for each in _EMAIL.findall(words[:WORDS_CHARACTERS_MAX]))
    return tuple(dict.fromkeys(found))[:MATCHES_MAX]


def names_in(words: str) -> tuple[str, ...]:
    """The whole of the words as names to look for: as they are, and without "the group ..." and
    quotes around. Nothing where they are no name: too long, blank, with control characters."""
    whole = words.strip()
    bare = _AROUND.sub("", whole).strip().strip(_QUOTES).strip()
    inner = _AROUND.sub("", whole.strip(_QUOTES)).strip()
    return tuple(dict.fromkeys(each for each in (whole, bare, inner) if _is_name(each)))


def _is_name(text: str) -> bool:
    return 0 < len(text) <= NAME_CHARACTERS_MAX and all(
        each.isprintable() and each not in BIDI_CONTROLS for each in text
    )

"""Types for text parameters: bounded, never blank, nothing that hides or forges what is shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LINE_CHARACTERS_MAX = 200  # an address line, a name
TEXT_CHARACTERS_MAX = 2_000  # a note that people read in one go
IDENTIFIER_CHARACTERS_MAX = 64

# Explicit bidirectional embeddings, overrides and isolates (UAX #9): they reorder what one reads.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# An address of the web in running text, without the marks that end a sentence or close a bracket.
WEB_ADDRESS = re.compile(r"\bhttps?://\S*[^\s.,;:!?\"'“”„«»‘’)\]]", re.IGNORECASE)


def _refuse_hidden(value: str, allowed: frozenset[str]) -> str:
    if not value.strip():
        raise ValueError("is blank; write at least one visible character")
    for character in value:
        is_control = unicodedata.category(character) == "Cc" and character not in allowed
        if is_control or character in BIDI_CONTROLS - allowed:
            raise ValueError(f"holds the control character U+{ord(character):04X}; remove it")
    return value


def check_line(value: str) -> str:
    """One line without control characters and without bidirectional overrides."""
    return _refuse_hidden(value, frozenset())


def check_text(value: str) -> str:
    """Free text: line breaks, tabs and any script; no other control characters."""
    return _refuse_hidden(value, frozenset("\n\t") | BIDI_CONTROLS)


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LINE_CHARACTERS_MAX),
    AfterValidator(check_line),
]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TEXT_CHARACTERS_MAX),
    AfterValidator(check_text),
]
Identifier = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=IDENTIFIER_CHARACTERS_MAX, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
    ),
]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]  # ISO 3166-1 alpha-2

"""Google's ids in a person's words, and words in Google's questions: never by likeness."""

from __future__ import annotations

import re

from connectors.exact_words import MATCHES_MAX, WORDS_CHARACTERS_MAX


def person_ids_in(words: str) -> tuple[str, ...]:
    """The ids of users that a person wrote: 21 digits."""
    return _each(r"(?<!\w)1\d{20}(?!\w)", words)


def group_ids_in(words: str) -> tuple[str, ...]:
    """The ids of groups that a person wrote: like 01ksv4uv2dq8xyz."""
    return _each(r"(?<!\w)0[0-9a-z]{14}(?!\w)", words)


def quoted(text: str) -> str:
    """A text inside a query (Directory API, "Search for groups": quotes with a backslash)."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _each(pattern: str, words: str) -> tuple[str, ...]:
    found = re.findall(pattern, words[:WORDS_CHARACTERS_MAX])
    return tuple(dict.fromkeys(found))[:MATCHES_MAX]

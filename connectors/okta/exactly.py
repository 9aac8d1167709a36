"""Okta's ids in a person's words, and words in Okta's questions: never by likeness."""

from __future__ import annotations

import re

from connectors.exact_words import MATCHES_MAX, WORDS_CHARACTERS_MAX


def ids_in(words: str, prefix: str) -> tuple[str, ...]:
    """The ids of that kind ("00u" of users, "00g" of groups) that a person wrote."""
    found = re.findall(rf"(?<!\w){prefix}[A-Za-z0-9]{{17}}(?!\w)", words[:WORDS_CHARACTERS_MAX])
    return tuple(dict.fromkeys(found))[:MATCHES_MAX]


def quoted(text: str) -> str:
    """A text inside a search expression (API reference, "Filter": backslash before quotes)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""The sentences of `understands` as a message is matched against them: words, {slots}. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.planner.tokens import tokenize

OPTIONALS_MAX = 4  # bracketed parts of one pattern

_PART = re.compile(r"\{([a-z][a-z0-9_-]*)\}|([^{}\[\]]+)")


@lru_cache(maxsize=256)
def patterns_of(understands: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Each pattern's elements, folded, once with and once without every optional part."""
    found = [
        parts for pattern in understands for text in _variants(pattern) if (parts := _parts(text))
    ]
    return tuple(dict.fromkeys(found))


def _variants(pattern: str) -> list[str]:
    texts = [pattern]
    for _ in range(OPTIONALS_MAX):
        texts = [
            variant
            for text in texts
            for variant in (
                [
                    re.sub(r"\[([^\[\]]*)\]", r"\1", text, count=1),
                    re.sub(r"\[[^\[\]]*\]", "", text, count=1),
                ]
                if "[" in text
                else [text]
            )
        ]
    return texts


def _parts(text: str) -> tuple[str, ...]:
    parts: list[str] = []
    for match in _PART.finditer(text):
        parts += (
            [f"{{{match[1]}}}"]
            if match[1]
            else [token.fold for token in tokenize(match[2].strip())]
        )
    return tuple(parts)

"""Phrases of a bundle ("money back", "give ... back") found among the words of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from bot.planner.tokens import Token, tokenize
from bot.planner.vocabulary import fold

GAP = "..."
GAP_TOKENS_MAX = 8  # what may stand in for "..."
TYPO_LETTERS_MIN = 5  # shorter words are too near to others
_END = frozenset(".!?;\n")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = frozenset(
    pair for row in _ROWS for left, right in pairwise(row) for pair in (left + right, right + left)
)


@lru_cache(maxsize=4096)
def phrase(text: str) -> tuple[str, ...]:
    """The folded words of a phrase of a bundle, with GAP where others may stand."""
    parts = text.split(GAP)
    words: list[str] = []
    for index, part in enumerate(parts):
        words += [GAP] if index else []
        words += [token.fold for token in tokenize(part.strip())]
    return tuple(words)


class Words:
    """The folded words of one message, with where each stands."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.folds = tuple(token.fold for token in tokens)
        self._at: dict[str, list[int]] = {}
        for index, word in enumerate(self.folds):
            self._at.setdefault(word, []).append(index)

    def find(self, words: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
        """The places of every occurrence, gaps left out; at most one from each first word."""
        for first in self._at.get(words[0], ()) if words else ():
            if places := self._rest(words[1:], first):
                yield places

    def like(self, word: str) -> Iterator[int]:
        """Where a word stands that is this one with a single slip of the fingers."""
        if len(word) < TYPO_LETTERS_MIN:
            return
        for other, places in self._at.items():
            if other[:1] == word[0] and is_slip(word, other):
                yield from places

    def _rest(self, words: tuple[str, ...], first: int) -> tuple[int, ...]:
        places, at, gap = [first], first + 1, False
        for word in words:
            if word == GAP:
                gap = True
                continue
            reach = at + (GAP_TOKENS_MAX + 1 if gap else 1)
            found = next(
                (i for i in range(at, min(reach, len(self.folds))) if self.folds[i] == word), -1
            )
            if found < 0 or (gap and any(f in _END for f in self.folds[at:found])):
                return ()
            places.append(found)
            at, gap = found + 1, False
        return tuple(places)


@lru_cache(maxsize=8192)
def is_slip(word: str, written: str) -> bool:
    """One letter missing, doubled or added inside, two swapped, or a neighbour's key hit."""
    if abs(len(word) - len(written)) > 1 or word == written:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, written, strict=False)) if a != b), len(word))
    if len(written) < len(word):
        return word[at + 1 :] == written[at:]
    if len(written) > len(word):
        return at < len(word) and word[at:] == written[at + 1 :]
    is_swapped = (
        word[at : at + 2] == written[at : at + 2][::-1] and word[at + 2 :] == written[at + 2 :]
    )
    is_near = word[at + 1 :] == written[at + 1 :] and word[at] + written[at] in _NEIGHBOURS
    return is_swapped or is_near


def phrases_of(words: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Phrases of a bundle, longest first."""
    return tuple(sorted({phrase(w) for w in words if fold(w).strip()}, key=len, reverse=True))

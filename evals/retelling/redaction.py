"""Other words for whatever may tell who somebody is; the same word every time.

What is known (people, records, addresses) is replaced by what stands for it in the case. Of the
rest, addresses of mail and web, mentions, long numbers and every word with a capital that is not of
the bundle or of everyday language is replaced. It cannot know a name that is written small, nor one
in a script without capitals: a person reads the case before it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from connectors.money import EXPONENTS
from evals.retelling.everyday import EVERYDAY

STANDS_FOR_NAMES = (
    "Acacia", "Birch", "Cedar", "Dahlia", "Elm", "Fern", "Gorse", "Hazel", "Iris", "Juniper",
)  # fmt: skip
NUMBER_DIGITS_MIN = 4  # a shorter number is nobody's
FIRST_NUMBER = 90_001  # what stands for the first one; no order of the desk has such a number


class Redactor:
    """Replaces what is known and what may be private. The same text always becomes the same."""

    def __init__(
        self, keep: Iterable[str], known: Mapping[str, str], amounts: Iterable[int] = ()
    ) -> None:
        """`keep` are words of the bundle; `known` maps names, ids and addresses to what stands for
        them in the case; `amounts` are those of the plan, in minor units."""
        self._amounts = frozenset(form for minor in amounts for form in _forms(minor))
        self._keep = {*EVERYDAY, *(word.casefold() for word in keep)}
        self._known = {said.casefold(): other for said, other in known.items() if said}
        self._given: dict[tuple[str, str], str] = {}
        phrases = sorted(self._known, key=len, reverse=True)
        listed = "|".join(re.escape(phrase) for phrase in phrases) or r"(?!)"
        currencies = "|".join(EXPONENTS)
        self._pattern = re.compile(
            rf"""(?P<mention><[@#!][^<>]{{1,100}}>)
            |(?P<mail>[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,5}})
            |(?P<web>(?:https?://|www\.)[^\s<>"]{{1,500}})
            |(?P<known>(?<!\w)(?i:{listed})(?!\w))
            |(?P<money>[$€£¥]\s?\d[\d.,']{{0,20}}|(?i:{currencies})\s?\d[\d.,']{{0,20}}
                |\d[\d.,']{{0,20}}\s?(?:[$€£¥]|(?i:{currencies}|dollars?|euros?|pounds?|yen)\b))
            |(?P<number>\+?\d[\d\s()./-]{{5,30}}\d|\d+)
            |(?P<word>[^\W\d_][\w’'-]*)""",
            re.VERBOSE,
        )

    def text(self, said: str) -> str:
        """The text with other words where it may say who somebody is."""
        return self._pattern.sub(self._other, said)

    def _other(self, found: re.Match[str]) -> str:
        kind, said = found.lastgroup or "", found[0]
        if kind == "known":
            return self._known[said.casefold()]
        if kind == "number":
            digits = re.sub(r"\D", "", said)
            is_kept = len(digits) < NUMBER_DIGITS_MIN or digits in self._amounts
            return said if is_kept else self._stand_in(kind, digits)
        if kind == "money" or (kind == "word" and not self._may_be_a_name(said)):
            return said
        return self._stand_in(kind, said.casefold())

    def _may_be_a_name(self, word: str) -> bool:
        return word[0].isupper() and word.casefold() not in self._keep

    def _stand_in(self, kind: str, said: str) -> str:
        """The same for the same words, another for others."""
        key = (kind, said)
        if key not in self._given:
            count = sum(known == kind for known, _ in self._given)
            self._given[key] = _MADE[kind](count + 1)
        return self._given[key]


def _forms(minor: int) -> Iterator[str]:
    """The digits that an amount may be written with: 125000 for $1250.00, and 1250."""
    yield str(minor)
    yield from (str(minor // scale) for scale in (10, 100, 1000) if minor % scale == 0)


def _name(number: int) -> str:
    turn, at = divmod(number - 1, len(STANDS_FOR_NAMES))
    return STANDS_FOR_NAMES[at] + (str(turn + 1) if turn else "")


_MADE: Mapping[str, Callable[[int], str]] = {
    "mention": lambda number: f"@person{number}",
    "mail": lambda number: f"person{number}@customer.example",
    "web": lambda number: f"https://customer.example/{number}",
    "number": lambda number: str(FIRST_NUMBER + number - 1),
    "word": _name,
}

"""The sentences of `understands`, matched against a message to give numbers and texts their place.

A pattern is words, {slots} and [optional parts]. Matching starts wherever its first word stands and
passes over small words between; SPAN_TOKENS_MAX and STEPS_MAX bound the search.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.planner import vocabulary as v
from bot.planner.choices import chosen, places_of_choices
from bot.planner.days import phrases
from bot.planner.patterns import patterns_of
from bot.planner.phrases import Words, is_slip, phrases_of
from bot.planner.tokens import Token
from policies.workflow import ChoiceSlot, DaySlot, MoneySlot, RecordSlot, Slot, TextSlot, Workflow

SPAN_TOKENS_MAX = 25  # words of one text slot
STEPS_MAX = 3_000  # of the search over one message
NAME_TOKENS_MAX = 12  # of one name
STARTS_MAX = 20
NUMBER_CHARACTERS_MAX = 100  # of a record's number that are compared with a form

_SKIPPED = v.word_set(
    "the a an please pls plz us them him her back just only this that my our shipping bitte svp"
)
# Behind a count they make it one of something else: "6 times the replicas", "2 more".
_RELATIVE = v.word_set(
    "times x fold percent % more less fewer additional extra further other prozent mal fach mehr "
    "weniger weitere zusätzliche veces más mas menos fois plus moins"
)
_COMMAS = frozenset(",;-—–\n|")
_SENTENCE_ENDS = frozenset(".!?;\n")
_NAME_MARKS = frozenset(",;:.!?()|\n")
_NAME_ENDS = (v.POLITE - v.LISTING) | v.word_set(
    "because since as while so who whom that which if when for with during starting from by to she "
    "he they we i it she's he's they're we're i'm denn weil damit porque parce car - – — "
    "permanently forever indefinitely unbefristet dauerhaft anymore today"
)


@dataclass(frozen=True)
class Span:
    """Where a slot's words stand: tokens from `start` up to, not with, `end`."""

    start: int
    end: int


def place(workflow: Workflow, tokens: tuple[Token, ...]) -> Mapping[str, Span]:
    """The slots that the best-fitting sentence places: the one that places most. What stands in
    the rest of another sentence, in a comment, is no sentence."""
    found: list[dict[str, Span]] = []
    masked = places_of_choices(workflow, Words(tokens))
    budget = [STEPS_MAX]
    for pattern in patterns_of(workflow.understands):
        starts = _starts(workflow, pattern[0], tokens, masked)
        for start in starts:
            match = _Matcher(workflow, tokens, pattern, masked, budget).match(0, start)
            if match:
                found.append(match)
    rests = {n for n, s in workflow.slots.items() if isinstance(s, TextSlot) and s.is_rest}
    begins = min((m[name].start for m in found for name in m.keys() & rests), default=len(tokens))
    outside = (
        m
        for m in found
        if min(span.start for span in m.values()) < begins
        or any(m[name].start == begins for name in m.keys() & rests)  # it is that rest
    )
    return max(outside, key=len, default={})


def places(workflow: Workflow, slot: str, tokens: tuple[Token, ...]) -> tuple[Span, ...]:
    """Everywhere that any sentence places one slot."""
    masked = places_of_choices(workflow, Words(tokens))
    budget = [STEPS_MAX]
    found = [
        match[slot]
        for pattern in patterns_of(workflow.understands)
        if f"{{{slot}}}" in pattern
        for start in _starts(workflow, pattern[0], tokens, masked)
        if (match := _Matcher(workflow, tokens, pattern, masked, budget).match(0, start))
        and slot in match
    ]
    return tuple(dict.fromkeys(found))


def place_from(workflow: Workflow, slot: str, tokens: tuple[Token, ...]) -> Mapping[str, Span]:
    """The slots that an answer fills from its own on ("12 Main St, Springfield, 62704, US").

    Empty unless it fills more than the one that was asked for.
    """
    best: dict[str, Span] = {}
    masked = places_of_choices(workflow, Words(tokens))
    budget = [STEPS_MAX]
    for pattern in patterns_of(workflow.understands):
        if f"{{{slot}}}" in pattern:
            rest = pattern[pattern.index(f"{{{slot}}}") :]
            match = _Matcher(workflow, tokens, rest, masked, budget).match(0, 0)
            if match is not None and len(match) > max(1, len(best)):
                best = match
    return best


def _starts(
    workflow: Workflow, part: str, tokens: tuple[Token, ...], masked: frozenset[int]
) -> list[int]:
    """Where a pattern may begin: at its first word, or at words of the choice that it begins with
    ("{status} {ticket}" for "close PAY-12")."""
    if not part.startswith("{"):
        return [i for i, t in enumerate(tokens) if _is_word(part, t)][:STARTS_MAX]
    slot = workflow.slots.get(part[1:-1])
    if isinstance(slot, RecordSlot) and slot.is_named:
        return _first_words(tokens)[:STARTS_MAX]
    return sorted(masked)[:STARTS_MAX] if isinstance(slot, ChoiceSlot) else []


def _first_words(tokens: tuple[Token, ...]) -> list[int]:
    """Where sentences begin."""
    before = ("\n", *(token.fold for token in tokens))
    return [
        i for i, token in enumerate(tokens)
        if token.text not in _NAME_MARKS and (before[i] in _NAME_MARKS or before[i] in v.POLITE)
    ]  # fmt: skip


class _Matcher:
    def __init__(
        self,
        workflow: Workflow,
        tokens: tuple[Token, ...],
        pattern: tuple[str, ...],
        masked: frozenset[int],
        budget: list[int],
    ) -> None:
        self._workflow, self._tokens, self._pattern = workflow, tokens, pattern
        self._masked, self._budget = masked, budget

    def match(self, element: int, at: int) -> dict[str, Span] | None:
        """The slots placed by the pattern from an element on, None when it does not fit."""
        self._budget[0] -= 1
        if self._budget[0] < 0:
            return None
        if element == len(self._pattern):
            return {}
        part = self._pattern[element]
        if not part.startswith("{"):
            return self._literal(part, element, at)
        slot = self._workflow.slots.get(part[1:-1])
        return None if slot is None else self._slot(slot, element, at)

    def _slot(self, slot: Slot, element: int, at: int) -> dict[str, Span] | None:
        match slot:
            case TextSlot():
                return self._text(slot, element, at)
            case RecordSlot(is_named=True):
                return self._name(element, at)
            case DaySlot():
                return self._until(element, at)
        return self._value(slot, element, at)

    def _literal(self, part: str, element: int, at: int) -> dict[str, Span] | None:
        is_here = at < len(self._tokens) and self._tokens[at].fold == part  # "acceso a ..."
        at = self._skip(at) if part not in _COMMAS and not is_here else at
        token = self._tokens[at] if at < len(self._tokens) else None
        if part == ":":
            is_there = token is not None and token.text in {":", "\n"}
            if not is_there and self._is_rest(element + 1):
                return None  # what follows would be a part of what was said before
            return self.match(element + 1, at + 1 if is_there else at)
        if token is None:
            return None
        if part == ",":
            return self.match(element + 1, at + 1) if token.text in _COMMAS else None
        nouns = nouns_of(self._workflow)
        if _is_word(part, token) or (part in nouns and token.fold in nouns):
            return self.match(element + 1, at + 1)
        return (
            self.match(element + 1, at) if part in nouns and self._is_clear(element, at) else None
        )

    def _is_rest(self, element: int) -> bool:
        slot = self._workflow.slots.get(self._pattern[element][1:-1])
        return isinstance(slot, TextSlot) and slot.is_rest

    def _is_clear(self, element: int, at: int) -> bool:
        """Whether the record stands clear of an amount without its noun: "on 1043", "#1043"."""
        takes_money = any(isinstance(s, MoneySlot) for s in self._workflow.slots.values())
        before = self._pattern[element - 1] if element else ""
        is_marked = before in v.BEFORE_RECORD or self._tokens[at].kind == "reference"
        return is_marked or not takes_money

    def _value(self, slot: Slot, element: int, at: int) -> dict[str, Span] | None:
        at = at if isinstance(slot, ChoiceSlot) else self._skip(at)  # "US" is no small word there
        if isinstance(slot, RecordSlot):
            while at < len(self._tokens) and self._tokens[at].fold in v.NUMBER_CUES | {
                ".",
                ":",
            } | nouns_of(self._workflow):
                at += 1
        if isinstance(slot, ChoiceSlot):
            return self._choice(slot, element, at)
        if at >= len(self._tokens) or not self._is_value(slot, at):
            return None
        return self._with(element, Span(at, at + 1))

    def _is_value(self, slot: Slot, at: int) -> bool:
        token = self._tokens[at]
        is_counting = is_count(self._workflow, self._tokens, at, self._masked)
        if isinstance(slot, MoneySlot):
            is_number = token.kind in {"money", "decimal"} or (
                token.kind == "integer" and not is_counting
            )
            return is_number and " " not in (token.digits if token.currencies is None else "")
        if isinstance(slot, RecordSlot) and not is_number_of(self._workflow, slot, token):
            return False
        return token.kind in {"reference", "code"} or (token.kind == "integer" and not is_counting)

    def _choice(self, slot: ChoiceSlot, element: int, at: int) -> dict[str, Span] | None:
        for start in dict.fromkeys((at, self._skip(at))):  # "US" is no small word there
            rest = self._tokens[start : start + SPAN_TOKENS_MAX]
            said = [c for c in chosen(slot, rest) if c.places[0] == 0]
            if said:
                return self._with(element, Span(start, start + said[0].places[-1] + 1))
        return {} if element + 1 == len(self._pattern) else None

    def _text(self, slot: TextSlot, element: int, at: int) -> dict[str, Span] | None:
        while at < len(self._tokens) and self._tokens[at].kind == "break":
            at += 1
        is_last = element + 1 == len(self._pattern)
        if slot.is_rest and is_last:
            end = len(self._tokens)
            while end > at and self._tokens[end - 1].text in {".", "\n"}:
                end -= 1  # the sentence's own full stop
            return self._with(element, Span(at, end)) if end > at else None
        for end in range(at + 1, min(at + SPAN_TOKENS_MAX, len(self._tokens)) + 1):
            last = self._tokens[end - 1]
            if last.text in _COMMAS - {"-"} or last.kind == "break":
                return None
            is_end = end == len(self._tokens) or self._tokens[end].text in _COMMAS | {"!", "?"}
            is_end = is_end or (self._tokens[end].text == "." and end + 1 == len(self._tokens))
            is_whole = slot.digits == "whole"  # one token, whatever stands behind it
            if (is_last and not (is_end or is_whole)) or not self._fits(slot, Span(at, end)):
                continue
            if (found := self._with(element, Span(at, end))) is not None:
                return found
        return None

    def _name(self, element: int, at: int) -> dict[str, Span] | None:
        """What somebody or something is called: words up to what comes next in the sentence."""
        at, nouns = self._skip(at), nouns_of(self._workflow)
        while at < len(self._tokens) and self._tokens[at].fold in nouns:
            at = self._skip(at + 1)
        is_last = all(self._is_day(part) for part in self._pattern[element + 1 :])
        for end in range(at + 1, min(at + NAME_TOKENS_MAX, len(self._tokens)) + 1):
            last = self._tokens[end - 1]
            if last.text in _NAME_MARKS or end - 1 in self._day_tokens:
                return None
            if is_last and not self._ends_name(end):
                continue
            if (found := self._with(element, Span(at, end))) is not None:
                return found
        return None

    def _ends_name(self, at: int) -> bool:
        """Whether a name at the end of a sentence ends before a token. What follows a comma as a
        list goes on belongs to it, so that nothing of the list is left out in silence."""
        if at >= len(self._tokens) or at in self._days:
            return True
        token = self._tokens[at]
        if token.text == ",":
            behind = itertools.takewhile(
                lambda t: t.text not in _NAME_MARKS, self._tokens[at + 1 :]
            )
            words = [t.fold for t in behind if t.fold not in v.LISTING]
            return not words or at + 1 in self._days or any(w in v.COMMON for w in words)
        return token.text in _NAME_MARKS or token.fold in _NAME_ENDS

    def _until(self, element: int, at: int) -> dict[str, Span] | None:
        end = self._days.get(at)
        return None if end is None else self._with(element, Span(at, end))

    def _is_day(self, part: str) -> bool:
        return part.startswith("{") and isinstance(self._workflow.slots.get(part[1:-1]), DaySlot)

    @cached_property
    def _day_tokens(self) -> frozenset[int]:
        return frozenset(at for start, end in self._days.items() for at in range(start, end))

    @cached_property
    def _days(self) -> Mapping[int, int]:
        """Where words for days begin and end; none where the workflow takes no day."""
        if not any(isinstance(slot, DaySlot) for slot in self._workflow.slots.values()):
            return {}
        return {phrase.start: phrase.end for phrase in phrases(self._tokens)}

    def _fits(self, slot: TextSlot, span: Span) -> bool:
        tokens = self._tokens[span.start : span.end]
        has_digits = any(any(c.isdigit() for c in t.text) for t in tokens)
        if slot.digits == "whole":
            follows = self._tokens[span.end : span.end + 1]
            is_relative = any(token.fold in _RELATIVE for token in follows)
            return len(tokens) == 1 and tokens[0].kind == "integer" and not is_relative
        if slot.digits == "some" and len(tokens) > 1 and not self._is_before_comma(span.end):
            return False  # "1012 AB Amsterdam": where the postcode ends is not for us to say
        behind = self._tokens[span.end] if span.end < len(self._tokens) else None
        is_split = slot.digits == "some" and behind is not None and behind.kind in {"word", "code"}
        if is_split and behind is not None and (len(behind.text) <= 3 or behind.kind == "code"):
            return False
        return slot.digits == "any" or has_digits == (slot.digits == "some")

    def _is_before_comma(self, end: int) -> bool:
        return end >= len(self._tokens) or self._tokens[end].kind in {"mark", "break"}

    def _with(self, element: int, span: Span) -> dict[str, Span] | None:
        rest = self.match(element + 1, span.end)
        return None if rest is None else {self._pattern[element][1:-1]: span, **rest}

    def _skip(self, at: int) -> int:
        while at < len(self._tokens) and self._tokens[at].fold in _SKIPPED:
            at += 1
        return at


def is_count(
    workflow: Workflow, tokens: tuple[Token, ...], at: int, masked: frozenset[int]
) -> bool:
    """Whether a bare number counts what follows: "2 keyboards", "12 March", but not "1043 late".

    `masked` is where words of choices stand.
    """
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    if tokens[at].kind != "integer" or behind is None or behind.kind != "word":
        return False
    if behind.fold in v.UNITS:
        return True
    is_small = behind.fold in v.COMMON or at + 1 in masked
    return not is_small and behind.fold not in _verb_words(workflow)


def is_number_of(workflow: Workflow, slot: RecordSlot, token: Token) -> bool:
    """Whether a token can be a number of this slot's records, by the forms that are declared."""
    number = (token.digits or token.text)[:NUMBER_CHARACTERS_MAX]
    if slot.form:
        return re.fullmatch(slot.form, number, re.IGNORECASE) is not None
    others = (s for s in workflow.slots.values() if isinstance(s, RecordSlot) and s.form)
    return not any(re.fullmatch(other.form, number, re.IGNORECASE) for other in others)


@lru_cache(maxsize=256)
def _words_of(verbs: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for words in phrases_of(verbs) for word in words)


def _verb_words(workflow: Workflow) -> frozenset[str]:
    return _words_of(workflow.verbs)


def _is_word(part: str, token: Token) -> bool:
    return token.fold == part or (len(part) >= 5 and is_slip(part, token.fold))


def nouns_of(workflow: Workflow) -> frozenset[str]:
    """The single words for the workflow's records, in both numbers."""
    return frozenset(
        noun
        for slot in workflow.slots.values()
        if isinstance(slot, RecordSlot)
        for words in phrases_of((slot.noun, *slot.words))
        for noun in (words[0], f"{words[0]}s")
        if len(words) == 1
    )

"""What the sources say about an amount: numbers, "full", and signs that they are not exact."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.planner import vocabulary as v
from bot.planner.doubts import is_refused
from bot.planner.grammar import nouns_of
from bot.planner.source import Source
from bot.planner.tokens import Token

NO_NUMBERS = frozenset({"nan", "inf", "infinity"})
_GROUP = re.compile(r"\d{3}(?:\.\d+)?")  # "500", "500.00"
_RANGE = frozenset("-–—/") | {"or", "oder", "to", "bis", "and"}


@dataclass(frozen=True)
class Evidence:
    """What the sources say about the amount."""

    tokens: tuple[Token, ...]
    full: str
    is_unclear: bool
    is_hedged: bool
    is_no_number: bool = False
    is_refused: bool = False

    @property
    def is_sure(self) -> bool:
        return bool(self.tokens or self.full)


def evidence(name: str, sources: tuple[Source, ...], taken: str) -> Evidence:
    """Everything that the sources say about one amount."""
    found = [_evidence(name, source, taken) for source in sources]
    return Evidence(
        tokens=tuple(token for e in found for token in e.tokens),
        full=next((e.full for e in found if e.full), ""),
        is_unclear=any(e.is_unclear for e in found),
        is_hedged=any(e.is_hedged for e in found),
        is_no_number=any(e.is_no_number for e in found),
        is_refused=any(e.is_refused for e in found),
    )


def _evidence(name: str, source: Source, taken: str) -> Evidence:
    is_own, is_request = source.slot == name, not source.slot
    tokens = source.tokens
    if not is_own and not is_request and _is_about_text(source):
        return Evidence((), "", is_unclear=False, is_hedged=False)
    amounts = [i for i, t in enumerate(tokens) if _is_amount(name, source, i, taken)]
    full_at, full = _full(source, is_own=is_own)
    near = [*amounts, *full_at]
    is_part = any(_is_between(tokens, place, v.PARTS, 3, 2) for place in near)
    is_parted = any(_is_parted(tokens, i, taken) for i in amounts)
    is_spaced = any(
        " " in tokens[i].digits and not _is_spaced_amount(source, i, is_own) for i in amounts
    )
    unread = any(t.kind == "unclear" for t in tokens) or any(
        t.kind == "hidden"
        and any(c.isdigit() for c in t.text)
        and not _is_cued_as_record(source, i)
        for i, t in enumerate(tokens)
    )
    partial = bool(full_at) and any(w in v.PARTIAL for w in source.words.folds)
    return Evidence(
        tokens=tuple(_signed(tokens, i) for i in amounts),
        full=full,
        is_unclear=is_part
        or is_parted
        or is_spaced
        or unread
        or partial
        or _is_range(tokens, amounts, taken),
        is_hedged=any(
            _is_between(tokens, i, v.HEDGES | {"than"}, 2, 0) or tokens[i].is_hedged
            for i in amounts
        ),
        is_no_number=any(t.fold.strip("$€£¥+-") in NO_NUMBERS for t in tokens),
        is_refused=not is_request and any(is_refused(source, place) for place in near),
    )


def _is_amount(name: str, source: Source, index: int, taken: str) -> bool:
    token, is_own = source.tokens[index], source.slot == name
    if token.kind == "money":
        return True
    if token.kind == "decimal":
        return True
    if token.kind != "integer" or (token.digits == taken and not is_own):
        return False
    if is_own:
        return not _is_cued_as_record(source, index)
    span = source.placed.get(name)
    if span is not None and span.start == index and not source.slot:
        return True
    return token.is_negative or _is_cued(source.tokens, index)


def _is_cued(tokens: tuple[Token, ...], index: int) -> bool:
    before = [t.fold for t in tokens[max(0, index - 3) : index] if t.text not in {":", "="}]
    before = before[:-1] if before and before[-1] in {"is", "of", "von"} else before
    return bool(before) and before[-1] in v.AMOUNT_CUES


def _is_cued_as_record(source: Source, index: int) -> bool:
    before = source.tokens[index - 1].fold if index else ""
    return before in v.NUMBER_CUES or before in nouns_of(source.workflow)


def _signed(tokens: tuple[Token, ...], index: int) -> Token:
    before = tokens[index - 1].fold if index else ""
    if before in {"minus", "negative"}:
        return replace(tokens[index], is_negative=True)
    return tokens[index]


def _is_spaced_amount(source: Source, index: int, is_own: bool) -> bool:
    """Whether "1 234" is surely one number: money, and not behind a word for a record."""
    token = source.tokens[index]
    is_marked = token.currencies is not None and not _is_cued_as_record(source, index)
    return is_own or is_marked


def _is_parted(tokens: tuple[Token, ...], at: int, taken: str) -> bool:
    """Whether a comma and a space may stand between an amount's thousands: "$1, 500"."""
    pairs = [tokens[at : at + 3], tokens[max(0, at - 2) : at + 1]]
    return any(_is_grouped(*pair, taken) for pair in pairs if len(pair) == 3)


def _is_grouped(head: Token, comma: Token, group: Token, taken: str) -> bool:
    kinds = {"integer", "decimal", "money"}
    is_number = (
        head.kind in kinds and group.kind in kinds and taken not in {head.digits, group.digits}
    )
    is_written_so = comma.text == "," and group.start == comma.end + 1 == head.end + 2
    is_short = head.digits.isdecimal() and len(head.digits) <= 3
    return is_number and is_written_so and is_short and bool(_GROUP.fullmatch(group.digits))


def _is_between(
    tokens: tuple[Token, ...], place: int, words: frozenset[str] | set[str], before: int, after: int
) -> bool:
    around = (*tokens[max(0, place - before) : place], *tokens[place + 1 : place + 1 + after])
    ends = {".", "!", "?", "\n", ","}
    folds: list[str] = []
    for token in around:
        if token.fold in ends and token.end <= tokens[place].start:
            folds = []
        elif token.fold in ends:
            break
        else:
            folds.append(token.fold)
    return any(word in words for word in folds)


def _is_range(tokens: tuple[Token, ...], amounts: list[int], taken: str) -> bool:
    for place in amounts:
        for step in (-1, 1):
            other, middle = place + 2 * step, place + step
            if not 0 <= other < len(tokens) or tokens[middle].fold not in _RANGE:
                continue
            is_number = tokens[other].kind == "integer" and tokens[other].digits != taken
            if is_number and not (tokens[middle].fold in {"to", "and"} and step == 1):
                return True
    return False


def _full(source: Source, *, is_own: bool) -> tuple[tuple[int, ...], str]:
    """Where the whole is asked for, and in which words."""
    tokens = source.tokens
    words = source.words
    for phrase in (*v.FULL_SURE, *(v.FULL_ANSWERS if is_own else ())):
        for places in words.find(phrase):
            if not _is_between(tokens, places[0], v.NEGATORS, 3, 0):
                return places, source.said(places[0], places[-1] + 1)
    return (), ""


def _is_about_text(source: Source) -> bool:
    slot = source.workflow.slots.get(source.slot)
    return slot is not None and slot.type == "text"

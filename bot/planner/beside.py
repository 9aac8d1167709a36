"""What stands beside words that a model took: a number there may be a part of what was meant.

"12 Oak Avenue" is no "Oak Avenue", and 1043 in "call 555 1043" is no order. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.planner import vocabulary as v
from bot.planner.described import ENDS
from bot.planner.passages import Quote
from bot.planner.records import NOUN, rank_of
from bot.planner.source import Source
from bot.planner.tokens import Token, tokenize
from policies.workflow import RecordSlot

NAME_WORDS_MAX = 2  # between words and the number that they were cut from
_NUMBERS = frozenset({"integer", "decimal", "money", "unclear"})
_IN_PHONE_NUMBERS = frozenset("()-/+–")
# Words that make the numbers of their clause ones to be called.
_CALLING = v.word_set(
    "call ring phone dial tel telephone mobile cell cellphone fax sms text whatsapp extension ext "
    "reach contact anrufen anruf telefon telefonnummer rufnummer handy durchwahl llama llamar "
    "telefono movil appeler appelez telephone portable"
)


def is_introduced(slot: RecordSlot, source: Source, number: str) -> bool:
    """Whether a text calls this number a record's somewhere: "order 1043", "#1043", "the box of
    1043". One that just stands there may be a time, a telephone or a house."""
    tokens = source.tokens
    return any(
        _is_called(slot, source, index)
        for index, token in enumerate(tokens)
        if v.fold(token.digits or token.text) == v.fold(number)
    )


def _is_called(slot: RecordSlot, source: Source, index: int) -> bool:
    tokens = source.tokens
    if tokens[index].kind != "integer":  # T-882, #1043: nothing else is written so
        return True
    rank = rank_of(slot, tokens, index)
    if rank >= NOUN:
        return True
    is_dialled = any(t.fold in _CALLING for t in _clause(tokens, index))
    return rank > 1 and not is_dialled and not _is_in_run(tokens, index)


def _is_in_run(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether another number is written together with this one: "555 1043", "(555) 1043"."""
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(tokens) and tokens[at].text in _IN_PHONE_NUMBERS:
            at += step
        if 0 <= at < len(tokens) and tokens[at].kind in _NUMBERS - {"money"}:
            return True
    return False


def _clause(tokens: tuple[Token, ...], index: int) -> tuple[Token, ...]:
    start = end = index
    while start > 0 and tokens[start - 1].text not in ENDS:
        start -= 1
    while end + 1 < len(tokens) and tokens[end + 1].text not in ENDS:
        end += 1
    return tokens[start : end + 1]


def torn(said: Quote, claimed: Iterable[str]) -> str:
    """The words with the number that they were cut from ("12 Oak Avenue"); empty where they stand
    by themselves. `claimed` are the words of all other slots: their numbers are theirs."""
    tokens = said.tokens
    inside = [i for i, t in enumerate(tokens) if said.start <= t.start and t.end <= said.end]
    if not inside:
        return ""
    first, last = inside[0], inside[-1]
    others = [_number(t) for words in claimed for t in tokenize(words) if _has_digit(t)]
    before, behind = _beside(tokens, first, -1), _beside(tokens, last, +1)
    start, end = first, last
    if before is not None and _is_left(tokens, before, others, said):
        start = before
    if behind is not None and _is_left(tokens, behind, others, said):
        end = behind
    if (start, end) == (first, last):
        return ""
    return said.within[min(tokens[start].start, said.start) : max(tokens[end].end, said.end)]


def _beside(tokens: tuple[Token, ...], at: int, step: int) -> int | None:
    """The number next to a place: beside it, behind a word or two of a name ("12 Oak", cut from
    "Avenue"), or a clause of its own ("Calle Mayor, 5")."""
    near, names = at + step, 0
    while 0 <= near < len(tokens) and (
        tokens[near].fold in v.NUMBER_CUES | {"-", "/", "."}
        or (tokens[near].kind == "word" and tokens[near].fold not in v.COMMON)
    ):
        names += tokens[near].fold not in v.NUMBER_CUES and tokens[near].kind == "word"
        near += step
        if names > NAME_WORDS_MAX:
            return None
    if not 0 <= near < len(tokens):
        return None
    if _has_digit(tokens[near]):
        return near
    beyond = near + step
    if tokens[near].text != "," or not 0 <= beyond < len(tokens) or not _has_digit(tokens[beyond]):
        return None
    return beyond if len(_clause(tokens, beyond)) == 1 else None


def _is_left(tokens: tuple[Token, ...], at: int, others: list[str], said: Quote) -> bool:
    """Whether no other slot takes this number; each takes it once."""
    number = _number(tokens[at])
    outside = [t for t in tokens if _has_digit(t) and not said.start <= t.start < said.end]
    return sum(_number(t) == number for t in outside) > others.count(number)


def _has_digit(token: Token) -> bool:
    return any(c.isnumeric() for c in token.text)


def _number(token: Token) -> str:
    return v.fold(token.digits or token.text)

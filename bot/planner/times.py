"""Where a message speaks of a time that lies ahead: "on Friday", "next week", "in 2 hours", "5pm".

What is over ("arrived late on Friday", "ordered last week") says nothing of when a task is to be
done, and is left out. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bot.planner import day_words as d
from bot.planner import time_words as t
from bot.planner.calendar import Dated, Either, EndOf, Unsure, Weekday, When
from bot.planner.days import count_at, day_at, phrases
from bot.planner.tokens import Token

CLAUSE_TOKENS_MAX = 5  # on either side, among which a word in the past tense counts
NEAR_TOKENS_MAX = 3  # before a word in the past tense, that may make another of it
MONTHS_AHEAD = 6  # of a month without a year; the others are nearer as ones that are over
LEADING_TOKENS_MAX = 3  # small words in front that are shown with a time

_CLAUSE_ENDS = frozenset(",;:.!?()\n-–—")
_CLOCK = re.compile(r"\d{1,2}(?::\d\d|(?:[:.]\d\d)?[ap]m|h\d{0,2})", re.IGNORECASE)
_HOUR = re.compile(r"\d{1,2}(?:[.:]\d\d)?")
_PAST = re.compile(r"[a-z]{2,}ed")

Tokens = tuple[Token, ...]


@dataclass(frozen=True)
class Time:
    """Tokens from `start` up to, not with, `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class _Seen:
    end: int
    is_certain: bool  # nothing that is over is called so: "tomorrow", "next week"


def ahead(tokens: Tokens, today: date, *, is_lasting: bool = False) -> tuple[Time, ...]:
    """Left to right, none twice. `is_lasting`: how long something holds counts too ("2 weeks",
    "while she is away", "today only")."""
    cued = {p.start: _cued(p.when, p.end, today) for p in phrases(tokens) if p.is_cued}
    found: list[Time] = []
    at = 0
    while at < len(tokens):
        seen = cued[at] if at in cued else _seen(tokens, at, today)
        if seen is None and is_lasting:
            seen = _lasting(tokens, at)
        seen = seen or _awaited(tokens, at)
        start = _leading(tokens, at)
        is_over = seen is not None and not seen.is_certain and _is_over(tokens, at, seen.end)
        if seen is None or is_over or _is_of_a_record(tokens, start, at):
            at += 1
            continue
        found.append(Time(start, seen.end))
        at = max(seen.end, at + 1)
    return tuple(found)


def _cued(when: When | None, end: int, today: date) -> _Seen | None:
    """Words as "until Friday", "for 2 weeks", "from December"."""
    return _Seen(end, is_certain=False) if when is None or _lies_ahead(when, today) else None


def _seen(tokens: Tokens, at: int, today: date) -> _Seen | None:
    seen = _named(tokens, at) or _counted(tokens, at)
    if seen is not None:
        return seen
    word, behind = _fold(tokens, at), _fold(tokens, at + 1)
    if word in t.BEFORE_MONTH and behind in d.MONTHS:
        is_ahead = _is_month_ahead(d.MONTHS[behind], today)
        return _Seen(at + 2, is_certain=False) if is_ahead else None
    return _day(tokens, at, today)


def _named(tokens: Tokens, at: int) -> _Seen | None:
    """ "tomorrow", "this evening", "next week", "eod", "after lunch"."""
    word, before, behind = (_fold(tokens, at + step) for step in (0, -1, 1))
    if word in t.LATER:
        is_other = before in t.GREETING or (word == "later" and before in d.UNITS)
        return None if is_other else _Seen(at + 1, is_certain=word not in t.TONIGHT)
    if word in t.TEMPORARY or (word == "now" and before in d.FOR):
        return _Seen(at + 1, is_certain=True)
    is_coming = word in t.COMING and _is_period(behind)
    if is_coming or (_is_period(word) and behind in t.COMING_BEHIND):
        is_shipping = _fold(tokens, at + 2) in t.SHIPPING
        is_told = before in t.ARTICLES  # "it broke the next day"
        return None if is_shipping else _Seen(at + 2, is_certain=not is_told)
    if word in t.THAT and behind in t.PARTS_AHEAD:
        return _Seen(at + 2, is_certain=True)
    if word in t.BEFORE_FEAST:
        place = at + 1 + (behind in d.SMALL)
        is_feast = _fold(tokens, place) in t.FEASTS | t.BREAKS
        return _Seen(place + 1, is_certain=False) if is_feast else None
    is_end = word in t.ENDINGS and before not in t.ENDED
    return _Seen(at + 1, is_certain=False) if is_end else None


def _counted(tokens: Tokens, at: int) -> _Seen | None:
    """ "5pm", "in 2 hours", "10 minutes from now"."""
    if clock := _clock(tokens, at):
        return _Seen(clock, is_certain=False)
    if _fold(tokens, at) in t.IN:
        led = _count(tokens, at + 1)
        return None if led is None else _Seen(led, is_certain=False)
    end = _count(tokens, at)
    if end is None or _fold(tokens, end) not in d.STARTING or _fold(tokens, end + 1) not in d.NOW:
        return None
    return _Seen(end + 2, is_certain=True)


def _day(tokens: Tokens, at: int, today: date) -> _Seen | None:
    read = day_at(tokens, at)
    if read is None or tokens[at].fold in t.LATER:
        return None
    end, when = read
    word, before = tokens[at].fold, _fold(tokens, at - 1)
    is_short = isinstance(when, Either) and end == at + 1 and len(tokens[at].text) <= len("30.11")
    is_unclear = is_short or word in t.SHORT
    if is_unclear and before not in t.BEFORE_DAY:
        return None
    if tokens[end - 1].text == "may" and _fold(tokens, end) in t.BEHIND_MAY:
        return None
    is_next = isinstance(when, Weekday) and when.is_next
    is_dated = isinstance(when, Dated) and when.year is not None
    return _Seen(end, is_certain=is_next or is_dated) if _lies_ahead(when, today) else None


def _lasting(tokens: Tokens, at: int) -> _Seen | None:
    word, before, behind = (_fold(tokens, at + step) for step in (0, -1, 1))
    if word in t.WHILE:
        end = at + 1
        while end < len(tokens) and end < at + CLAUSE_TOKENS_MAX and not _ends(tokens[end]):
            end += 1
        return _Seen(end, is_certain=True)
    if [word, behind, _fold(tokens, at + 2)] == ["as", "long", "as"]:
        return _Seen(at + 3, is_certain=True)
    if word in d.FOR and (period := _for_a_period(tokens, at)):
        return _Seen(period, is_certain=True)
    if word in d.NOW and word not in t.NOW and {before, behind} & t.ONLY:
        return _Seen(at + 1 + (behind in t.ONLY), is_certain=True)
    behind_count = _count(tokens, at)
    if behind_count is None or _fold(tokens, behind_count) in t.AGO or before in d.FOR:
        return None
    return _Seen(behind_count, is_certain=False)


def _awaited(tokens: Tokens, at: int) -> _Seen | None:
    """ "once she has handed over", "as soon as it is back", "until Jo confirms"."""
    word = tokens[at].fold
    if _fold(tokens, at + 1) in t.PERMITTING:
        return _Seen(at + 2, is_certain=True)
    is_soon = [_fold(tokens, at + i) for i in range(3)] == ["as", "soon", "as"]
    if not is_soon and word not in t.WHEN | t.AWAITING:
        return None
    begin = at + (3 if is_soon else 1)
    end = begin
    while end < len(tokens) and end < begin + CLAUSE_TOKENS_MAX and not _ends(tokens[end]):
        end += 1
    told = [token.fold for token in tokens[begin:end]]
    is_awaited = _is_assent(told)
    if word not in t.AWAITING and told[:1] and told[0] in t.SUBJECTS and t.PRESENT & set(told):
        is_awaited = is_awaited or not _is_told(tokens, at, -1)
    return _Seen(end, is_certain=True) if is_awaited else None


def _is_assent(told: list[str]) -> bool:
    """Whether somebody is yet to agree: "Jo agrees", "Jo has agreed", "approved by Jo", "it is ok".

    "once approved" alone is what happens in any case.
    """
    pairs = list(pairwise(told))
    if any(a in t.HAVING and b in t.ASSENTED | t.OK for a, b in pairs):
        return True
    if any(a in t.ASSENT | t.ASSENTED and b in t.BY for a, b in pairs[:2]):
        return True
    is_ones = any(word in t.ASSENT for word in told[1:]) and told[1:2] != told[-1:]
    return is_ones or any(word in t.ASSENTS for word in told[1:])


def _for_a_period(tokens: Tokens, at: int) -> int | None:
    """The end of "for this week", "for the rest of the month", "for December"."""
    place = at + 1
    while _fold(tokens, place) in t.OF_A_PERIOD:
        place += 1
    word = _fold(tokens, place)
    is_led = place > at + 1 and (word in t.MOMENTARY or word in d.UNITS or word in t.PERIODS)
    return place + 1 if is_led or word in d.MONTHS or word in t.FEASTS else None


def _lies_ahead(when: When, today: date) -> bool:
    """Whether the nearest day that may be meant is one to come."""
    if isinstance(when, Unsure):
        return _lies_ahead(when.one, today)
    if isinstance(when, Either):
        return _lies_ahead(when.one, today) or _lies_ahead(when.other, today)
    if isinstance(when, EndOf) and when.month is not None and when.year is None:
        return _is_month_ahead(when.month, today)
    meant = when.meant(today)
    if isinstance(when, Dated) and when.year is None:
        return meant.is_sure and meant.days[0] > today  # one of this year that is over is not meant
    return any(day > today for day in meant.days)


def _is_over(tokens: Tokens, start: int, end: int) -> bool:
    """Whether what is told of that time has happened."""
    if _fold(tokens, start - 1) in t.AGO_BEFORE or _fold(tokens, end) in t.AGO:
        return True
    return _is_told(tokens, start, -1) or _is_told(tokens, end - 1, +1)


def _is_of_a_record(tokens: Tokens, start: int, at: int) -> bool:
    """Whether a day tells which record is meant: "1043 from 12 March", "1043, ordered on ..."."""
    if start == 0 or not (day_at(tokens, at) or day_at(tokens, at + 1)):
        return False
    before = tokens[start - 1]
    is_number = before.kind in {"integer", "reference"} and _fold(tokens, start) in t.FROM
    is_told = at > start and _is_told(tokens[: start + 1], start, -1) and _is_past(before.fold)
    return is_number or is_told


def _is_past(word: str) -> bool:
    return word in t.PAST or (_PAST.fullmatch(word) is not None and word not in t.NOT_PAST)


def _is_told(tokens: Tokens, at: int, step: int) -> bool:
    for near in range(at + step, at + step * (CLAUSE_TOKENS_MAX + 1), step):
        if not 0 <= near < len(tokens) or _ends(tokens[near]):
            return False
        word = tokens[near].fold
        before = [_fold(tokens, i) for i in range(near - NEAR_TOKENS_MAX, near)]
        is_other = bool(t.TO_COME & set(before)) or before[-1] in t.ARTICLES
        if _is_past(word) and not is_other:
            return True
    return False


def _clock(tokens: Tokens, at: int) -> int | None:
    """The end of "5pm", "17:00", "at 5", "at noon", "um 17 Uhr"."""
    is_led = tokens[at].fold in t.AT
    place = at + is_led
    if place >= len(tokens):
        return None
    text, behind = tokens[place].text, _fold(tokens, place + 1)
    if _CLOCK.fullmatch(text) and (is_led or "h" not in text.casefold()):
        return place + 1 + (behind in d.TIMES)
    if _HOUR.fullmatch(text) and behind in t.CLOCKS:
        return place + 2
    if not is_led:
        return None
    if tokens[place].fold in t.MOMENTS:
        return place + 1
    is_alone = place + 1 >= len(tokens) or _ends(tokens[place + 1])
    return place + 1 if _HOUR.fullmatch(text) and is_alone else None


def _count(tokens: Tokens, at: int) -> int | None:
    """The end of "2 weeks", "an hour", "10 minutes"."""
    if read := count_at(tokens, at):
        return read[0]
    is_number = at < len(tokens) and (
        tokens[at].kind == "integer" or tokens[at].fold in d.COUNTS.keys() | t.SOME
    )
    behind = _fold(tokens, at + 1)
    return at + 2 if is_number and (behind in d.OTHER_UNITS or behind in d.UNITS) else None


def _is_period(word: str) -> bool:
    return word in d.UNITS or word in t.PERIODS or word in d.MONTHS or word in d.OTHER_UNITS


def _is_month_ahead(month: int, today: date) -> bool:
    """Whether the nearest month of that name is not over."""
    return (month - today.month) % 12 < MONTHS_AHEAD


def _leading(tokens: Tokens, at: int) -> int:
    start = at
    while start > max(0, at - LEADING_TOKENS_MAX) and tokens[start - 1].fold in t.LEADING:
        start -= 1
    return start


def _ends(token: Token) -> bool:
    return token.text in _CLAUSE_ENDS


def _fold(tokens: Tokens, at: int) -> str:
    return tokens[at].fold if 0 <= at < len(tokens) else ""

"""Days in a person's words: "until Friday", "till 2026-12-01", "for 2 weeks", "bis Ende November".

A strict grammar over tokens. Words that lead to a day ("until", "for ... weeks") and are followed
by none that is known are kept as such: an end that was said is never left out in silence. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.planner import day_words as d
from bot.planner.calendar import PERIODS, Ahead, Dated, Either, EndOf, Unsure, Weekday, When
from bot.planner.tokens import Token

UNREAD_TOKENS_MAX = 6  # behind "until" that a question repeats
UNIT_TOKENS_MAX = 5  # between "for" and a unit of time
YEARS = range(2000, 2200)

_ENDS = frozenset(",;.!?\n()")
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_SHORT = re.compile(r"(\d{1,2})[./](\d{1,2})")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|º|ª)?", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{1,3})([dwDW])")
_TIME = re.compile(r"\d{1,2}(?:[:.h]\d\d)?(?:am|pm|h|uhr)?", re.IGNORECASE)

Tokens = tuple[Token, ...]
Read = tuple[int, When] | None  # where it ends, and what it says


@dataclass(frozen=True)
class Phrase:
    """Tokens from `start` up to, not with, `end`. `is_cued`: words before it say that something
    holds until then. `when` None: which day that is cannot be read."""

    start: int
    end: int
    is_cued: bool
    when: When | None


def phrases(tokens: Tokens, *, is_own: bool = False) -> tuple[Phrase, ...]:
    """Every day that is said, left to right. `is_own`: in an answer about a day, where words for
    days need nothing in front of them."""
    found: list[Phrase] = []
    at = 0
    while at < len(tokens):
        phrase = _phrase(tokens, at, is_own=is_own, before=found[-1] if found else None)
        if phrase is None:
            at += 1
        else:
            found.append(phrase)
            at = max(phrase.end, at + 1)
    return tuple(found)


def _phrase(tokens: Tokens, at: int, *, is_own: bool, before: Phrase | None) -> Phrase | None:
    word = tokens[at].fold
    if word in d.UNTIL or word in d.UNTIL_A_DAY:
        return _until(tokens, at)
    if word in d.FOR and (lasting := _for(tokens, at)):
        return lasting
    if word in d.STARTING and _fold(tokens, at + 1) not in d.NOW:
        begins = day_at(tokens, at + 1)
        return Phrase(at, begins[0], True, Unsure(begins[1])) if begins else None
    joined = at - 1 if at and tokens[at - 1].fold in d.JOINING else at
    reached = joined - 1 if joined != at and _fold(tokens, joined - 1) == "," else joined
    is_joined = before is not None and before.is_cued and joined != at and before.end >= reached
    is_answer = is_own or is_joined
    read = day_at(tokens, at) or count_at(tokens, at) if is_answer else _written(tokens, at)
    if read is None:
        return None
    end, when = _behind(tokens, *read)
    when = Unsure(when) if _is_hedged(tokens, at) else when
    return Phrase(at, end, is_answer, when)


def _until(tokens: Tokens, at: int) -> Phrase | None:
    begin = _past(tokens, at + 1, d.SMALL | {"in"})
    is_hedged = begin < len(tokens) and tokens[begin].fold in d.UNSURE
    begin = _past(tokens, begin, d.UNSURE | d.SMALL)
    read = day_at(tokens, begin) or count_at(tokens, begin)
    if read is None:
        is_loose = tokens[at].fold not in d.UNTIL
        return None if is_loose else Phrase(at, _clause(tokens, at), True, None)
    end, when = _behind(tokens, *read)
    is_unsure = is_hedged or _is_hedged(tokens, at)
    return Phrase(at, end, True, Unsure(when) if is_unsure else when)


def _for(tokens: Tokens, at: int) -> Phrase | None:
    begin = _past(tokens, at + 1, d.SMALL_FOR)
    if read := count_at(tokens, begin):
        end, when = _behind(tokens, *read)
        return Phrase(at, end, True, Unsure(when) if _is_hedged(tokens, at) else when)
    for place in range(at + 1, min(at + 1 + UNIT_TOKENS_MAX, len(tokens))):
        word = tokens[place].fold
        if word in d.UNITS or word in d.OTHER_UNITS:
            return Phrase(at, place + 1, True, None)
        if not (word in d.VAGUE or word in d.UNSURE or any(c.isnumeric() for c in word)):
            return None
    return None


def count_at(tokens: Tokens, at: int) -> Read:
    """ "2 weeks", "a month", "14d"."""
    if at >= len(tokens):
        return None
    if compact := _COMPACT.fullmatch(tokens[at].text):
        return at + 1, Ahead(int(compact[1]), "week" if compact[2] in "wW" else "day")
    count = _small_number(tokens[at])
    if count is None or at + 1 >= len(tokens) or tokens[at + 1].fold not in d.UNITS:
        return None
    return at + 2, Ahead(count, d.UNITS[tokens[at + 1].fold])


def _small_number(token: Token) -> int | None:
    if token.kind == "integer":
        return int(token.digits) if len(token.digits) <= 3 else None
    return d.COUNTS.get(token.fold)


def day_at(tokens: Tokens, at: int) -> Read:
    """A day in any of the ways in which people name one."""
    readers: tuple[Callable[[Tokens, int], Read], ...] = (
        _written, _weekday, _end_of, _near, _short,
    )  # fmt: skip
    return next((read for reader in readers if (read := reader(tokens, at))), None)


def _written(tokens: Tokens, at: int) -> Read:
    """A day that is written out, with its weekday before it or not."""
    weekday = d.WEEKDAYS.get(_fold(tokens, at))
    begin = _past(tokens, at + 1, d.SMALL | {",", "."}) if weekday else at
    read = _numeric(tokens, begin) or _named(tokens, begin)
    if read is None or weekday is None:
        return read
    end, when = read
    return end, replace(when, weekday=weekday) if isinstance(when, Dated) else Unsure(when)


def _numeric(tokens: Tokens, at: int) -> Read:
    text = tokens[at].text if at < len(tokens) and tokens[at].text.isascii() else ""
    if iso := _ISO.fullmatch(text):
        return at + 1, Dated(int(iso[3]), int(iso[4]), int(iso[1]))
    if (parts := _NUMERIC.fullmatch(text)) is None:
        return None
    one, other, year = int(parts[1]), int(parts[3]), int(parts[4])
    if parts[2] == "." or one > 12 or one == other:  # with dots the day comes first everywhere
        return at + 1, Dated(other, one, year)
    if other > 12:
        return at + 1, Dated(one, other, year)
    return at + 1, Either(Dated(other, one, year), Dated(one, other, year))


def _named(tokens: Tokens, at: int) -> Read:
    """ "30 November 2026", "30. November", "November 30th, 2026", "30 de noviembre"."""
    if day := _ordinal(tokens, at):
        place = _past(tokens, at + 1, d.OF | {"."})
        month = d.MONTHS.get(_fold(tokens, place))
    else:
        month = d.MONTHS.get(_fold(tokens, at))
        place = _past(tokens, at + 1, {".", "the"})
        day = _ordinal(tokens, place) if month else None
    if not day or not month:
        return None
    end = place + 1
    year_at = _past(tokens, end, d.OF | {",", "."})
    year = _year(tokens, year_at)
    if year is not None:
        return year_at + 1, Dated(month, day, year)
    is_cut = year_at == end and end < len(tokens) and re.fullmatch(r"\d\d", tokens[end].text)
    return end, Unsure(Dated(month, day)) if is_cut else Dated(month, day)


def _weekday(tokens: Tokens, at: int) -> Read:
    is_next = _fold(tokens, at) in d.NEXT
    at += is_next or _fold(tokens, at) in d.THIS
    weekday = d.WEEKDAYS.get(_fold(tokens, at))
    if weekday is None:
        return None
    is_behind = _fold(tokens, at + 1) in d.NEXT_BEHIND
    return at + 1 + is_behind, Weekday(weekday, is_next or is_behind)


def _end_of(tokens: Tokens, at: int) -> Read:
    at = _past(tokens, at, {"the"})
    if (unit := d.ENDS_OF.get(_fold(tokens, at))) is not None:
        return at + 1, EndOf(unit)
    if _fold(tokens, at) not in d.END:
        return None
    at = _past(tokens, at + 1, d.OF | d.THIS)
    is_next = _fold(tokens, at) in d.NEXT
    at += is_next
    if month := d.MONTHS.get(_fold(tokens, at)):
        year_at = _past(tokens, at + 1, d.OF)
        year = _year(tokens, year_at)
        return (at + 1 if year is None else year_at + 1), EndOf("month", month=month, year=year)
    named = d.UNITS.get(_fold(tokens, at))
    period = PERIODS.get(named) if named else None
    return None if period is None else (at + 1, EndOf(period, is_next))


def _near(tokens: Tokens, at: int) -> Read:
    if [_fold(tokens, at + i) for i in range(3)] == ["day", "after", "tomorrow"]:
        return at + 3, Ahead(2, "day")
    days = d.NEAR.get(_fold(tokens, at))
    return None if days is None else (at + 1, Ahead(days, "day"))


def _short(tokens: Tokens, at: int) -> Read:
    """ "30.11.", "30/11": never sure."""
    parts = _SHORT.fullmatch(tokens[at].text) if at < len(tokens) else None
    if parts is None or not tokens[at].text.isascii():
        return None
    one, other = int(parts[1]), int(parts[2])
    return at + 1, Either(Dated(other, one), Dated(one, other))


def _behind(tokens: Tokens, end: int, when: When) -> tuple[int, When]:
    """What follows may say more: "from now" changes nothing, a time of day or a start does."""
    if _fold(tokens, end) in d.STARTING:
        if _fold(tokens, end + 1) in d.NOW:
            return end + 2, when
        return end, Unsure(when)
    at = end + (_fold(tokens, end) in d.LEADING_TIMES)
    if _is_continued(tokens, end):
        return end, Unsure(when)
    if at >= len(tokens):
        return end, when
    is_part = tokens[at].fold in d.TIMES or _fold(tokens, at + 1) in d.TIMES
    is_time = _TIME.fullmatch(tokens[at].text) is not None
    is_marked = at > end or not tokens[at].text.isdigit()
    if tokens[at].fold in d.TIMES or (is_time and (is_marked or is_part)):
        return at + 1 + (_fold(tokens, at + 1) in d.TIMES), Unsure(when)
    return end, when


def _is_continued(tokens: Tokens, end: int) -> bool:
    """Whether what stands right behind a day belongs to it and may turn it into another: "or
    Sunday", "before Christmas", "on Friday", "ago", "3 days"."""
    is_apart = _fold(tokens, end) == ","
    begin = end + is_apart
    if _fold(tokens, begin) in d.TURNING:
        return True
    at = _past(tokens, begin, d.LINKS)
    if _fold(tokens, at) in d.HALVES or _fold(tokens, at + 1) in d.HALVES:
        return not is_apart
    if at >= len(tokens):
        return False
    text = tokens[at].text
    if day_at(tokens, at) or count_at(tokens, at) or re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)", text):
        return True
    if is_apart:
        return False
    is_period = tokens[at].fold in d.NEXT | d.UNITS.keys() | d.OTHER_UNITS | d.MONTHS.keys()
    return tokens[at].kind in {"integer", "decimal"} or is_period


def _is_hedged(tokens: Tokens, at: int) -> bool:
    before = tokens[max(0, at - 2) : at]
    return any(token.fold in d.UNSURE for token in before)


def _ordinal(tokens: Tokens, at: int) -> int | None:
    text = tokens[at].text if at < len(tokens) else ""
    found = _ORDINAL.fullmatch(text) if text.isascii() else None
    return int(found[1]) if found else None


def _year(tokens: Tokens, at: int) -> int | None:
    if at >= len(tokens) or tokens[at].kind != "integer" or len(tokens[at].digits) != 4:
        return None
    return year if (year := int(tokens[at].digits)) in YEARS else None


def _clause(tokens: Tokens, at: int) -> int:
    end = at + 1
    while end < min(at + UNREAD_TOKENS_MAX, len(tokens)) and tokens[end].text not in _ENDS:
        end += 1
    return end


def _past(tokens: Tokens, at: int, small: frozenset[str] | set[str]) -> int:
    while at < len(tokens) and tokens[at].fold in small:
        at += 1
    return at


def _fold(tokens: Tokens, at: int) -> str:
    return tokens[at].fold if at < len(tokens) else ""

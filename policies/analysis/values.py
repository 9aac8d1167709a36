"""What a part of a condition may be while it is translated: decided, a number, a text, a constant.

Everything that has a size is an integer to the solver: amounts as they are, times and durations in
nanoseconds, texts by a number that stands for them. `is_there` is false where CEL would stop with
an error, as for a key that a map lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policies.analysis.solver import Formula, Session, Term, conj, disj, either, neg

_DURATION = re.compile(r"(-?)((?:\d+(?:\.\d+)?(?:h|ms|m|s|us|ns))+)")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_PART = re.compile(r"(\d+)(h|ms|m|s|us|ns)")
_NANOSECONDS = {"h": 3_600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 1_000, "ns": 1}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Truth:
    """A condition. Neither: it cannot be judged, and so the step is denied."""

    is_true: Formula
    is_false: Formula


@dataclass(frozen=True)
class Number:
    """An integer, a time, a duration or a text."""

    term: Term
    is_there: Formula = True


@dataclass(frozen=True)
class Text:
    """A text fact or a text that stands there; `fact` and `written` say which."""

    term: Term
    is_there: Formula = True
    fact: str = ""
    written: str | None = None


@dataclass(frozen=True)
class Fixed:
    """A constant list or map."""

    value: object


@dataclass(frozen=True)
class Cases:
    """One of several constants, by which guard holds."""

    cases: tuple[tuple[Formula, Fixed], ...]


@dataclass(frozen=True)
class Listed:
    """A list<string> fact."""

    fact: str


@dataclass(frozen=True)
class Opaque:
    """What is not translated: anything may be so, and the same each time."""

    key: str


Value = Truth | Number | Text | Fixed | Cases | Listed | Opaque


def known(is_true: Formula, is_there: Formula = True) -> Truth:
    """A condition that can be judged wherever its parts are there."""
    return Truth(conj([is_there, is_true]), conj([is_there, neg(is_true)]))


def all_of(parts: Iterable[Truth]) -> Truth:
    """CEL's &&: one false part decides, whatever fails beside it."""
    parts = tuple(parts)
    return Truth(conj(p.is_true for p in parts), disj(p.is_false for p in parts))


def any_of(parts: Iterable[Truth]) -> Truth:
    """CEL's ||: one true part decides, whatever fails beside it."""
    parts = tuple(parts)
    return Truth(disj(p.is_true for p in parts), conj(p.is_false for p in parts))


def opposite(part: Truth) -> Truth:
    """CEL's !"""
    return Truth(part.is_false, part.is_true)


def lifted(written: object, session: Session) -> Value:
    """A Python value as it stands in a constant."""
    match written:
        case bool():
            return known(written)
        case int():
            return Number(written)
        case str():
            return Text(session.code(written), written=written)
        case datetime():
            return Number((written - EPOCH) // timedelta(microseconds=1) * 1_000)
        case timedelta():
            return Number(written // timedelta(microseconds=1) * 1_000)
        case _:
            return Fixed(written)


def chosen(cases: list[tuple[Formula, Value]]) -> Value:
    """The value whose guard holds; guards exclude each other, and none holding is an error."""
    if all(isinstance(value, Fixed) for _, value in cases):
        return Cases(tuple((guard, v) for guard, v in cases if isinstance(v, Fixed)))
    if all(isinstance(value, Truth) for _, value in cases):
        return Truth(
            disj(conj([g, v.is_true]) for g, v in cases if isinstance(v, Truth)),
            disj(conj([g, v.is_false]) for g, v in cases if isinstance(v, Truth)),
        )
    sized = [(guard, value) for guard, value in cases if isinstance(value, Number | Text)]
    if len(sized) != len(cases) or not sized:
        return Opaque("mixed")
    term = sized[-1][1].term
    for guard, value in reversed(sized[:-1]):
        term = either(guard, value.term, term)
    is_there = disj(conj([guard, value.is_there]) for guard, value in sized)
    return Text(term, is_there) if isinstance(sized[0][1], Text) else Number(term, is_there)


def nanoseconds(text: str) -> int | None:
    """A duration as CEL writes it ("1h30m"), None where it is not understood."""
    found = _DURATION.fullmatch(text)
    if not found or "." in text:
        return None
    total = sum(int(n) * _NANOSECONDS[unit] for n, unit in _PART.findall(found[2]))
    return -total if found[1] else total


def instant(text: str) -> int | None:
    """A time as CEL writes it, in nanoseconds since 1970, None where it is not understood."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment - EPOCH) // timedelta(microseconds=1) * 1_000

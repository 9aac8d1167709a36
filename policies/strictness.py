"""Which of two decisions is stricter: a partial order, for some are stricter in one way and looser
in another.

Denied is stricter than an approval, and that than running by itself. Of two demands one is at least
as strict when whoever can meet it could have met the other: as many distinct people, from the same
roles or fewer, in the same order, no sooner by escalation, and every veto kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from store.model.decision import Decision, Effect, Requirement

_RANK = {Effect.MAY_RUN: 0, Effect.NEEDS_APPROVAL: 1, Effect.DENIED: 2}


class Change(StrEnum):
    """What became of a decision."""

    SAME = "same"
    LOOSER = "looser"
    TIGHTER = "tighter"
    CHANGED = "changed"


def change(old: Decision, new: Decision) -> Change:
    """What `new` is beside `old`."""
    if old.effect is not new.effect:
        return Change.LOOSER if _RANK[new.effect] < _RANK[old.effect] else Change.TIGHTER
    is_as_strict = covers(new.requirements, old.requirements)
    is_no_stricter = covers(old.requirements, new.requirements)
    if is_as_strict and is_no_stricter:
        return Change.SAME
    if is_as_strict:
        return Change.TIGHTER
    return Change.LOOSER if is_no_stricter else Change.CHANGED


def covers(strict: Sequence[Requirement], other: Sequence[Requirement]) -> bool:
    """Whether the approvals that meet `strict` always meet `other` too."""
    return (
        _seats_cover(_seats(strict), _seats(other))
        and _people(strict) >= _people_asked(other)
        and _vetoes(strict) >= _vetoes(other)
    )


@dataclass(frozen=True)
class _Seat:
    """One of the approvals that a requirement counts: whose, in which stage, or whose later."""

    roles: frozenset[str]
    stage: int
    escalates_to: frozenset[str]
    after_minutes: int


def _seats(requirements: Sequence[Requirement]) -> list[_Seat]:
    return [
        _Seat(frozenset(r.roles), r.stage, frozenset(r.escalates_to), r.escalates_after_minutes)
        for r in requirements
        if r.kind == "approve"
        for _ in range(r.count)
    ]


def _seats_cover(strict: Sequence[_Seat], other: Sequence[_Seat]) -> bool:
    """Whether each seat of `other` has one of `strict` to itself that whoever fills it would fill
    both: a matching by augmenting paths."""
    is_ordered = len({seat.stage for seat in other}) > 1
    taken: dict[int, int] = {}  # seat of strict -> seat of other

    def place(index: int, tried: set[int]) -> bool:
        for at, seat in enumerate(strict):
            if at in tried or not _fills(seat, other[index], is_ordered=is_ordered):
                continue
            tried.add(at)
            if at not in taken or place(taken[at], tried):
                taken[at] = index
                return True
        return False

    return all(place(index, set()) for index in range(len(other)))


def _fills(strict: _Seat, other: _Seat, *, is_ordered: bool) -> bool:
    if is_ordered and strict.stage != other.stage:
        return False
    if not strict.roles <= other.roles:
        return False
    late = strict.escalates_to - other.roles
    return not late or (late <= other.escalates_to and strict.after_minutes >= other.after_minutes)


def _people(requirements: Sequence[Requirement]) -> int:
    """How many distinct people it takes at least: each seat takes one."""
    return max(len(_seats(requirements)), _people_asked(requirements))


def _people_asked(requirements: Sequence[Requirement]) -> int:
    return max((r.count for r in requirements if r.kind == "people"), default=0)


def _vetoes(requirements: Sequence[Requirement]) -> frozenset[str]:
    return frozenset(role for r in requirements if r.kind == "veto" for role in r.roles)

"""One person's verdict on one plan digest, and what is still missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from store.model.decision import Requirement
from store.model.person import Surface
from store.model.values import Frozen


class StandIn(Frozen):
    """A role that somebody held for an absent person when they approved."""

    role: str
    person_id: str
    person_name: str


class Approval(Frozen):
    """A verdict as it was given: who, with which roles then, on what, when, from which account."""

    run_id: str
    digest: str
    person_id: str
    person_name: str
    roles: tuple[str, ...]
    stands_in: tuple[StandIn, ...] = ()
    verdict: Literal["approve", "reject"]
    reason: str
    given_at: datetime
    surface: Surface = "slack"
    team: str = ""
    account_user: str


class Missing(Frozen):
    """What a requirement still lacks. `is_open` is false while an earlier stage is not complete."""

    requirement: Requirement
    count: int
    approved_by: tuple[str, ...]
    is_open: bool = True


def missing(
    requirements: Iterable[Requirement],
    approvals: Iterable[Approval],
    barred: Collection[str],
    shown_at: datetime,
) -> tuple[Missing, ...]:
    """Each requirement with the number of approvals it still needs; empty counts included as 0.

    One human counts once and meets one requirement; those who are `barred` (the requester, who
    edited) never count, nor does who stands in for them; an absent person's role counts once,
    whoever uses it. Of all ways to spread the approvals over the requirements the fullest is taken.
    """
    wanted = tuple(requirements)
    usable = _usable(approvals, barred)
    met: dict[int, list[Approval]] = {index: [] for index in range(len(wanted))}
    is_open = dict.fromkeys(range(len(wanted)), True)
    start, is_complete = 0, True
    for stage in sorted({r.stage for r in wanted if r.kind == "approve"}):
        indexes = [i for i, r in enumerate(wanted) if r.kind == "approve" and r.stage == stage]
        if not is_complete:
            is_open.update(dict.fromkeys(indexes, False))
            continue
        asked = [wanted[i] for i in indexes]
        found = _spread(asked, usable[start:], shown_at)
        met.update(zip(indexes, found, strict=True))
        is_complete = _is_full(asked, found)
        if is_complete:
            start = _completed_at(asked, usable, start, shown_at)
    # Whoever holds a role at all: were it those whom the other requirements ask for, one more
    # requirement would add people to count and so let a plan run that did not run without it.
    everyone = [a for a in usable if a.roles or a.stands_in]
    for index, requirement in enumerate(wanted):
        if requirement.kind == "people":
            met[index] = everyone
    return tuple(
        Missing(
            requirement=requirement,
            count=max(0, requirement.count - len(met[index])),
            approved_by=tuple(a.person_name for a in met[index]),
            is_open=is_open[index],
        )
        for index, requirement in enumerate(wanted)
    )


def _usable(approvals: Iterable[Approval], barred: Collection[str]) -> tuple[Approval, ...]:
    """The approvals that may count, oldest first, each absent person's role used once."""
    given: dict[str, Approval] = {}
    for approval in approvals:
        if approval.verdict == "approve" and approval.person_id not in barred:
            given.setdefault(approval.person_id, approval)
    spoken_for = {*given, *barred}
    usable = []
    for approval in given.values():
        free = tuple(s for s in approval.stands_in if s.person_id not in spoken_for)
        spoken_for.update(stand_in.person_id for stand_in in free)
        usable.append(approval.model_copy(update={"stands_in": free}))
    return tuple(usable)


def _meets(approval: Approval, requirement: Requirement, shown_at: datetime) -> bool:
    """Whether this approval can stand for this requirement."""
    if requirement.kind != "approve":
        return False
    roles = {*approval.roles, *(stand_in.role for stand_in in approval.stands_in)}
    if roles & set(requirement.roles):
        return True
    patience = timedelta(minutes=requirement.escalates_after_minutes)
    is_escalated = bool(requirement.escalates_to) and approval.given_at >= shown_at + patience
    return is_escalated and bool(roles & set(requirement.escalates_to))


def _spread(
    asked: Sequence[Requirement], approvals: Sequence[Approval], shown_at: datetime
) -> list[list[Approval]]:
    """A largest assignment of approvals to places, by augmenting paths (Kuhn); a place is one of
    the `count` that a requirement has."""
    places = [index for index, r in enumerate(asked) for _ in range(r.count)]
    holder: dict[int, int] = {}  # place -> approval

    def seat(approval: int, tried: set[int]) -> bool:
        for place, index in enumerate(places):
            if place in tried or not _meets(approvals[approval], asked[index], shown_at):
                continue
            tried.add(place)
            if place not in holder or seat(holder[place], tried):
                holder[place] = approval
                return True
        return False

    for approval in range(len(approvals)):
        seat(approval, set())
    found: list[list[int]] = [[] for _ in asked]
    for place, approval in holder.items():
        found[places[place]].append(approval)
    return [[approvals[a] for a in sorted(taken)] for taken in found]


def _is_full(asked: Sequence[Requirement], found: Sequence[Sequence[Approval]]) -> bool:
    return all(len(taken) >= r.count for r, taken in zip(asked, found, strict=True))


def _completed_at(
    asked: Sequence[Requirement], usable: Sequence[Approval], start: int, shown_at: datetime
) -> int:
    """How many approvals it took until a stage was complete."""
    return next(
        end
        for end in range(start, len(usable) + 1)
        if _is_full(asked, _spread(asked, usable[start:end], shown_at))
    )

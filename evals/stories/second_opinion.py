"""A second opinion on every write, out of ledger entries alone: it knows nothing of how the product
counts approvals, and tries every way to hand them out.

`breaches` says in sentences what is wrong with the story that the entries tell; `writes` and
`is_consented` are what it is made of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.ledger.search import LedgerEntry
from store.model.entry import Kind

RolesNow = Callable[[str], frozenset[str]]

UNDO = ":undo"  # the end of a key under which a write is taken back
# A plan is recorded this long after its reads at most, and its escalation counts from the reads.
RECORDED_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Given:
    """One approval as it was given: by whom, with which roles then, and which were lent to them."""

    person: str
    roles: frozenset[str]
    lent: tuple[tuple[str, str], ...]  # role and whose it is
    at: datetime


@dataclass
class Write:
    """One write as the ledger tells it, with what stood in the ledger before it."""

    seq: int
    key: str
    is_first: bool
    amount_minor: int
    bundle_digest: str
    effect: str
    step_effects: tuple[str, ...]
    requirements: tuple[Mapping[str, Any], ...]
    approvals: tuple[Given, ...]  # in the order given, without those who may not count
    barred: frozenset[str] = frozenset()
    shown_at: datetime | None = None


@dataclass
class Story:
    """What has been told of a run so far."""

    requester: str = ""
    digest: str = ""
    shown_at: datetime | None = None
    amount_minor: int = 0
    steps: tuple[Mapping[str, Any], ...] = ()
    diff: tuple[Mapping[str, Any], ...] = ()
    decision: Mapping[str, Any] = field(default_factory=dict)
    editors: set[str] = field(default_factory=set)
    given: dict[str, dict[str, Given]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def hear(self, entry: LedgerEntry) -> None:
        """The next entry of the run."""
        data = entry.data
        match entry.kind:
            case Kind.REQUEST:
                self.requester = entry.actor
            case Kind.PLAN:
                self.digest, self.shown_at = data["digest"], entry.at
                self.steps, self.diff = tuple(data["steps"]), tuple(data["diff"])
                amount = data["steps"][0]["params"].get("amount", {}) if data["steps"] else {}
                self.amount_minor = amount.get("minor", 0) if isinstance(amount, dict) else 0
                self.decision = {}
            case Kind.DECISION:
                self.decision = data
            case Kind.EDIT if data["of"] == "shown" and data["slots"]:
                self.editors.add(entry.actor)
            case Kind.APPROVAL if data["verdict"] == "approve":
                lent = tuple((s["role"], s["person"]) for s in data.get("stands_in", ()))
                given = Given(entry.actor, frozenset(data["roles"]), lent, entry.at)
                self.given.setdefault(data["digest"], {}).setdefault(entry.actor, given)
            case Kind.WITHDRAWAL:
                self.given.get(data["digest"], {}).pop(entry.actor, None)
            case Kind.INTENT if not data["key"].endswith(UNDO):
                self.begun.add(self.digest)

    def write(self, entry: LedgerEntry) -> Write:
        """What an intent is about to write, judged on what was told before it."""
        barred = frozenset({self.requester, *self.editors})
        given = self.given.get(self.digest, {})
        return Write(
            seq=entry.seq,
            key=entry.data["key"],
            is_first=self.digest not in self.begun,
            amount_minor=self.amount_minor,
            bundle_digest=self.decision.get("bundle_digest", ""),
            effect=self.decision.get("effect", ""),
            step_effects=tuple(step["effect"] for step in self.decision.get("steps", ())),
            requirements=tuple(self.decision.get("requirements", ())),
            approvals=tuple(one for who, one in given.items() if who not in barred),
            barred=barred,
            shown_at=self.shown_at,
        )


def writes(entries: Sequence[LedgerEntry]) -> Iterator[Write]:
    """Every write of one run that was begun, in order; what takes a write back is none."""
    story = Story()
    for entry in entries:
        if entry.kind is Kind.INTENT and not entry.data["key"].endswith(UNDO):
            yield story.write(entry)
        story.hear(entry)


def is_consented(
    write: Write, roles_now: RolesNow | None = None, outsiders: Collection[str] = ()
) -> bool:
    """Whether the approvals before a write meet what its decision asks for. With `roles_now` only
    roles that are held still count; `outsiders` (guests, bots) count never."""
    usable = [one for one in write.approvals if one.person not in outsiders]
    people = list(zip(usable, _roles(write, usable, roles_now), strict=True))
    places = [
        requirement
        for requirement in write.requirements
        if requirement["kind"] == "approve"
        for _ in range(requirement["count"])
    ]
    crowds = [r["count"] for r in write.requirements if r["kind"] == "people"]
    if any(sum(bool(roles) for _, roles in people) < count for count in crowds):
        return False
    return any(
        all(_may_meet(write, *people[at], place) for at, place in zip(taken, places, strict=True))
        and _is_in_order(taken, [place["stage"] for place in places])
        for taken in itertools.permutations(range(len(people)), len(places))
    )


def _roles(
    write: Write, given: Sequence[Given], roles_now: RolesNow | None
) -> Iterator[frozenset[str]]:
    """Each approver's roles: their own, and those lent by people who have no say themselves here;
    what one person lends counts once."""
    spoken_for = {*write.barred, *(one.person for one in given)}
    for one in given:
        own = one.roles & roles_now(one.person) if roles_now else one.roles
        lent = {role for role, lender in one.lent if lender not in spoken_for}
        spoken_for |= {lender for _, lender in one.lent}
        yield frozenset(own | lent)


def _may_meet(
    write: Write, given: Given, roles: frozenset[str], requirement: Mapping[str, Any]
) -> bool:
    if roles & frozenset(requirement["roles"]):
        return True
    escalates_to = frozenset(requirement.get("escalates_to", ()))
    if write.shown_at is None or not roles & escalates_to:
        return False
    patience = timedelta(minutes=requirement["escalates_after_minutes"])
    return given.at >= write.shown_at + patience - RECORDED_WITHIN


def _is_in_order(taken: Sequence[int], stages: Sequence[int]) -> bool:
    """Whether everybody of a later stage came after everybody of the earlier ones."""
    pairs = itertools.product(zip(stages, taken, strict=True), repeat=2)
    return all(one_at < other_at for (one, one_at), (other, other_at) in pairs if one < other)

"""A second opinion on every write, out of a run's ledger entries alone: it knows nothing of how the
product counts approvals, and tries every way to hand them out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.ledger.search import LedgerEntry
from store.model.entry import Kind

RolesNow = Callable[[str], frozenset[str]]


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
    approvals: tuple[tuple[str, frozenset[str]], ...]  # person and roles then, in the order given


@dataclass
class _Story:
    """What has been told of a run so far."""

    requester: str = ""
    digest: str = ""
    amount_minor: int = 0
    decision: Mapping[str, Any] = field(default_factory=dict)
    editors: set[str] = field(default_factory=set)
    given: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)


def writes(entries: Sequence[LedgerEntry]) -> Iterator[Write]:
    """Every write that was begun, in order; what takes a write back is none."""
    story = _Story()
    for entry in entries:
        data = entry.data
        match entry.kind:
            case Kind.REQUEST:
                story.requester = entry.actor
            case Kind.PLAN:
                story.digest = data["digest"]
                amount = data["steps"][0]["params"].get("amount", {})
                story.amount_minor = amount.get("minor", 0)
            case Kind.DECISION:
                story.decision = data
            case Kind.EDIT if data["of"] == "shown" and data["slots"]:
                story.editors.add(entry.actor)
            case Kind.APPROVAL if data["verdict"] == "approve":
                roles = frozenset(data["roles"])
                story.given.setdefault(data["digest"], {}).setdefault(entry.actor, roles)
            case Kind.WITHDRAWAL:
                story.given.get(data["digest"], {}).pop(entry.actor, None)
            case Kind.INTENT if not data["key"].endswith(":undo"):
                yield _write(entry, story)
                story.begun.add(story.digest)


def _write(entry: LedgerEntry, story: _Story) -> Write:
    barred = {story.requester, *story.editors}
    given = story.given.get(story.digest, {})
    return Write(
        seq=entry.seq,
        key=entry.data["key"],
        is_first=story.digest not in story.begun,
        amount_minor=story.amount_minor,
        bundle_digest=story.decision["bundle_digest"],
        effect=story.decision["effect"],
        step_effects=tuple(step["effect"] for step in story.decision["steps"]),
        requirements=tuple(story.decision["requirements"]),
        approvals=tuple((who, roles) for who, roles in given.items() if who not in barred),
    )


def is_consented(write: Write, roles_now: RolesNow | None = None) -> bool:
    """Whether the approvals before a write meet what its decision asks for. With `roles_now` only
    roles that are held still count."""
    people = [
        (who, roles & roles_now(who) if roles_now else roles) for who, roles in write.approvals
    ]
    places = [
        (requirement["stage"], frozenset(requirement["roles"]))
        for requirement in write.requirements
        if requirement["kind"] == "approve"
        for _ in range(requirement["count"])
    ]
    crowds = [r["count"] for r in write.requirements if r["kind"] == "people"]
    if any(sum(bool(roles) for _, roles in people) < count for count in crowds):
        return False
    return any(
        all(people[at][1] & roles for at, (_, roles) in zip(taken, places, strict=True))
        and _is_in_order(taken, [stage for stage, _ in places])
        for taken in itertools.permutations(range(len(people)), len(places))
    )


def _is_in_order(taken: Sequence[int], stages: Sequence[int]) -> bool:
    """Whether everybody of a later stage came after everybody of the earlier ones."""
    pairs = itertools.product(zip(stages, taken, strict=True), repeat=2)
    return all(one_at < other_at for (one, one_at), (other, other_at) in pairs if one < other)

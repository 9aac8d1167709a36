"""One person's verdict on one plan digest, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from store.model.decision import Requirement
from store.model.values import Frozen


class Approval(Frozen):
    """A verdict as it was given: who, with which roles then, on what, when, from where."""

    run_id: str
    digest: str
    person_id: str
    person_name: str
    roles: tuple[str, ...]
    verdict: Literal["approve", "reject"]
    reason: str
    given_at: datetime
    account_user: str


class Missing(Frozen):
    """What a requirement still lacks."""

    requirement: Requirement
    count: int
    approved_by: tuple[str, ...]


def missing(
    requirements: Iterable[Requirement], approvals: Iterable[Approval], requester_id: str
) -> tuple[Missing, ...]:
    """Each requirement with the number of approvals it still needs; empty counts included as 0.

    One human counts once for a requirement, the requester never. The same human may meet two
    requirements of different roles only where they hold both roles.
    """
    given: dict[str, Approval] = {}
    for approval in approvals:
        if approval.verdict == "approve" and approval.person_id != requester_id:
            given.setdefault(approval.person_id, approval)
    results = []
    for requirement in requirements:
        holders = [a for a in given.values() if requirement.role in a.roles]
        results.append(
            Missing(
                requirement=requirement,
                count=max(0, requirement.count - len(holders)),
                approved_by=tuple(a.person_name for a in holders),
            )
        )
    return tuple(results)

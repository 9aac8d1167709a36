"""Whether those who approved still may, asked again before the first write.

An approval counts with the roles that its giver held both then and now, and not at all once the
account may not approve any more. What somebody held for an absent person counts while that
delegation holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.phrases import memberships, spaced
from bot.people.standing_in import covers
from bot.ports import Directory, DirectoryUnavailableError
from store import people
from store.database import Database
from store.model.approval import Approval
from store.model.person import Person
from store.model.plan import Proposal
from store.model.run import Run


@dataclass(frozen=True)
class Recheck:
    """An approval with what of it still counts, and the sentence on what does not ("" for none)."""

    given: Approval
    now: Approval | None
    why: str


class Approvers:
    """Asks the directory about everybody whose approval counted."""

    def __init__(self, db: Database, directory: Directory) -> None:
        self._db, self._directory = db, directory

    def recheck(
        self, run: Run, signed: Proposal, approvals: Sequence[Approval], now: datetime
    ) -> tuple[Recheck, ...]:
        """Each approval as it stands now. Raises DirectoryUnavailableError."""
        given = [approval for approval in approvals if approval.verdict == "approve"]
        return tuple(_rechecked(a, self._person(a), run, signed, now) for a in given)

    def _person(self, approval: Approval) -> Person:
        with self._db.read() as cx:
            account = people.account(cx, approval.surface, approval.team, approval.account_user)
        if account is None:
            raise DirectoryUnavailableError(
                f"The account that {approval.person_name} approved with is not known."
            )
        return self._directory.person(account)


def void(rechecks: Sequence[Recheck]) -> tuple[str, ...]:
    """One sentence for each approval that lost something."""
    return tuple(recheck.why for recheck in rechecks if recheck.why)


def _rechecked(
    given: Approval, person: Person, run: Run, signed: Proposal, now: datetime
) -> Recheck:
    refusal = person.account.refusal
    if refusal is not None:
        return Recheck(given, None, f"{given.person_name} counts no more: {refusal}.")
    if person.id != given.person_id:
        why = f"{given.person_name} counts no more: the account is somebody else's now."
        return Recheck(given, None, why)
    lent = [d for d in person.delegated if covers(d, run, signed, now)]
    held = {(delegation.from_id, role) for delegation in lent for role in delegation.roles}
    roles = tuple(role for role in given.roles if role in person.roles)
    stands_in = tuple(s for s in given.stands_in if (s.person_id, s.role) in held)
    left = given.model_copy(update={"roles": roles, "stands_in": stands_in})
    asked = {role for r in signed.decision.requirements for role in (*r.roles, *r.escalates_to)}
    lost = [role for role in given.roles if role not in roles]
    lost = [role for role in lost if role in asked] or ([] if roles else lost)
    ended = [s for s in given.stands_in if s not in stands_in]
    clauses = [f"is no longer in {memberships(lost)}"] if lost else []
    clauses += [f"no longer stands in for {s.person_name} ({spaced(s.role)})" for s in ended]
    why = f"{given.person_name} {' and '.join(clauses)}." if clauses else ""
    return Recheck(given, left, why)

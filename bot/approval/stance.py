"""What one person is to a run at this moment, for a view made for them alone. It grants nothing: a
click is judged by eligible.py, whatever buttons somebody was shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.approval.eligible import has_a_say
from bot.view import Stance
from store import approvals, people, runs
from store.model.approval import Approval
from store.model.person import Account, Person
from store.model.run import NEEDS_A_PERSON, Run, Status


@dataclass(frozen=True)
class Known:
    """What the store alone says of a run and an account: `person_id` None for one never seen."""

    run: Run
    given: tuple[Approval, ...]
    person_id: str | None
    is_requester: bool


def known(cx: Connection, account: Account, run_id: str) -> Known | None:
    """What is stored, None where there is no such run."""
    run = runs.get(cx, run_id)
    if run is None:
        return None
    person_id = people.owner(cx, account)
    request = run.request
    asked_with = (request.place.surface, request.place.team, request.account_user)
    is_same_account = (account.surface, account.team, account.user) == asked_with
    return Known(
        run=run,
        given=approvals.for_digest(cx, run.id, run.proposal.digest) if run.proposal else (),
        person_id=person_id,
        is_requester=is_same_account or person_id == request.person_id,
    )


def by_store(found: Known) -> Stance | None:
    """The stance where nobody else has to be asked for it, None where it rests on the roles that
    the person holds now: whoever asked may cancel, and an approver take back, in any case."""
    if found.is_requester:
        return Stance.REQUESTER
    if found.run.proposal is None or found.run.status not in {Status.WAITING, *NEEDS_A_PERSON}:
        return Stance.ONLOOKER
    if found.run.status is Status.WAITING and _has_approved(found.given, found.person_id):
        return Stance.HAS_APPROVED
    return None


def by_roles(found: Known, person: Person, now: datetime) -> Stance:
    """The stance of somebody who neither asked nor has approved: whoever may approve or object,
    now or later in the run's course, may approve."""
    proposal = found.run.proposal
    if proposal is None or person.account.refusal is not None:
        return Stance.ONLOOKER
    if person.id == found.run.request.person_id:
        return Stance.REQUESTER
    if found.run.status is Status.WAITING and _has_approved(found.given, person.id):
        return Stance.HAS_APPROVED
    may = has_a_say(found.run, proposal, person, now)
    return Stance.MAY_APPROVE if may else Stance.ONLOOKER


def _has_approved(given: Iterable[Approval], person_id: str | None) -> bool:
    return any(a.verdict == "approve" and a.person_id == person_id for a in given)

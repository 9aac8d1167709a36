"""Who may do what to a run, judged at the moment of the click; every refusal is a sentence.

Nothing in a click is believed but the run and the digest it names, and the account behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.cards.phrases import holder, memberships
from bot.incoming import Click, Verb
from bot.people.standing_in import covers, stand_ins
from store import approvals, people
from store.model.approval import Approval
from store.model.decision import Requirement
from store.model.person import Person
from store.model.plan import Proposal
from store.model.run import Run, Status

OBJECTS = frozenset({Verb.REJECT, Verb.ASK})  # those with a veto may do this as well


class RefusedError(Exception):
    """The click does not count; the message is for the person."""


def waiting(run: Run, click: Click, now: datetime) -> Proposal:
    """The proposal that the click is about, where the run waits with it and it is still fresh."""
    if run.status is Status.RECEIVED and run.edit is not None:
        raise RefusedError(
            f"{run.edit.name} is changing {run.id} right now, so your click did not count."
            " Look at the card again in a moment."
        )
    if run.status is not Status.WAITING or run.proposal is None:
        raise RefusedError(f"{run.id} is {run.status} already; the card shows how it stands.")
    if click.digest != run.proposal.digest:
        raise RefusedError(
            "The plan changed since that card was drawn, so your click did not count."
            " Look at the card again: it shows the new diff."
        )
    if now >= run.proposal.expires_at:
        raise RefusedError(f"{run.id} has expired; ask for it again if it is still wanted.")
    return run.proposal


def is_requester(tx: Connection, run: Run, click: Click) -> bool:
    """Whether the account behind the click is the requester's, or another one of theirs."""
    request, account = run.request, click.account
    asked_with = (request.place.surface, request.place.team, request.account_user)
    if (account.surface, account.team, account.user) == asked_with:
        return True  # whoever it belongs to by now
    return people.person_for(tx, account) == request.person_id


def eligible(
    tx: Connection, run: Run, proposal: Proposal, click: Click, verb: Verb, now: datetime
) -> Person:
    """The person behind the click, who must hold a role that the plan needs for this verb."""
    person = click.person
    if person is None:
        raise RefusedError(
            "I cannot check your role right now, so your click did not count."
            " Try again in a minute."
        )
    if is_requester(tx, run, click):
        raise RefusedError(
            "You asked for this, so somebody else has to decide on it."
            + (" You can cancel it." if run.status is Status.WAITING else "")
        )
    _refuse_without_role(run, proposal, person, verb, now)
    if verb is Verb.APPROVE and run.status is Status.WAITING:
        _refuse_editor(proposal, person)
        _refuse_surplus(tx, run, proposal, person, now)
    return person


def has_a_say(run: Run, proposal: Proposal, person: Person, now: datetime) -> bool:
    """Whether a person's roles let them decide or object at this moment; for views. A click is
    judged anew, and by more: see `eligible`."""
    try:
        _refuse_without_role(run, proposal, person, Verb.REJECT, now)
    except RefusedError:
        return False
    return True


def approval_of(
    run: Run, proposal: Proposal, person: Person, verdict: str, now: datetime, reason: str = ""
) -> Approval:
    """The verdict of a person with what they hold now."""
    return Approval.model_validate(
        {
            "run_id": proposal.run_id,
            "digest": proposal.digest,
            "person_id": person.id,
            "person_name": person.name,
            "roles": person.roles,
            "stands_in": stand_ins(person, run, proposal, now),
            "verdict": verdict,
            "reason": reason,
            "given_at": now,
            "surface": person.account.surface,
            "team": person.account.team,
            "account_user": person.account.user,
        }
    )


def adds(
    proposal: Proposal, given: Iterable[Approval], one_more: Approval, requester_id: str
) -> bool:
    """Whether an approval meets an open requirement; another would only look like consent.

    It stands instead of an earlier one of the same person, which may count for nothing by now: it
    was given for a stage that was taken back and completed again.
    """
    given = tuple(given)
    others = [approval for approval in given if approval.person_id != one_more.person_id]
    before = proposal.lacking(given, requester_id)
    after = proposal.lacking((*others, one_more), requester_id)
    return sum(lack.count for lack in after) < sum(lack.count for lack in before)


def approving_roles(requirements: Iterable[Requirement], waited: timedelta) -> frozenset[str]:
    """The roles that may approve after so long, those that it was passed on to included."""
    roles: set[str] = set()
    for requirement in requirements:
        if requirement.kind == "approve":
            roles |= set(requirement.roles)
            if waited >= timedelta(minutes=requirement.escalates_after_minutes):
                roles |= set(requirement.escalates_to)
    return frozenset(roles)


def vetoing_roles(requirements: Iterable[Requirement]) -> frozenset[str]:
    """The roles that may reject without being asked to approve."""
    return frozenset(role for r in requirements if r.kind == "veto" for role in r.roles)


def listed(names: Iterable[str]) -> str:
    """ "finance-leads and support-leads" """
    return " and ".join(sorted(names))


def _refuse_without_role(
    run: Run, proposal: Proposal, person: Person, verb: Verb, now: datetime
) -> None:
    requirements = proposal.decision.requirements
    held = _held(run, proposal, person, now)
    approving = approving_roles(requirements, now - proposal.read_at)
    vetoing = vetoing_roles(requirements)
    is_for_anybody = any(r.kind == "people" for r in requirements) or not vetoing
    if not approving and is_for_anybody:  # so is how it ended, where it ran by itself
        if not person.roles:
            raise RefusedError("This needs somebody who holds a role; you hold none that I know.")
        return
    if held & approving or (held & vetoing and verb in OBJECTS):
        return
    if held & vetoing:
        raise RefusedError(
            f"You may reject this as {holder(sorted(held & vetoing))}; approving it is for"
            f" {holder(sorted(approving)) or 'nobody, because the policy names nobody'}."
        )
    later = [r for r in requirements if r.kind == "approve" and held & set(r.escalates_to)]
    if later:
        first = min(later, key=lambda r: r.escalates_after_minutes)
        raise RefusedError(
            f"This is with {holder(first.roles)} first. You may decide on it when it has waited"
            f" {first.escalates_after_minutes:,} minutes."
        )
    _refuse_out_of_reach(run, proposal, person, now, approving)
    wanted = approving | (vetoing if verb in OBJECTS else frozenset())
    if not wanted:
        raise RefusedError(
            "The policy names nobody who could approve this, so it cannot be done; tell whoever"
            " owns the policy."
        )
    raise RefusedError(
        f"This needs {holder(sorted(wanted))}; you are in {memberships(person.roles)}."
    )


def _held(run: Run, proposal: Proposal, person: Person, now: datetime) -> set[str]:
    """The roles that count for this plan: the person's own, and those they stand in with."""
    return {*person.roles, *(s.role for s in stand_ins(person, run, proposal, now))}


def _is_by(approval: Approval, person: Person) -> bool:
    given_by = (approval.surface, approval.team, approval.account_user)
    return given_by == (person.account.surface, person.account.team, person.account.user)


def _refuse_out_of_reach(
    run: Run, proposal: Proposal, person: Person, now: datetime, approving: frozenset[str]
) -> None:
    for one in person.delegated:
        if set(one.roles) & approving and not covers(one, run, proposal, now):
            raise RefusedError(
                f"You stand in for {one.from_name} ({one.id}), but not for this: somebody else has"
                f" to decide on it. It needs {holder(sorted(approving))}."
            )


def _refuse_editor(proposal: Proposal, person: Person) -> None:
    if person.id in proposal.barred:
        raise RefusedError(
            "You changed what this will do, so somebody else has to approve it."
            " You can still reject it."
        )


def _refuse_surplus(
    tx: Connection, run: Run, proposal: Proposal, person: Person, now: datetime
) -> None:
    """An approval that meets no open requirement is refused with who is asked now."""
    given = approvals.for_digest(tx, run.id, proposal.digest)
    if any(approval.person_id == person.id for approval in given):
        return
    if any(_is_by(approval, person) for approval in given):
        raise RefusedError(
            "This account has decided on it already, when it was somebody else's; it counts once."
        )
    one_more = approval_of(run, proposal, person, "approve", now)
    if adds(proposal, given, one_more, run.request.person_id):
        return
    lacking = proposal.lacking(given, run.request.person_id)
    held = _held(run, proposal, person, now)
    asked = {lack.requirement.roles for lack in lacking if lack.count and lack.is_open}
    wanted = " and ".join(sorted(holder(roles) or "somebody else" for roles in asked))
    if any(not lack.is_open and set(lack.requirement.roles) & held for lack in lacking):
        raise RefusedError(
            f"It is not your turn yet: {wanted} must approve first."
            " The card says when you are asked."
        )
    raise RefusedError(f"Your approval would add nothing now; {wanted} comes next.")

"""The third verb: one person's verdict on one plan digest.

Nothing in a click is believed but the run and the digest it names. Whatever cannot be checked
refuses, with a sentence for the person and an entry for the auditor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from bot.incoming import Click, Reply, Verb
from bot.ports import Clock
from bot.recording import Recorder
from bot.starting import Starter
from store import approvals, people, runs, steps
from store.database import Database
from store.model.approval import Approval
from store.model.entry import Entry, Kind
from store.model.execution import StepState, StepStatus
from store.model.person import Person
from store.model.plan import Proposal
from store.model.run import NEEDS_A_PERSON, SETTLED, Event, Run, Status

BY_HAND = "It was put right by hand."
MAY_BE_WRITTEN = frozenset(
    {StepStatus.INTENT, StepStatus.DONE, StepStatus.UNKNOWN, StepStatus.COMPENSATING}
)
REASON_CHARACTERS_MAX = 1_000  # a rejection's reason; longer text belongs into the thread


class RefusedError(Exception):
    """The verdict does not count; the message is for the person."""


class Verdicts:
    """Approve, reject, cancel, and the decisions about unknown and stuck steps."""

    def __init__(self, db: Database, recorder: Recorder, starter: Starter, clock: Clock) -> None:
        self._db, self._recorder = db, recorder
        self._starter, self._clock = starter, clock

    def give(self, click: Click) -> Reply:
        """Applies a click. A refusal changes nothing but the ledger."""
        act = self._acts()[click.verb]
        try:
            with self._db.begin() as tx:
                run = runs.get(tx, click.run_id)
                if run is None:
                    raise RefusedError(f"I know no run {click.run_id}.")
                return act(tx, run, click)
        except RefusedError as refused:
            with self._db.begin() as tx:
                self._record_refusal(tx, click, str(refused))
            return Reply(str(refused), is_refusal=True)

    def _acts(self) -> dict[Verb, Callable[[Connection, Run, Click], Reply]]:
        return {
            Verb.APPROVE: self._approve,
            Verb.REJECT: self._reject,
            Verb.CANCEL: self._cancel,
            Verb.HAPPENED: self._happened,
            Verb.DID_NOT: self._did_not,
            Verb.ASK_AGAIN: self._ask_again,
        }

    def _approve(self, tx: Connection, run: Run, click: Click) -> Reply:
        proposal = self._waiting(run, click)
        person = self._eligible(tx, run, proposal, click, Verb.APPROVE)
        approval = _approval(run, proposal, person, click, "approve", self._clock())
        if not approvals.add(tx, approval):
            return Reply("Your approval is on the card already; it counts once.")
        self._record(tx, approval)
        given = approvals.for_digest(tx, run.id, proposal.digest)
        lacking = proposal.lacking(given, run.request.person_id)
        if any(lack.count for lack in lacking):
            self._recorder.save(tx, run)
        else:
            self._starter.start(tx, run)
        return Reply("")

    def _reject(self, tx: Connection, run: Run, click: Click) -> Reply:
        proposal = self._waiting(run, click)
        person = self._eligible(tx, run, proposal, click, Verb.REJECT)
        reason = click.text.strip()
        if not reason:
            raise RefusedError(
                "A rejection needs a reason, so that the person who asked learns why."
            )
        if len(reason) > REASON_CHARACTERS_MAX:
            raise RefusedError(f"Say the reason in at most {REASON_CHARACTERS_MAX:,} characters.")
        approval = _approval(run, proposal, person, click, "reject", self._clock())
        approvals.add(tx, approval)
        self._record(tx, approval)
        self._recorder.advance(
            tx, run, Event.REJECTED, actor=person.id, note=f"{person.name} rejected it: {reason}"
        )
        return Reply("")

    def _cancel(self, tx: Connection, run: Run, click: Click) -> Reply:
        if people.person_for(tx, click.account) != run.request.person_id:
            raise RefusedError(f"Only {run.requester_name}, who asked, can cancel {run.id}.")
        if run.status in SETTLED:
            raise RefusedError(f"{run.id} is {run.status} already; there is nothing to cancel.")
        if run.status is Status.RUNNING:
            self._recorder.save(tx, run, is_cancel_requested=True)
            self._recorder.append(
                tx,
                Entry(
                    kind=Kind.APPROVAL,
                    run_id=run.id,
                    actor=run.request.person_id,
                    data={"verdict": click.verb.value, "of": run.status.value},
                ),
            )
            return Reply("I stop before the next step and take back what was done.")
        if run.status in NEEDS_A_PERSON:
            raise RefusedError(f"{run.id} has to be decided first; see its card.")
        self._recorder.advance(
            tx,
            run,
            Event.CANCELLED,
            actor=run.request.person_id,
            note=f"{run.requester_name} cancelled it. Nothing was done.",
        )
        return Reply("")

    def _happened(self, tx: Connection, run: Run, click: Click) -> Reply:
        return self._resolve(tx, run, click, "says that it happened", StepStatus.DONE)

    def _did_not(self, tx: Connection, run: Run, click: Click) -> Reply:
        return self._resolve(tx, run, click, "says that it did not happen", StepStatus.PLANNED)

    def _ask_again(self, tx: Connection, run: Run, click: Click) -> Reply:
        return self._resolve(tx, run, click, "had the system asked again", None)

    def _resolve(
        self, tx: Connection, run: Run, click: Click, what: str, status: StepStatus | None
    ) -> Reply:
        if run.status not in NEEDS_A_PERSON or run.proposal is None:
            raise RefusedError(f"{run.id} is {run.status}; nothing about it is open.")
        if click.digest != run.proposal.digest or click.text != str(run.resumes):
            raise RefusedError("That card is of an earlier stop; look at it again.")
        person = self._eligible(tx, run, run.proposal, click, Verb.APPROVE)
        if run.status is Status.STUCK and status is StepStatus.PLANNED:
            raise RefusedError("Say that it is put right by hand, or let me try again.")
        if run.status is Status.STUCK and status is StepStatus.DONE:
            for state in _put_right(steps.all_for(tx, run.id)):
                steps.save(tx, state)
        elif status is not None:
            for state in steps.all_for(tx, run.id):
                if state.status is StepStatus.UNKNOWN:
                    steps.save(tx, state.model_copy(update={"status": status, "problem": ""}))
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.APPROVAL,
                run_id=run.id,
                actor=person.id,
                data={
                    "verdict": click.verb.value,
                    "of": run.status.value,
                    "roles": [*person.roles],
                },
                sensitive={"name": person.name},
            ),
        )
        self._starter.resume(tx, run, note=f"{person.name} {what}.")
        return Reply("")

    def _waiting(self, run: Run, click: Click) -> Proposal:
        if run.status is not Status.WAITING or run.proposal is None:
            raise RefusedError(f"{run.id} is {run.status} already; the card shows how it stands.")
        if click.digest != run.proposal.digest:
            raise RefusedError(
                "The plan changed since that card was drawn, so your click did not count."
                " Look at the card again: it shows the new diff."
            )
        if self._clock() >= run.proposal.expires_at:
            raise RefusedError(f"{run.id} has expired; ask for it again if it is still wanted.")
        return run.proposal

    def _eligible(
        self, tx: Connection, run: Run, proposal: Proposal, click: Click, verb: Verb
    ) -> Person:
        """The person behind the click, who must hold a role that the plan still needs."""
        person = click.person
        if person is None:
            raise RefusedError(
                "I cannot check your role right now, so your click did not count."
                " Try again in a minute."
            )
        if people.person_for(tx, click.account) == run.request.person_id:
            raise RefusedError(
                "You asked for this, so somebody else has to decide on it."
                + (" You can cancel it." if run.status is Status.WAITING else "")
            )
        roles = {role for r in proposal.decision.requirements for role in r.roles}
        if not roles and not person.roles:  # it ran by itself: any colleague may say how it ended
            raise RefusedError("This needs somebody who holds a role; you hold none that I know.")
        if roles and not roles & set(person.roles):
            raise RefusedError(
                f"This needs {' and '.join(sorted(roles))}; you are in"
                f" {', '.join(person.roles) or 'none of the roles I know'}."
            )
        if verb is Verb.APPROVE and run.status is Status.WAITING:
            self._refuse_surplus(tx, run, proposal, person, click)
        return person

    def _refuse_surplus(
        self, tx: Connection, run: Run, proposal: Proposal, person: Person, click: Click
    ) -> None:
        """An approval that meets no open requirement would only look like consent."""
        given = approvals.for_digest(tx, run.id, proposal.digest)
        if any(approval.person_id == person.id for approval in given):
            return
        requester_id = run.request.person_id
        one_more = _approval(run, proposal, person, click, "approve", self._clock())
        before = proposal.lacking(given, requester_id)
        after = proposal.lacking((*given, one_more), requester_id)
        if sum(lack.count for lack in after) < sum(lack.count for lack in before):
            return
        wanted = [lack.requirement.who for lack in before if lack.count and lack.is_open]
        raise RefusedError(
            f"Your approval would add nothing now; {' and '.join(wanted)} comes next."
        )

    def _record(self, tx: Connection, approval: Approval) -> None:
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.APPROVAL,
                run_id=approval.run_id,
                actor=approval.person_id,
                data={
                    "verdict": approval.verdict,
                    "digest": approval.digest,
                    "roles": list(approval.roles),
                    "user": approval.account_user,
                },
                sensitive={"name": approval.person_name, "reason": approval.reason},
            ),
        )

    def _record_refusal(self, tx: Connection, click: Click, why: str) -> None:
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.REFUSAL,
                run_id=click.run_id if runs.get(tx, click.run_id) else "",
                actor=people.person_for(tx, click.account),
                data={
                    "of": click.verb.value,
                    "why": why,
                    "digest": click.digest[:64],
                    "user": click.account.user,
                },
            ),
        )


def _put_right(states: Iterable[StepState]) -> Iterable[StepState]:
    """The steps that a person has settled by hand, as the journal keeps them from now on.

    Usually one whose taking back failed. Where the engine itself gave up, no step is marked: then
    it is all that may have been written, and nothing that was not begun is begun any more.
    """
    states = tuple(states)
    stuck = [s for s in states if s.status is StepStatus.STUCK]
    written = [s for s in states if s.status in MAY_BE_WRITTEN]
    status = StepStatus.COMPENSATED if stuck or written else StepStatus.FAILED
    by_hand = {"status": status, "problem": BY_HAND}
    return [s.model_copy(update=by_hand) for s in stuck or written or states[:1]]


def _approval(
    run: Run, proposal: Proposal, person: Person, click: Click, verdict: str, now: object
) -> Approval:
    return Approval.model_validate(
        {
            "run_id": run.id,
            "digest": proposal.digest,
            "person_id": person.id,
            "person_name": person.name,
            "roles": person.roles,
            "verdict": verdict,
            "reason": click.text.strip() if verdict == "reject" else "",
            "given_at": now,
            "surface": click.account.surface,
            "team": click.account.team,
            "account_user": click.account.user,
        }
    )

"""The third verb: one person's verdict on one plan digest, and taking it back."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.approval.eligible import RefusedError, adds, approval_of, eligible, is_requester, waiting
from bot.incoming import Click, Reply, Verb
from bot.ports import Clock
from bot.recording import Recorder
from bot.starting import Starter
from store import approvals, people
from store.model.approval import Approval
from store.model.entry import Entry, Kind
from store.model.run import NEEDS_A_PERSON, SETTLED, Event, Run, Status

REASON_CHARACTERS_MAX = 1_000  # a rejection's reason; longer text belongs into the thread


class Verdicts:
    """Approve, reject, withdraw an approval, cancel the request."""

    def __init__(self, recorder: Recorder, starter: Starter, clock: Clock) -> None:
        self._recorder, self._starter, self._clock = recorder, starter, clock

    def approve(self, tx: Connection, run: Run, click: Click) -> Reply:
        """Counts an approval; the one that completes the requirements starts the execution."""
        proposal = waiting(run, click, self._clock())
        person = eligible(tx, run, proposal, click, Verb.APPROVE, self._clock())
        approval = approval_of(run, proposal, person, "approve", self._clock())
        given = approvals.for_digest(tx, run.id, proposal.digest)
        if adds(proposal, given, approval, run.request.person_id):
            self._take_back(tx, run, click, person.id)  # one of before, which counts no more
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

    def reject(self, tx: Connection, run: Run, click: Click) -> Reply:
        """Ends the run, with the reason on its card."""
        proposal = waiting(run, click, self._clock())
        person = eligible(tx, run, proposal, click, Verb.REJECT, self._clock())
        reason = click.text.strip()
        if not reason:
            raise RefusedError(
                "A rejection needs a reason, so that the person who asked learns why."
            )
        if len(reason) > REASON_CHARACTERS_MAX:
            raise RefusedError(f"Say the reason in at most {REASON_CHARACTERS_MAX:,} characters.")
        approval = approval_of(run, proposal, person, "reject", self._clock(), reason)
        approvals.add(tx, approval)
        self._record(tx, approval)
        after = self._recorder.advance(
            tx, run, Event.REJECTED, actor=person.id, note=f"{person.name} rejected it: {reason}"
        )
        line = (
            f"{run.requester_name}, {person.name} rejected {run.id}: {reason.rstrip('.')}. Nothing"
            " was changed. The same request needs to say what is new."
        )
        self._recorder.say(tx, after, f"rejected:{run.id}", line)
        return Reply("")

    def withdraw(self, tx: Connection, run: Run, click: Click) -> Reply:
        """Takes one's own approval back while others are still awaited. No role is needed for it:
        less consent is never less safe."""
        if run.approved_at is not None and run.status is not Status.WAITING:
            raise RefusedError(
                f"{run.id} is {run.status} already; an approval can be taken back only before"
                " execution begins."
            )
        waiting(run, click, self._clock())
        if not self._take_back(tx, run, click, people.person_for(tx, click.account)):
            raise RefusedError(f"You have no approval on {run.id} that could be taken back.")
        self._recorder.save(tx, run)
        return Reply("")

    def cancel(self, tx: Connection, run: Run, click: Click) -> Reply:
        """The requester's own end of it, before any write or with what was written taken back."""
        if not is_requester(tx, run, click):
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
                    data={
                        "verdict": click.verb.value,
                        "of": run.status.value,
                        "surface": click.account.surface,
                        "user": click.account.user,
                    },
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

    def _take_back(self, tx: Connection, run: Run, click: Click, person_id: str) -> bool:
        """Whether there was an approval of what was clicked on to take back."""
        if not approvals.withdraw(tx, run.id, click.digest, person_id):
            return False
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.WITHDRAWAL,
                run_id=run.id,
                actor=person_id,
                data={
                    "digest": click.digest,
                    "surface": click.account.surface,
                    "user": click.account.user,
                },
                sensitive={"name": click.account.display_name},
            ),
        )
        return True

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
                    "surface": approval.surface,
                    "user": approval.account_user,
                    "stands_in": [
                        {"role": s.role, "person": s.person_id} for s in approval.stands_in
                    ],
                },
                sensitive={"name": approval.person_name, "reason": approval.reason},
            ),
        )

"""A person looks afterwards at what a workflow did by itself, and says whether it was right.

At L4 each such run awaits its review: the thread names who gives it, and what nobody reviews counts
against the workflow. At L3 a review is welcome and nobody is asked for one: there the rules keep
what runs by itself small, and one that says wrong takes the level back all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.autonomy.ladder import Autonomy
from bot.autonomy.record import is_reviewable, ran_by_itself
from bot.cards.phrases import holder, memberships
from bot.catalogue import Catalogue
from bot.incoming import Reply, storable
from bot.ports import Clock, Directory, DirectoryUnavailableError
from bot.recording import Recorder
from store import people, reviews, runs
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.person import Account, Person
from store.model.run import Run
from store.reviews import Review

REASON_CHARACTERS_MAX = 1_000  # of why it was wrong; longer text belongs into the thread
THANKS = "Thank you; that is in the record."


class RefusedError(Exception):
    """The review does not count; the message is for the person."""


class Reviewing:
    """Reviews over one store. Thread-safe; the directory is asked outside of any transaction."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        directory: Directory,
        recorder: Recorder,
        autonomy: Autonomy,
        clock: Clock,
    ) -> None:
        self._db, self._catalogue, self._directory = db, catalogue, directory
        self._recorder, self._autonomy, self._clock = recorder, autonomy, clock

    def review(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        """One person's verdict on a run that ran by itself. The first counts, and after it one that
        says wrong where it says right; a refusal changes nothing but the ledger."""
        reason = storable(reason).strip()
        try:
            person = None if account.refusal else self._directory.person(account)
        except DirectoryUnavailableError:
            return Reply(
                "I cannot check your role right now, so your review did not count."
                " Try again in a minute.",
                is_refusal=True,
            )
        with self._db.begin() as tx:
            run = runs.get(tx, run_id)
            try:
                run, person = self._open(tx, run, account, person)
                review = Review(
                    run_id=run.id,
                    person_id=person.id,
                    is_right=is_right,
                    reason=_reason(reason, is_right),
                    at=self._clock(),
                )
                self._accept(tx, run, person, review)
            except RefusedError as refused:
                self._record_refusal(tx, run, account, str(refused))
                return Reply(str(refused), is_refusal=True)
        return Reply(THANKS)

    def _open(
        self, tx: Connection, run: Run | None, account: Account, person: Person | None
    ) -> tuple[Run, Person]:
        """The run and who may review it; raises RefusedError."""
        if person is None:
            raise RefusedError(f"Not done: {account.refusal}.")
        if run is None:
            raise RefusedError("I know no such run; runs look like R-1001.")
        if not ran_by_itself(run):
            raise RefusedError(f"{run.id} did not run by itself, so there is nothing to review.")
        if not is_reviewable(run):
            raise RefusedError(f"{run.id} is {run.status}; it is reviewed once it has settled.")
        if run.request.person_id in {person.id, people.person_for(tx, account)}:
            raise RefusedError("You asked for this, so somebody else has to review it.")
        declared = self._catalogue().workflows.get(run.workflow)
        roles = declared.reviewers if declared else ()
        if not set(roles) & set(person.roles):
            raise RefusedError(
                f"{run.id} is reviewed by {holder(roles) or 'nobody that its file names'};"
                f" you are in {memberships(person.roles)}."
            )
        return run, person

    def _accept(self, tx: Connection, run: Run, person: Person, review: Review) -> None:
        if not reviews.add(tx, review):
            raise RefusedError(
                f"{run.id} has been reviewed already; after that only a first word that it was"
                " wrong counts."
            )
        verdict = "right" if review.is_right else "wrong"
        entry = Entry(
            kind=Kind.REVIEW,
            run_id=run.id,
            actor=person.id,
            data={"verdict": verdict, "roles": list(person.roles), "workflow": run.workflow},
            sensitive={"name": person.name, "reason": review.reason},
        )
        self._recorder.append(tx, entry)
        about = "" if review.is_right else f": {review.reason}"
        line = f"{person.name} looked at {run.id} and says that it was {verdict}{about}"
        self._recorder.say(tx, run, f"review:{run.id}:{verdict}", line)
        self._autonomy.run_reviewed(tx, run)

    def _record_refusal(self, tx: Connection, run: Run | None, account: Account, why: str) -> None:
        entry = Entry(
            kind=Kind.REFUSAL,
            run_id=run.id if run else "",
            actor=people.person_for(tx, account),
            data={"of": "review", "why": why, "user": account.user},
        )
        self._recorder.append(tx, entry)


def _reason(reason: str, is_right: bool) -> str:
    """What to keep of it. Raises RefusedError where it says too little or too much."""
    if not reason and not is_right:
        raise RefusedError("A review that says wrong needs a reason, so that somebody can mend it.")
    if len(reason) > REASON_CHARACTERS_MAX:
        raise RefusedError(f"Say the reason in at most {REASON_CHARACTERS_MAX:,} characters.")
    return reason

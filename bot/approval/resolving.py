"""A person's decision about a run that stopped at something it cannot know or cannot take back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.approval.eligible import RefusedError, eligible
from bot.incoming import Click, Reply, Verb
from bot.people.standing_in import stand_ins
from bot.ports import Clock
from bot.recording import Recorder
from bot.starting import Starter
from store import steps
from store.model.entry import Entry, Kind
from store.model.execution import StepState, StepStatus
from store.model.run import NEEDS_A_PERSON, Run, Status

BY_HAND = "It was put right by hand."
MAY_BE_WRITTEN = frozenset(
    {StepStatus.INTENT, StepStatus.DONE, StepStatus.UNKNOWN, StepStatus.COMPENSATING}
)


class Resolutions:
    """Happened, did not happen, or ask the system again."""

    def __init__(self, recorder: Recorder, starter: Starter, clock: Clock) -> None:
        self._recorder, self._starter, self._clock = recorder, starter, clock

    def happened(self, tx: Connection, run: Run, click: Click) -> Reply:
        return self._resolve(tx, run, click, "says that it happened", StepStatus.DONE)

    def did_not(self, tx: Connection, run: Run, click: Click) -> Reply:
        """It is written now, if it was not: the system is asked once more before that, because a
        person may be wrong, and a write that is there must be known to be taken back."""
        return self._resolve(tx, run, click, "says that it did not happen", StepStatus.INTENT)

    def ask_again(self, tx: Connection, run: Run, click: Click) -> Reply:
        return self._resolve(tx, run, click, "had the system asked again", None)

    def _resolve(
        self, tx: Connection, run: Run, click: Click, what: str, status: StepStatus | None
    ) -> Reply:
        if run.status not in NEEDS_A_PERSON or run.proposal is None:
            raise RefusedError(f"{run.id} is {run.status}; nothing about it is open.")
        if click.digest != run.proposal.digest or click.text != str(run.resumes):
            raise RefusedError("That card is of an earlier stop; look at it again.")
        person = eligible(tx, run, run.proposal, click, Verb.APPROVE, self._clock())
        if run.status is Status.STUCK and status is StepStatus.INTENT:
            raise RefusedError("Say that it is put right by hand, or let me try again.")
        if run.status is Status.STUCK and status is StepStatus.DONE:
            for state in _put_right(steps.all_for(tx, run.id)):
                steps.save(tx, state)
        elif status is not None:
            # The first, which the card speaks of; others that stand for themselves are asked for
            # after it.
            unknown = [s for s in steps.all_for(tx, run.id) if s.status is StepStatus.UNKNOWN]
            for state in unknown[:1]:
                steps.save(tx, state.model_copy(update={"status": status, "problem": ""}))
        used = stand_ins(person, run, run.proposal, self._clock())
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
                    "surface": click.account.surface,
                    "user": click.account.user,
                    "stands_in": [{"role": s.role, "person": s.person_id} for s in used],
                },
                sensitive={"name": person.name},
            ),
        )
        self._starter.resume(tx, run, note=f"{person.name} {what}.")
        return Reply("")


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

"""The hand-over to execution: the run moves to running and its workflow is enqueued, in one
transaction. Nobody holds a thread before this moment."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Connection

from bot.ports import Clock
from bot.recording import Recorder
from store import steps
from store.model.execution import StepState, StepStatus
from store.model.plan import Proposal
from store.model.run import Event, Run


class Enqueue(Protocol):
    """Enqueues the execution of a run in the caller's transaction. The id is used once, ever."""

    def __call__(self, tx: Connection, run_id: str, digest: str, workflow_id: str) -> None: ...


class Starter:
    """Starts executions."""

    def __init__(self, recorder: Recorder, enqueue: Enqueue, clock: Clock) -> None:
        self._recorder, self._enqueue, self._clock = recorder, enqueue, clock

    def start(self, tx: Connection, run: Run, **changes: Any) -> Run:
        """The run that was approved (or may run by itself), with its journal and its workflow."""
        now = self._clock()
        after = self._recorder.advance(
            tx, run, Event.APPROVED, approved_at=now, drift=(), note="", **changes
        )
        proposal = after.proposal
        assert proposal is not None, "what is approved was proposed"
        steps.plan(tx, journal(proposal, now))
        self._enqueue(tx, run.id, proposal.digest, f"{run.id}:{proposal.digest[:16]}")
        return after

    def resume(self, tx: Connection, run: Run, **changes: Any) -> Run:
        """A run that a person has decided about goes on where it stopped."""
        after = self._recorder.advance(tx, run, Event.RESOLVED, resumes=run.resumes + 1, **changes)
        proposal = after.proposal
        assert proposal is not None, "what was executed was proposed"
        workflow_id = f"{run.id}:{proposal.digest[:16]}:{after.version}"
        self._enqueue(tx, run.id, proposal.digest, workflow_id)
        return after


def journal(proposal: Proposal, now: Any) -> tuple[StepState, ...]:
    """The journal of a plan before its first step. The key is the run's and the step's, and the
    round's: a new showing is a new intent."""
    return tuple(
        StepState(
            run_id=proposal.run_id,
            index=index,
            step_id=step.id,
            status=StepStatus.PLANNED,
            key=f"{proposal.run_id}:{proposal.round}:{step.id}",
            attempts=0,
            before=None,
            result=None,
            observed=None,
            problem="",
            changed_at=now,
        )
        for index, step in enumerate(proposal.plan.steps)
    )

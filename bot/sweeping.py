"""What happens because nothing happened: approvals and questions expire, executions that the
engine gave up wait for a person."""

from __future__ import annotations

from collections.abc import Callable

from bot.executor import Executor
from bot.ports import Clock
from bot.recording import Recorder
from store import runs
from store.database import Database
from store.errors import StaleRunError
from store.model.run import Event, Status

BATCH_MAX = 200  # runs looked at in one sweep; the rest waits for the next
SWEEP_SECONDS = 15  # so a run expires at most this late
ABANDONED_SECONDS = 60  # an execution that ended this long ago without an outcome was given up


class Sweeper:
    """Bounded, idempotent, safe in several processes: a run that moved meanwhile is left alone."""

    def __init__(
        self,
        db: Database,
        recorder: Recorder,
        executor: Executor,
        abandoned: Callable[[str], bool],
        clock: Clock,
    ) -> None:
        self._db, self._recorder = db, recorder
        self._executor, self._abandoned, self._clock = executor, abandoned, clock

    def sweep(self) -> int:
        """The number of runs that were moved."""
        return self._expire() + self._find_abandoned()

    def _expire(self) -> int:
        moved = 0
        with self._db.read() as cx:
            due = runs.due_to_expire(cx, self._clock(), BATCH_MAX)
        for run in due:
            try:
                with self._db.begin() as tx:
                    what = "an answer" if run.status is Status.ASKING else "approval"
                    note = (
                        f"Nobody gave {what} in time. Nothing was done; ask again if it is wanted."
                    )
                    after = self._recorder.advance(tx, run, Event.EXPIRED, note=note)
                    line = f"{run.requester_name}, {run.id} has expired. {note}"
                    self._recorder.say(tx, after, f"expired:{run.id}", line)
                moved += 1
            except StaleRunError:
                continue
        return moved

    def _find_abandoned(self) -> int:
        moved = 0
        with self._db.read() as cx:
            running = runs.in_status(cx, (Status.RUNNING,), BATCH_MAX)
        for run in running:
            if (self._clock() - run.changed_at).total_seconds() < ABANDONED_SECONDS:
                continue
            if self._abandoned(f"{run.id}:"):
                self._executor.give_up(
                    run, "Execution ended without an outcome; look at the steps below."
                )
                moved += 1
        return moved

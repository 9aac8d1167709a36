"""What holds for a time, and ends by itself: a due compensation, kept in the store with the run's
outcome, carried out by the sweep through the same executor and ledger, and told in the thread.

Bounded, idempotent, safe in several processes: whoever claims an ending has it for a while, and the
journal of steps tells how far the last try came.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.calls import BudgetExceededError
from bot.catalogue import Catalogue, NotInCatalogueError
from bot.executor import Executor
from bot.ports import Clock
from bot.recording import Recorder
from bot.showing import PlanInvalidError, typed_params
from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.until import said
from store import endings, runs, steps
from store.database import Database
from store.endings import Ending, EndingStatus
from store.errors import StaleRunError
from store.model.entry import Entry, Kind
from store.model.execution import StepState, StepStatus
from store.model.run import WRITTEN, Run

log = logging.getLogger(__name__)

BATCH_MAX = 20  # endings tried in one sweep; the rest waits for the next
LEASE_SECONDS = 300  # for which a process has an ending: longer than its few bounded calls take
FIRST_SECONDS = 60  # before a second try; doubled for each one after it
PAUSE_SECONDS_MAX = 3_600
REPORTED_AFTER = 3  # tries that failed, after which the thread is told
ATTEMPTS_MAX = 50  # two days of tries; then a person has to


class Endings:
    """Keeps what is to end, and ends it when it is due."""

    def __init__(
        self,
        db: Database,
        recorder: Recorder,
        executor: Executor,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
    ) -> None:
        self._db, self._recorder, self._executor = db, recorder, executor
        self._catalogue, self._clock = catalogue, clock

    def run_ended(self, tx: Connection, run: Run) -> None:
        """Watches outcomes: keeps what an applied run is to end, in the outcome's transaction."""
        if run.status not in WRITTEN or run.proposal is None:
            return
        catalogue = self._catalogue()
        for state in steps.all_for(tx, run.id):
            step = run.proposal.plan.steps[state.index]
            try:
                operation = catalogue.operation(step.operation)
                if operation.ends_at is None or state.status is not StepStatus.DONE:
                    continue
                due = operation.ends_at(typed_params(catalogue, step))
            except (NotInCatalogueError, PlanInvalidError):
                log.exception("run %s: step %s has no end that can be read", run.id, step.id)
                continue
            subject = f"{step.operation}:{(state.result or {}).get('reference', '')}"
            if due is None:
                endings.drop(tx, run.id, subject)
                continue
            seen = run.proposal.seen[state.index]
            if endings.move(tx, run.id, subject, due):
                line = f"The end that an earlier grant set is now {said(due)}."
            elif seen.after:
                endings.add(tx, run.id, state.index, subject, due)
                continue
            else:
                line = "It was so before and no end was set to it: nothing ends by itself."
            told = f"{run.id}: {seen.resource}. {line}"
            self._recorder.say(tx, run, f"end:{run.id}:{state.index}", told)

    def end_due(self) -> int:
        """How many endings were tried."""
        with self._db.read() as cx:
            due = endings.due(cx, self._clock(), BATCH_MAX)
        return sum(self._try(ending) for ending in due)

    def _try(self, ending: Ending) -> bool:
        lease = self._clock() + timedelta(seconds=LEASE_SECONDS)
        with self._db.begin() as tx:
            if not endings.claim(tx, ending, lease):
                return False
            run = runs.get(tx, ending.run_id)
        if run is None:
            return False
        try:
            self._executor.end(run, ending.step)
        except StaleRunError:
            return False  # it is looked at again when the lease is over
        except (NotInCatalogueError, PlanInvalidError) as gone:  # a bundle may be put right
            self._again(ending, run, gone)
        except Rejected as refused:
            self._stuck(ending, run, str(refused))
        except (ConnectorError, BudgetExceededError) as failed:
            self._again(ending, run, failed)
        else:
            self._ended(ending, run)
        return True

    def _ended(self, ending: Ending, run: Run) -> None:
        line = f"{_what(ending, run)} has ended by itself, as was asked for: it was taken back."
        with self._db.begin() as tx:
            if endings.settle(tx, ending, EndingStatus.ENDED):
                self._tell(tx, ending, run, "ended", line)

    def _again(self, ending: Ending, run: Run, why: Exception) -> None:
        failed = ending.attempts + 1
        if failed >= ATTEMPTS_MAX:
            self._stuck(ending, run, str(why))
            return
        seconds = min(FIRST_SECONDS * 2 ** min(failed - 1, 10), PAUSE_SECONDS_MAX)
        if isinstance(why, Unavailable) and why.retry_after_seconds:
            seconds = max(seconds, int(why.retry_after_seconds) + 1)
        with self._db.begin() as tx:
            endings.later(tx, ending, self._clock() + timedelta(seconds=seconds))
            data = {"again_after_ms": seconds * 1000, "why": str(why)}
            self._append(tx, ending, run, Kind.RESULT, data)
            if failed == REPORTED_AFTER:
                line = f"{_what(ending, run)} should have ended and has not yet: {why}"
                self._tell(tx, ending, run, "late", f"{line} It is tried again.")

    def _stuck(self, ending: Ending, run: Run, why: str) -> None:
        line = f"{_what(ending, run)} should have ended and could not be taken back: {why}"
        with self._db.begin() as tx:
            if not endings.settle(tx, ending, EndingStatus.STUCK):
                return
            state = steps.get(tx, run.id, ending.step)
            if state is not None:
                steps.save(tx, self._failed(state, why))
            self._append(tx, ending, run, Kind.COMPENSATION, {"stuck": why})
            self._tell(tx, ending, run, "stuck", f"{line} Take it back by hand.")

    def _failed(self, state: StepState, why: str) -> StepState:
        changes = {"status": StepStatus.STUCK, "problem": why, "changed_at": self._clock()}
        return state.model_copy(update=changes)

    def _append(
        self, tx: Connection, ending: Ending, run: Run, kind: Kind, data: dict[str, Any]
    ) -> None:
        where = {"index": ending.step, "ending": True}
        self._recorder.append(
            tx, Entry(kind=kind, run_id=run.id, actor="assent", data={**where, **data})
        )

    def _tell(self, tx: Connection, ending: Ending, run: Run, what: str, line: str) -> None:
        """On the card and in the thread, once for each moment at which it was due."""
        current = runs.get(tx, run.id) or run
        after = self._recorder.save(tx, current, note=f"{current.note} {line}".strip())
        key = f"{what}:{run.id}:{ending.step}:{ending.due_at:%Y%m%dT%H%M%S}"
        self._recorder.say(tx, after, key, line)


def _what(ending: Ending, run: Run) -> str:
    """The record as people know it, with the run that it is of."""
    seen = run.proposal.seen[ending.step] if run.proposal else None
    return f"{run.id}: {seen.resource if seen else ending.subject}"

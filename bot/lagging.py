"""Systems whose reads run behind their writes: for the seconds that an operation states, what a
read shows may be the record as it was. Nothing is concluded from it before those have passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.calls import BudgetExceededError, Calls
from bot.executing import Sleep
from bot.ports import Clock
from connectors.operation import Operation, Params, Snapshot
from store import runs
from store.database import Database
from store.ledger.search import LedgerEntry, find
from store.model.entry import Kind
from store.model.execution import StepState
from store.model.plan import Proposal, Seen
from store.model.values import Json

PAUSE_FIRST_SECONDS = 0.5
PAUSE_FACTOR = 2.0
LAG_SECONDS_MAX = 120.0  # a longer one is no lag to wait for: what is read then counts
WRITES_LOOKED_AT_MAX = 200  # of the newest in the ledger


class Lag:
    """What may be behind, and for how long still."""

    def __init__(self, db: Database, clock: Clock, sleep: Sleep) -> None:
        self._db, self._clock, self._sleep = db, clock, sleep

    def read_back(
        self,
        calls: Calls,
        operation: Operation[Any],
        params: Params,
        state: StepState,
        seen: Seen,
    ) -> dict[str, Json]:
        """The record after its write. Read again, after growing pauses, while it still shows what
        was before and the lag has not passed. Raises what the first read raises."""
        observed = dict(calls.read(operation, params).fields)
        before = (state.before or {}).get("fields") or seen.fields
        for pause_seconds in _pauses(self._bound(calls, operation)):
            if not _is_behind(observed, before, seen.after):
                break
            self._sleep(pause_seconds)
            try:
                observed = dict(calls.read(operation, params).fields)
            except BudgetExceededError:  # what was read stands
                break
        return observed

    def lookup_seconds(self, calls: Calls, operation: Operation[Any], state: StepState) -> float:
        """How long a write whose answer was lost may still not be found."""
        if state.sent_at is None:
            return 0
        passed = (self._clock() - state.sent_at).total_seconds()
        return max(self._bound(calls, operation) - passed, 0)

    def record_seconds(self, calls: Calls, operation: Operation[Any], record: Snapshot) -> float:
        """How long a read of the record may still be behind a write of Assent's own; 0 where there
        was none lately."""
        bound = self._bound(calls, operation)
        if not bound:
            return 0
        now = self._clock()
        written = [
            entry.at
            for entry in self._writes(now - timedelta(seconds=bound))
            if self._record_of(entry) == (record.system, record.resource)
        ]
        return max(bound - (now - max(written)).total_seconds(), 0) if written else 0

    def is_waited_for(self, calls: Calls, signed: Proposal, now: tuple[Seen, ...]) -> bool:
        """Whether a record that reads otherwise than it was signed may be behind a write of ours:
        then the lag has passed when this returns."""
        seconds = [
            self.record_seconds(
                calls,
                calls.catalogue.operation(step.operation),
                Snapshot(new.system, new.resource, new.version, new.fields),
            )
            for step, old, new in zip(signed.plan.steps, signed.seen, now, strict=True)
            if old.fields != new.fields or old.about != new.about
        ]
        if not any(seconds):
            return False
        self._sleep(max(seconds))
        return True

    def _bound(self, calls: Calls, operation: Operation[Any]) -> float:
        """The lag to wait for, within the time that the workflow gives a run."""
        workflow = calls.catalogue.workflow(calls.workflow)
        patience = workflow.budget.wall_clock_seconds if workflow else 0
        return min(operation.lag_seconds, patience, LAG_SECONDS_MAX)

    def _writes(self, since: datetime) -> Iterator[LedgerEntry]:
        with self._db.read() as cx:
            for kind in (Kind.RESULT, Kind.COMPENSATION):
                yield from find(cx, kind=kind, since=since, limit=WRITES_LOOKED_AT_MAX)

    def _record_of(self, entry: LedgerEntry) -> tuple[str, str] | None:
        index = entry.data.get("index")
        with self._db.read() as cx:
            run = runs.get(cx, entry.run_id)
        if run is None or run.proposal is None or not isinstance(index, int):
            return None
        seen = run.proposal.seen[index : index + 1]
        return (seen[0].system, seen[0].resource) if seen else None


def _pauses(bound_seconds: float) -> Iterator[float]:
    """Growing pauses that end when the bound is reached."""
    left, pause = bound_seconds, PAUSE_FIRST_SECONDS
    while left > 0:
        yield min(pause, left)
        left, pause = left - pause, pause * PAUSE_FACTOR


def _is_behind(
    observed: Mapping[str, Json], before: Mapping[str, Json], after: Mapping[str, Json]
) -> bool:
    """Whether what is missing of the write reads exactly as it was before it."""
    missing = [name for name, value in after.items() if observed.get(name) != value]
    return bool(missing) and all(observed.get(name) == before.get(name) for name in missing)

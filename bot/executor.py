"""The fourth verb: decide again, compare with what was signed, then step by step.

Each method is one checkpoint of the durable engine and may be called again after a crash at any
instant: the journal of steps tells how far the last call came. An intent is committed before every
call; the result and its ledger entry are committed together after it. Between the two, only the
system itself knows, so it is asked (`lookup`) before anything is sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from bot import retry
from bot.calls import BudgetExceededError, Calls
from bot.catalogue import Catalogue
from bot.drifting import Drift
from bot.journal import Journal, not_known
from bot.lagging import Lag
from bot.retry import Tried
from bot.showing import typed_params
from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected, Unavailable
from connectors.operation import Irreversible, Operation, Params, Result, Snapshot
from store import runs, steps
from store.database import Database
from store.model.execution import StepState, StepStatus
from store.model.plan import Proposal, Seen
from store.model.run import Event, Run, Status

log = logging.getLogger(__name__)

Verdict = dict[str, Any]
ON: Verdict = {"next": "on"}
BACK: Verdict = {"next": "back"}
STOP: Verdict = {"next": "stop"}
SENT = frozenset({StepStatus.INTENT, StepStatus.UNKNOWN})  # a call may have been made
WRITTEN = frozenset({StepStatus.DONE, StepStatus.COMPENSATING, StepStatus.STUCK})
ENDED = {
    StepStatus.DONE: ON,
    StepStatus.COMPENSATED: BACK,
    StepStatus.FAILED: BACK,  # but see _after_refusal
    StepStatus.COMPENSATING: BACK,
    StepStatus.STUCK: BACK,
}


class Executor:
    """Executes approved runs. Called from the engine's threads."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        journal: Journal,
        drift: Drift,
        lag: Lag,
    ) -> None:
        self._db, self._catalogue = db, catalogue
        self._journal, self._drift, self._lag = journal, drift, lag

    def begin(self, run_id: str, digest: str) -> int:
        """The number of steps to perform; 0 when nothing is to be done any more."""
        run = self._running(run_id)
        if run is None or run.proposal is None or run.proposal.digest != digest:
            return 0
        if self._catalogue().workflow(run.workflow) is None:
            gone = self._catalogue().gone(run.workflow)
            if self._is_untouched(run_id):
                self._journal.advance(run, Event.DENIED, note=f"{gone} Nothing was done.")
            else:
                self._journal.advance(run, Event.STUCK, note=f"{gone} Put it back and try again.")
            return 0
        return len(run.proposal.plan.steps)

    def perform(self, run_id: str, index: int, tried: Tried) -> Verdict:
        """One step, once. What was recorded as done is not done again."""
        run = self._running(run_id)
        if run is None or run.proposal is None:
            return STOP
        with self._db.read() as cx:
            state = steps.get(cx, run_id, index)
        if state is None:
            return STOP
        if state.status is StepStatus.DONE and state.result is None and state.observed is None:
            self._look_at(run, run.proposal, state)
        if state.status in ENDED:
            is_refused = state.status is StepStatus.FAILED
            return _after_refusal(run, state) if is_refused else ENDED[state.status]
        if run.is_cancel_requested and state.status is StepStatus.PLANNED:
            return BACK
        return self._act(run, run.proposal, state, tried)

    def take_back(self, run_id: str, index: int, tried: Tried) -> Verdict:
        """Compensates one step; does nothing where nothing was done."""
        run = self._running(run_id)
        if run is None or run.proposal is None:
            return STOP
        with self._db.read() as cx:
            state = steps.get(cx, run_id, index)
        if (
            state is None
            or state.status not in WRITTEN
            or _is_left_standing(run, run.proposal, state)
        ):
            return ON
        calls = self._calls(run, is_compensating=True)
        try:
            return self._take_back(run, run.proposal, state, calls)
        except BudgetExceededError as spent:
            return self._stuck(run, state, Unavailable(f"Taking it back {spent}."))
        except (Unavailable, OutcomeUnknown) as lost:
            return self._again(run, state, calls, tried, lost) or self._stuck(run, state, lost)
        except ConnectorError as refused:
            return self._stuck(run, state, refused)

    def end(self, run: Run, index: int) -> None:
        """Takes back one step of an applied run whose time has come; nothing where it is taken
        back. Raises the connectors' errors, and StaleRunError where the run or step has moved."""
        with self._db.read() as cx:
            state = steps.get(cx, run.id, index)
        if run.proposal is None or state is None:
            return
        if state.status in {StepStatus.DONE, StepStatus.COMPENSATING}:
            self._take_back(run, run.proposal, state, self._calls(run, is_compensating=True))

    def settle(self, run_id: str) -> None:
        """The outcome, out of the journal alone."""
        run = self._running(run_id)
        if run is None or run.proposal is None:
            return
        with self._db.read() as cx:
            states = steps.all_for(cx, run_id)
        statuses = {state.status for state in states}
        problem = next((s.problem for s in states if s.problem), "")
        if statuses == {StepStatus.DONE}:
            self._journal.advance(run, Event.APPLIED, note="")
        elif StepStatus.UNKNOWN in statuses:
            lost = next(s for s in states if s.status is StepStatus.UNKNOWN)
            self._journal.advance(run, Event.LOST, note=not_known(run, lost, lost.problem))
        elif StepStatus.DONE in statuses:
            self._journal.advance(run, Event.PARTLY_APPLIED, note=_cancelled(run))
        elif StepStatus.COMPENSATED in statuses:
            why = f"{problem} {_cancelled(run)}".strip()
            self._journal.advance(run, Event.COMPENSATED, note=why)  # the card says the rest
        elif run.is_cancel_requested and not problem:
            self._journal.advance(run, Event.CANCELLED, note=f"{_cancelled(run)} Nothing was done.")
        else:
            self._journal.advance(run, Event.FAILED, note=f"{problem} Nothing was done.".strip())

    def give_up(self, run: Run, why: str) -> None:
        """An execution that the engine has ended without an outcome waits for a person; a run that
        moved since it was read is left alone."""
        now = self._running(run.id)
        if now is not None and now.version == run.version:
            self._journal.advance(now, Event.STUCK, note=why)

    def _act(self, run: Run, proposal: Proposal, state: StepState, tried: Tried) -> Verdict:
        calls = self._calls(run)
        if self._is_untouched(run.id):
            if not self._drift.is_as_signed(run, calls):
                return STOP
            with self._db.read() as cx:
                state = steps.get(cx, run.id, state.index) or state
            if state.status is StepStatus.FAILED:  # its system stayed away
                return _after_refusal(run, state)
        try:
            return self._perform(run, proposal, state, calls, tried)
        except BudgetExceededError as spent:
            return self._stop_short(run, state, calls, str(spent))

    def _perform(
        self, run: Run, proposal: Proposal, state: StepState, calls: Calls, tried: Tried
    ) -> Verdict:
        catalogue = calls.catalogue
        step, seen = proposal.plan.steps[state.index], proposal.seen[state.index]
        operation, params = catalogue.operation(step.operation), typed_params(catalogue, step)
        calls.act_for(run.workflow, step.id)
        try:
            if state.status in SENT:
                happened = calls.lookup(operation, params, state.key)
                if happened is not None:
                    return self._done(run, state, calls, happened, seen, operation, params)
                _wait_for(seen, self._lag.lookup_seconds(calls, operation, state))
                if run.is_cancel_requested:
                    self._journal.withdraw(run, state, "It did not happen before the cancelling.")
                    return BACK
            if catalogue.bundle_digest != proposal.bundle_digest:
                raise Rejected("The policy changed since this was approved.")
            before = calls.read(operation, params)
            if dict(before.fields) != seen.fields:
                _wait_for(seen, self._lag.record_seconds(calls, operation, before))
                raise Conflict(
                    f"{seen.resource} is not as it was when this was approved.",
                    next_step="Look at it and ask again.",
                )
            calls.require(operation.cost_micro_usd)
            intent = self._journal.intend(run, state, calls, before)
            try:
                result = calls.execute(operation, params, before, state.key)
            except Unavailable as away:  # nothing was written; an earlier lost call may still land
                if state.status not in SENT:
                    self._journal.withdraw(run, intent, str(away))
                raise
            return self._done(run, intent, calls, result, seen, operation, params)
        except OutcomeUnknown as lost:
            return self._again(run, state, calls, tried, lost) or self._unknown(run, state, lost)
        except Unavailable as away:
            again = self._again(run, state, calls, tried, away)
            return again or self._after_silence(run, state, away)
        except (Rejected, Conflict) as refused:
            return self._landed_late(run, proposal, state, calls) or self._refused(
                run, state, calls, tried, refused
            )

    def _landed_late(
        self, run: Run, proposal: Proposal, state: StepState, calls: Calls
    ) -> Verdict | None:
        """A call of before, whose answer was lost, may have been written after it was looked up and
        be the very reason of the refusal: asked once more, the system says so."""
        if state.status not in SENT:
            return None
        catalogue = calls.catalogue
        step, seen = proposal.plan.steps[state.index], proposal.seen[state.index]
        operation, params = catalogue.operation(step.operation), typed_params(catalogue, step)
        try:
            happened = calls.lookup(operation, params, state.key)
        except ConnectorError as silent:
            return self._unknown(run, state, silent)
        if happened is None:
            return None
        return self._done(run, state, calls, happened, seen, operation, params)

    def _done(
        self,
        run: Run,
        state: StepState,
        calls: Calls,
        result: Result,
        seen: Seen,
        operation: Operation[Any],
        params: Params,
    ) -> Verdict:
        """Reads back what the write left, and records both; the write stands anyway."""
        try:
            observed = self._lag.read_back(calls, operation, params, state, seen)
        except (ConnectorError, BudgetExceededError):
            log.info("run %s: step %s could not be read back", run.id, state.step_id)
            observed = None
        self._journal.done(run, state, calls, result, observed, seen)
        return ON

    def _look_at(self, run: Run, proposal: Proposal, state: StepState) -> None:
        """What a person says was written, as the system shows it: the summary tells what differs.
        Where it shows nothing, the person's word stands alone."""
        calls = self._calls(run, is_compensating=True)
        step, seen = proposal.plan.steps[state.index], proposal.seen[state.index]
        try:
            params = typed_params(calls.catalogue, step)
            operation = calls.catalogue.operation(step.operation)
            observed = self._lag.read_back(calls, operation, params, state, seen)
        except (ConnectorError, BudgetExceededError):
            log.info("run %s: step %s could not be read back", run.id, state.step_id)
            return
        self._journal.looked_at(run, state, calls, observed, seen)

    def _refused(
        self, run: Run, state: StepState, calls: Calls, tried: Tried, refused: ConnectorError
    ) -> Verdict:
        if isinstance(refused, Conflict) and state.index == 0:
            self._journal.withdraw(run, state, str(refused))
            if again := self._again(run, state, calls, tried, refused):
                return again  # everything is compared anew before the next call
        self._journal.failed(run, state, calls, str(refused))
        return _after_refusal(run, state)

    def _again(
        self, run: Run, state: StepState, calls: Calls, tried: Tried, why: ConnectorError
    ) -> Verdict | None:
        """A later call, as far as patience goes; the wait survives a restart."""
        workflow = calls.catalogue.workflow(run.workflow)
        if workflow is None:
            return None
        asked_seconds = why.retry_after_seconds if isinstance(why, Unavailable) else None
        delay = retry.delay_seconds(tried, workflow.budget.wall_clock_seconds, asked_seconds)
        if delay is None:
            return None
        self._journal.waiting(run, state, calls, why, delay)
        return {"next": "again", "after_seconds": delay}

    def _after_silence(self, run: Run, state: StepState, away: Unavailable) -> Verdict:
        """Patience has ended. Where a call may have been under way, the outcome is unknown."""
        with self._db.read() as cx:
            now = steps.get(cx, run.id, state.index) or state
        if now.status in SENT:
            return self._unknown(run, now, away)
        self._journal.failed(run, now, self._calls(run), str(away))
        return _after_refusal(run, now)

    def _unknown(self, run: Run, state: StepState, why: ConnectorError) -> Verdict:
        return self._lost(run, state, why.message)  # never what it says to do next: see Journal

    def _lost(self, run: Run, state: StepState, why: str) -> Verdict:
        """A step that stands for itself holds up no other one; a person is asked in the end."""
        stands = _stands(run, state)
        self._journal.unknown(run, state, why, ends=not stands)
        return ON if stands else STOP

    def _stop_short(self, run: Run, state: StepState, calls: Calls, why: str) -> Verdict:
        with self._db.read() as cx:
            now = steps.get(cx, run.id, state.index) or state
        if now.status in SENT:
            return self._lost(run, now, f"The run {why}.")
        self._journal.failed(run, now, calls, f"The run {why}.")
        return _after_refusal(run, now)

    def _take_back(self, run: Run, proposal: Proposal, state: StepState, calls: Calls) -> Verdict:
        catalogue = calls.catalogue
        step, seen = proposal.plan.steps[state.index], proposal.seen[state.index]
        operation, params = catalogue.operation(step.operation), typed_params(catalogue, step)
        calls.act_for(run.workflow, step.id)
        key = f"{state.key}:undo"
        # Where the record is all that is remembered, a look-up finds the write itself.
        if operation.remembers == "state" or calls.lookup(operation, params, key) is None:
            if state.status is not StepStatus.DONE:
                _wait_for(seen, self._lag.lookup_seconds(calls, operation, state))
            undo = operation.undo(params, calls.read(operation, params))
            if isinstance(undo, Irreversible):
                raise Rejected(
                    f"{seen.resource} cannot be taken back: {undo.why}.",
                    next_step="Put it right by hand.",
                )
            intent = self._journal.intend_back(run, state, calls)
            before, done = _before(seen, intent), _result(intent)
            calls.compensate(operation, params, before, done, key)
        self._journal.taken_back(run, state, calls)
        return ON

    def _stuck(self, run: Run, state: StepState, why: ConnectorError) -> Verdict:
        self._journal.stuck(run, state, why)
        return STOP

    def _is_untouched(self, run_id: str) -> bool:
        """Whether no step has begun: then what was signed is compared once more, however long ago
        the last comparison was and whatever was restarted or edited since."""
        with self._db.read() as cx:
            return all(s.status is StepStatus.PLANNED for s in steps.all_for(cx, run_id))

    def _running(self, run_id: str) -> Run | None:
        with self._db.read() as cx:
            run = runs.get(cx, run_id)
        return run if run is not None and run.status is Status.RUNNING else None

    def _calls(self, run: Run, *, is_compensating: bool = False) -> Calls:
        """The run's calls; taking back has a budget of its own."""
        return self._journal.calls(run, self._catalogue(), is_compensating=is_compensating)


def _stands(run: Run, state: StepState) -> bool:
    """Whether the step stands for itself, as it was signed."""
    return run.proposal is not None and state.step_id in run.proposal.standing


def _after_refusal(run: Run, state: StepState) -> Verdict:
    """Back over what was done, but not for a step that stands for itself."""
    return ON if _stands(run, state) else BACK


def _is_left_standing(run: Run, proposal: Proposal, state: StepState) -> bool:
    """Whether a step stays done while others are taken back: one that stands for itself, unless a
    person cancelled the run, and then still where it cannot be taken back."""
    is_kept = not run.is_cancel_requested or not proposal.seen[state.index].is_reversible
    return _stands(run, state) and is_kept


def _wait_for(seen: Seen, lag_seconds: float) -> None:
    """Raises Unavailable while what the system shows may be behind a write of Assent's own."""
    if lag_seconds:
        raise Unavailable(
            f"{seen.system} may not show yet what was written to {seen.resource}.",
            next_step="It is looked at again.",
            retry_after_seconds=lag_seconds,
        )


def _before(seen: Seen, state: StepState) -> Snapshot:
    before = state.before or {"version": seen.version, "fields": seen.fields}
    return Snapshot(seen.system, seen.resource, before["version"], before["fields"], seen.about)


def _result(state: StepState) -> Result:
    result = state.result or {"reference": "", "version": ""}
    return Result(reference=result["reference"], version=result["version"])


def _cancelled(run: Run) -> str:
    return f"{run.requester_name} cancelled it." if run.is_cancel_requested else ""

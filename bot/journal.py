"""How an execution goes, written down: each method is one transaction of journal and ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from bot.calls import Allowance, Calls
from bot.catalogue import Catalogue
from bot.ports import Clock
from bot.recording import Recorder
from connectors.errors import ConnectorError, OutcomeUnknown, Unavailable
from connectors.operation import Result, Snapshot
from store import meters, runs, steps
from store.database import Database
from store.errors import StaleRunError
from store.model.entry import Entry, Kind
from store.model.execution import StepState, StepStatus
from store.model.plan import Seen
from store.model.run import Event, Run
from store.model.values import Json

MICRO_USD_MAX = 2**53 - 1  # no bound of ours: taking back costs what it costs
MAY_HAVE_WRITTEN = frozenset({StepStatus.INTENT, StepStatus.UNKNOWN, StepStatus.COMPENSATING})
COMPENSATION_CALLS_MAX = 200  # calls to take a run back, beside its budget: safety is not rationed


class Journal:
    """The records of an execution."""

    def __init__(self, db: Database, recorder: Recorder, clock: Clock) -> None:
        self._db, self._recorder, self._clock = db, recorder, clock

    def calls(self, run: Run, catalogue: Catalogue, *, is_compensating: bool) -> Calls:
        """Calls that go on counting where the run's earlier ones since its approval stopped: how
        often it was shown before takes none from its execution. A person's decision that it shall
        go on brings the workflow's calls once more. Money is counted over the whole run. A workflow
        that the bundle has no more is only looked at and taken back."""
        with self._db.read() as cx:
            used = meters.totals(cx, run.id, run.approved_at)
        workflow = catalogue.workflow(run.workflow)
        if is_compensating or workflow is None:
            allowed = Allowance(used.calls + COMPENSATION_CALLS_MAX, MICRO_USD_MAX)
        else:
            budget = workflow.budget
            spend_micro_usd = int(Decimal(budget.spend_usd) * 1_000_000)
            allowed = Allowance(budget.tool_calls * (1 + run.resumes), spend_micro_usd)
        return Calls(catalogue, run.id, run.workflow, used, allowed)

    def intend(self, run: Run, state: StepState, calls: Calls, before: Snapshot) -> StepState:
        """The call is about to be made. Raises StaleRunError where the run or the step has moved,
        or was cancelled, since they were read: then they are to be looked at again."""
        return self._move(
            run,
            state,
            calls,
            Kind.INTENT,
            {"key": state.key},
            status=StepStatus.INTENT,
            attempts=state.attempts + 1,
            before={"version": before.version, "fields": dict(before.fields)},
            problem="",
            sent_at=self._clock(),
        )

    def done(
        self,
        run: Run,
        state: StepState,
        calls: Calls,
        result: Result,
        observed: dict[str, Json] | None,
        seen: Seen,
    ) -> None:
        """The write happened: its answer, and what was read back beside what was predicted."""
        differs = observed is not None and any(
            observed.get(name) != value for name, value in seen.after.items()
        )
        answer = {"reference": result.reference, "version": result.version}
        self._move(
            run,
            state,
            calls,
            Kind.RESULT,
            {
                "key": state.key,
                "result": answer,
                "is_replay": result.is_replay,
                "observed": observed,
                "is_as_predicted": None if observed is None else not differs,
            },
            status=StepStatus.DONE,
            result=answer,
            observed=observed,
            problem="",
        )

    def looked_at(
        self, run: Run, state: StepState, calls: Calls, observed: dict[str, Json], seen: Seen
    ) -> None:
        """A person said that the write happened: what is found beside what was predicted."""
        is_as_predicted = all(observed.get(n) == value for n, value in seen.after.items())
        data: dict[str, Json] = {"observed": observed, "is_as_predicted": is_as_predicted}
        self._move(run, state, calls, Kind.RESULT, data, observed=observed)

    def failed(self, run: Run, state: StepState, calls: Calls, why: str) -> None:
        """The system refused; nothing was written by this step."""
        self._move(
            run, state, calls, Kind.RESULT, {"refused": why}, status=StepStatus.FAILED, problem=why
        )

    def waiting(
        self, run: Run, state: StepState, calls: Calls, why: ConnectorError, seconds: float
    ) -> None:
        """The call will be made again after a while; the card says so."""
        with self._db.begin() as tx:
            now = steps.get(tx, run.id, state.index) or state
            said = what_went_wrong(now, why)
            steps.save(tx, now.model_copy(update={"problem": said, "changed_at": self._clock()}))
            self._charge(tx, run, calls)
            data: dict[str, Json] = {"again_after_ms": int(seconds * 1000), "why": said}
            self._recorder.append(tx, _entry(run, Kind.RESULT, state, data))
            self._touch(tx, run)

    def withdraw(self, run: Run, state: StepState, why: str) -> None:
        """The system did not take the write: the intent is void, nothing happened."""
        with self._db.begin() as tx:
            steps.save(tx, state.model_copy(update={"status": StepStatus.PLANNED}))
            self._recorder.append(tx, _entry(run, Kind.RESULT, state, {"withdrawn": why}))

    def unknown(self, run: Run, state: StepState, why: str, *, ends: bool) -> None:
        """The write may or may not have happened, and the system does not say. `ends`: the run goes
        no further before a person has decided."""
        with self._db.begin() as tx:
            now = steps.get(tx, run.id, state.index) or state
            steps.save(tx, now.model_copy(update={"status": StepStatus.UNKNOWN, "problem": why}))
            self._recorder.append(tx, _entry(run, Kind.RESULT, state, {"unknown": why}))
            current = runs.get(tx, run.id) or run
            if ends:
                self._recorder.advance(tx, current, Event.LOST, note=not_known(run, state, why))
            else:
                self._recorder.save(tx, current)

    def intend_back(self, run: Run, state: StepState, calls: Calls) -> StepState:
        """The step is about to be taken back. Raises StaleRunError as `intend` does."""
        return self._move(
            run,
            state,
            calls,
            Kind.INTENT,
            {"key": f"{state.key}:undo"},
            status=StepStatus.COMPENSATING,
            sent_at=self._clock(),
        )

    def taken_back(self, run: Run, state: StepState, calls: Calls) -> None:
        self._move(
            run,
            state,
            calls,
            Kind.COMPENSATION,
            {"key": f"{state.key}:undo"},
            status=StepStatus.COMPENSATED,
            problem="",
        )

    def stuck(self, run: Run, state: StepState, why: ConnectorError) -> None:
        """What was done could not be taken back; a person has to."""
        with self._db.begin() as tx:
            now = steps.get(tx, run.id, state.index) or state
            said = what_went_wrong(now, why)
            steps.save(tx, now.model_copy(update={"status": StepStatus.STUCK, "problem": said}))
            self._recorder.append(tx, _entry(run, Kind.COMPENSATION, state, {"stuck": said}))
            current = runs.get(tx, run.id) or run
            self._recorder.advance(tx, current, Event.STUCK, note=said)

    def advance(self, run: Run, event: Event, **changes: Any) -> None:
        """The run's next status, on top of whatever was recorded since it was read."""
        with self._db.begin() as tx:
            current = runs.get(tx, run.id) or run
            if current.status is run.status:
                self._recorder.advance(tx, current, event, **changes)

    def _move(
        self,
        run: Run,
        state: StepState,
        calls: Calls,
        kind: Kind,
        data: dict[str, Json],
        **changes: Any,
    ) -> StepState:
        after = state.model_copy(update={**changes, "changed_at": self._clock()})
        with self._db.begin() as tx:
            if kind is Kind.INTENT:
                self._admit(tx, run, state)
            steps.save(tx, after)
            self._charge(tx, run, calls)
            self._recorder.append(tx, _entry(run, kind, state, data))
            self._touch(tx, run)
        return after

    def _admit(self, tx: Connection, run: Run, state: StepState) -> None:
        """A process that was asleep must not write on top of what another one has done since."""
        now, step = runs.get(tx, run.id), steps.get(tx, run.id, state.index)
        is_same = now is not None and now.status is run.status
        is_cancelled = (
            now is not None and now.is_cancel_requested and state.status is StepStatus.PLANNED
        )
        if not is_same or is_cancelled or step is None or step.status is not state.status:
            raise StaleRunError(run.id, run.version)

    def _charge(self, tx: Connection, run: Run, calls: Calls) -> None:
        """Books the calls made since the last booking, with what they read."""
        self._recorder.append_all(tx, calls.entries)
        meters.charge(tx, run.id, "connector", calls.cost_micro_usd, calls.count, self._clock())
        calls.booked()

    def _touch(self, tx: Connection, run: Run) -> None:
        """The cost and the progress on the card. The run's own status does not change."""
        current = runs.get(tx, run.id) or run
        cost = meters.totals(tx, run.id).micro_usd
        self._recorder.save(tx, current, cost_micro_usd=cost)


def not_known(run: Run, state: StepState, why: str) -> str:
    """A step that may or may not have happened, for the run's note."""
    seen = run.proposal.seen[state.index] if run.proposal else None
    where = f" ({seen.system}, {seen.resource})" if seen else ""
    return f"It is not known whether step {state.index + 1}{where} happened: {why}"


def what_went_wrong(state: StepState, why: ConnectorError) -> str:
    """What went wrong with a step, and what to do next, as "Nothing was written; ask again later".
    That is of the last call alone: where one before it may have written, it is left out."""
    is_away = isinstance(why, Unavailable | OutcomeUnknown)
    return why.message if is_away and state.status in MAY_HAVE_WRITTEN else str(why)


def _entry(run: Run, kind: Kind, state: StepState, data: dict[str, Json]) -> Entry:
    return Entry(
        kind=kind,
        run_id=run.id,
        actor="assent",
        data={"step": state.step_id, "index": state.index, **data},
    )

"""What asks of a model cost, in the store before each is made and settled with what came of it.

Between the two the process may die: then the ask may have been billed, nobody knows. Whoever comes
next writes that down, with the most that it can have cost.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.calls import Calls
from bot.ports import Clock
from bot.recording import Recorder
from store import asks, meters, runs
from store.asks import ModelAsk
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.run import Run

LOST = "unknown"  # how an ask ended whose process died before the answer


class Metering:
    """The books of one process, `owner`. Thread-safe; holds nothing."""

    def __init__(self, db: Database, recorder: Recorder, owner: str, clock: Clock) -> None:
        self._db, self._recorder, self._owner, self._clock = db, recorder, owner, clock

    def begin(self, run_id: str, meter: str, model: str, micro_usd: int) -> int:
        """Charges the most that an ask can cost before it is made; the ask's number."""
        now = self._clock()
        ask = ModelAsk(
            run_id=run_id,
            owner=self._owner,
            meter=meter,
            model=model,
            micro_usd=micro_usd,
            asked_at=now,
        )
        with self._db.begin() as tx:
            meters.charge(tx, run_id, meter, micro_usd, 0, now, micro_usd)
            return asks.begin(tx, ask)

    def settle(self, tx: Connection, run: Run, calls: Calls) -> Run:
        """Records what a planning did and cost; the run with that, to be saved by the caller. An
        ask of the run that nothing came of is one that nobody waits for any more."""
        now = self._clock()
        self._recorder.append_all(tx, calls.entries)
        meters.charge(tx, run.id, "connector", calls.calls_micro_usd, calls.count, now)
        for meter, total in calls.asked.items():
            ahead = calls.ahead.get(meter, 0)
            owed, estimate = total.micro_usd - ahead, total.estimate_micro_usd - ahead
            meters.charge(tx, run.id, meter, owed, total.calls, now, estimate)
        asks.end(tx, calls.ended)
        estimate = sum(total.estimate_micro_usd for total in calls.asked.values())
        dearer = _dearer(run, calls.cost_micro_usd, estimate)
        return self._lost(tx, dearer, asks.take_of_run(tx, run.id))

    def recover(self, run: Run) -> Run:
        """Before a run is planned: what an earlier planning that died was asking is written down.
        The run as it stands then."""
        with self._db.read() as cx:
            if not asks.is_any(cx, run.id):
                return run
        with self._db.begin() as tx:
            return self._save_lost(tx, run.id, asks.take_of_run(tx, run.id)) or run

    def recover_process(self, owner: str) -> int:
        """The process is gone: what it was asking is written down. How many asks that were."""
        with self._db.begin() as tx:
            taken = asks.take_of_owner(tx, owner)
            for run_id in dict.fromkeys(ask.run_id for ask in taken):
                self._save_lost(tx, run_id, [ask for ask in taken if ask.run_id == run_id])
        return len(taken)

    def _save_lost(self, tx: Connection, run_id: str, lost: Iterable[ModelAsk]) -> Run | None:
        run = runs.get(tx, run_id)
        if run is None:
            return None
        after = self._lost(tx, run, lost)
        return self._recorder.save(
            tx,
            run,
            cost_micro_usd=after.cost_micro_usd,
            estimate_micro_usd=after.estimate_micro_usd,
        )

    def _lost(self, tx: Connection, run: Run, lost: Iterable[ModelAsk]) -> Run:
        """Their money was charged when they began; what is missing is that they were made."""
        for ask in lost:
            self._recorder.append(tx, _entry(ask))
            meters.charge(tx, ask.run_id, ask.meter, 0, 1, self._clock())
            run = _dearer(run, ask.micro_usd, ask.micro_usd)
        return run


def _dearer(run: Run, cost_micro_usd: int, estimate_micro_usd: int) -> Run:
    return run.model_copy(
        update={
            "cost_micro_usd": run.cost_micro_usd + cost_micro_usd,
            "estimate_micro_usd": run.estimate_micro_usd + estimate_micro_usd,
        }
    )


def _entry(ask: ModelAsk) -> Entry:
    return Entry(
        kind=Kind.MODEL,
        run_id=ask.run_id,
        actor="assent",
        data={
            "meter": ask.meter,
            "model": ask.model,
            "asked_at": ask.asked_at.isoformat(),
            "asked_by": ask.owner,
            "cost_micro_usd": ask.micro_usd,
            "estimate_micro_usd": ask.micro_usd,
            "stop_reason": LOST,
        },
    )

"""The journal of steps: how far the execution of each run has come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from store.errors import StoreRefusedError
from store.model.execution import StepState, StepStatus

# A journal may be replaced while no step has written, or may have written, anything.
REPLACEABLE = frozenset({StepStatus.PLANNED, StepStatus.FAILED})

_STATUSES = text("SELECT step, status FROM steps WHERE run_id = :run_id ORDER BY step")
_CLEAR = text("DELETE FROM steps WHERE run_id = :run_id")
_INSERT = text(
    "INSERT INTO steps (run_id, step, status, body) VALUES (:run_id, :step, :status, :body)"
)
_GET = text("SELECT body FROM steps WHERE run_id = :run_id AND step = :step")
_ALL = text("SELECT body FROM steps WHERE run_id = :run_id ORDER BY step")
_SAVE = text(
    "UPDATE steps SET status = :status, body = :body WHERE run_id = :run_id AND step = :step"
)


def plan(tx: Connection, states: Sequence[StepState]) -> None:
    """Write the journal of one run anew, before its execution starts or after a drift.

    Raises StoreRefusedError when a step of the journal has written or may have written something.
    """
    if not states:
        return
    run_id = states[0].run_id
    if any(state.run_id != run_id for state in states):
        raise ValueError("a journal is of one run; plan each run's steps by themselves")
    for step, status in tx.execute(_STATUSES, {"run_id": run_id}):
        if status not in REPLACEABLE:
            raise StoreRefusedError(
                f"step {step + 1} of run {run_id} is {status}, so its journal is not written anew; "
                "finish or compensate the run first"
            )
    tx.execute(_CLEAR, {"run_id": run_id})
    tx.execute(_INSERT, [_row(state) for state in states])


def get(cx: Connection, run_id: str, index: int) -> StepState | None:
    """One step's journal row, counted from 0."""
    body = cx.execute(_GET, {"run_id": run_id, "step": index}).scalar()
    return None if body is None else StepState.model_validate_json(body)


def all_for(cx: Connection, run_id: str) -> tuple[StepState, ...]:
    """The journal of a run in the order of its plan."""
    bodies = cx.execute(_ALL, {"run_id": run_id}).scalars()
    return tuple(StepState.model_validate_json(body) for body in bodies)


def save(tx: Connection, state: StepState) -> None:
    """Store a step's new state. Raises StoreRefusedError for a step that `plan` did not write."""
    if tx.execute(_SAVE, _row(state)).rowcount != 1:
        raise StoreRefusedError(
            f"step {state.index + 1} of run {state.run_id} is not in the journal; plan it first"
        )


def _row(state: StepState) -> dict[str, object]:
    return {
        "run_id": state.run_id,
        "step": state.index,
        "status": state.status.value,
        "body": state.model_dump_json(),
    }

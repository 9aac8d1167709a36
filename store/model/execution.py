"""How far one step of a run has come: the journal that execution, recovery and cards read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from store.model.values import Frozen, Json


class StepStatus(StrEnum):
    """Where one step stands."""

    PLANNED = "planned"
    INTENT = "intent"  # recorded before the call; the call may have been made
    DONE = "done"
    FAILED = "failed"  # the system refused; nothing was written
    UNKNOWN = "unknown"
    COMPENSATING = "compensating"
    COMPENSATED = "compensated"
    STUCK = "stuck"  # its compensation failed


class StepState(Frozen):
    """The journal row of one step. `key` is the idempotency key, derived from run and step.

    `before` is the record re-read just before the call (version and fields as JSON), `result` what
    the system answered, `observed` the fields read back after it; `sent_at` is when the call was
    about to be made, the last time.
    """

    run_id: str
    index: int
    step_id: str
    status: StepStatus
    key: str
    attempts: int
    before: dict[str, Json] | None
    result: dict[str, Json] | None
    observed: dict[str, Json] | None
    problem: str
    changed_at: datetime
    sent_at: datetime | None = None

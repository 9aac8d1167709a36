"""An engine within the process: what was enqueued is carried out when the story says so, in the
order of its enqueuing, by the loop of the durable engine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.executing import Sleep, Steps, execute


class InlineEngine:
    """Implements bot.executing.Engine for one thread. What a transaction enqueued and rolled back
    finds a run that does not run, and does nothing."""

    def __init__(self, steps: Steps, sleep: Sleep) -> None:
        self._steps, self._sleep = steps, sleep
        self._waiting: dict[str, tuple[str, str]] = {}  # workflow id -> run id and digest

    def launch(self) -> None:
        """It is ready from the start."""

    def enqueue(self, _tx: Connection, run_id: str, digest: str, workflow_id: str) -> None:
        assert workflow_id not in self._waiting, "an id is used once"
        self._waiting[workflow_id] = (run_id, digest)

    def notice(self) -> None:
        """Nothing begins before `carry_out`."""

    def carry_out(self) -> None:
        """Carries out all that waits, what that enqueues included."""
        while self._waiting:
            workflow_id = next(iter(self._waiting))
            execute(self._steps, *self._waiting.pop(workflow_id), self._sleep)

    def abandoned(self, workflow_prefix: str) -> bool:
        return not any(waiting.startswith(workflow_prefix) for waiting in self._waiting)

    def take_over(self, _executor_id: str) -> int:
        """There is no other process."""
        return 0

    def forget(self, _before: datetime) -> int:
        """It keeps nothing of what has ended."""
        return 0

    def close(self) -> None:
        """What waits is dropped with the world that it belongs to."""
        self._waiting.clear()

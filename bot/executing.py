"""The fourth verb as a loop: begin, each step until it is done, back over them where one fails,
settle. Whoever carries it out brings the steps and a way to wait: the durable engine records each
call and each wait; an evaluation performs them at once, on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.retry import Tried

Verdict = dict[str, Any]
Sleep = Callable[[float], None]  # seconds


class Steps(Protocol):
    """What the executor offers to an engine. Each call is idempotent and returns plain data.

    A verdict is {"next": "on" | "again" | "back" | "stop"}; "again" brings "after_seconds".
    """

    def begin(self, run_id: str, digest: str) -> int: ...
    def perform(self, run_id: str, index: int, tried: Tried) -> Verdict: ...
    def take_back(self, run_id: str, index: int, tried: Tried) -> Verdict: ...
    def settle(self, run_id: str) -> None: ...


class Engine(Protocol):
    """Who carries executions out. Called from worker threads."""

    def launch(self) -> None:
        """Begins to execute. Before it, nothing may be enqueued."""
        ...

    def enqueue(self, tx: Connection, run_id: str, digest: str, workflow_id: str) -> None:
        """Enqueues an execution in the caller's transaction; the id is used once, ever."""
        ...

    def notice(self) -> None:
        """This thread has committed: what it enqueued may begin."""
        ...

    def abandoned(self, workflow_prefix: str) -> bool:
        """Whether no execution with such an id is still to be carried out."""
        ...

    def take_over(self, executor_id: str) -> int:
        """Resumes what another process left; how many executions."""
        ...

    def forget(self, before: datetime) -> int:
        """Drops the engine's own records of what ended before; how many."""
        ...

    def close(self) -> None: ...


def execute(steps: Steps, run_id: str, digest: str, sleep: Sleep) -> str:
    """Carries one execution out. The order of its calls is what a recovery replays: change it only
    behind a patch of the durable engine's workflow."""
    count = steps.begin(run_id, digest)
    for index in range(count):
        verdict = _decided(steps.perform, run_id, index, sleep)
        if verdict == "stop":
            return "stopped"
        if verdict == "back":
            for done in range(index, -1, -1):
                if _decided(steps.take_back, run_id, done, sleep) == "stop":
                    return "stopped"
            break
    if count:
        steps.settle(run_id)
    return "settled"


def _decided(
    act: Callable[[str, int, Tried], Verdict], run_id: str, index: int, sleep: Sleep
) -> str:
    """The verdict of one step once it is not to be tried again."""
    tried = Tried(1, 0.0)
    while True:
        verdict = act(run_id, index, tried)
        if verdict["next"] != "again":
            return str(verdict["next"])
        seconds = verdict["after_seconds"]
        sleep(seconds)
        tried = Tried(tried.attempt + 1, tried.waited_seconds + seconds)

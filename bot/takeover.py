"""What a dead process had begun is finished by a living one: each says from time to time that it
lives, and whoever falls silent has its executions resumed. A process that was only slow loses
nothing by it: intents, keys and versions admit each call once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from bot.ports import Clock
from store import executors
from store.database import Database

log = logging.getLogger(__name__)

SILENT = timedelta(seconds=60)  # four sweeps missed: dead, not slow


class Takeover:
    """One process among several over one store. Called from worker threads."""

    def __init__(
        self, db: Database, executor_id: str, take_over: Callable[[str], int], clock: Clock
    ) -> None:
        self._db, self._executor_id = db, executor_id
        self._take_over, self._clock = take_over, clock

    def see(self) -> None:
        """This process lives. Said before it executes, so that its death can be noticed."""
        with self._db.begin() as tx:
            executors.see(tx, self._executor_id, self._clock())

    def look(self) -> int:
        """Says that this process lives, and takes over from those that are dead; how much."""
        self.see()
        since = self._clock() - SILENT
        with self._db.read() as cx:
            silent = executors.silent(cx, since)
        taken = 0
        for executor_id in silent:
            taken += (resumed := self._take_over(executor_id))
            log.warning("%s is silent; resumed %d of its executions", executor_id, resumed)
            with self._db.begin() as tx:
                executors.forget(tx, executor_id, since)
        return taken

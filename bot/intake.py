"""Takes received runs to the proposer. A lease keeps two processes from planning the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.places import Places
from bot.ports import Clock
from bot.pressure import Pressure
from store import runs
from store.database import Database
from store.model.run import Run, Status

CONCURRENCY = 2  # runs planned at once: more only hold up acknowledgements, measured under load
WAITING_MAX = 8  # plannings beside them that only wait for a model, a fifth of all threads
LEASE_SECONDS = 240  # longer than the slowest planning: its reads and its model have time-outs
GIVE_WAY_SECONDS = 0.1  # between plannings while a burst comes in: acknowledgements go first


class Intake:
    """The places in which received runs are planned."""

    def __init__(
        self,
        db: Database,
        propose: Callable[[str], None],
        pressure: Pressure,
        owner: str,
        clock: Clock,
        waiting: Callable[[], int] = lambda: 0,
    ) -> None:
        """`waiting` says how many plannings wait for a model now: each makes room for another."""
        places = Places("received run", self._claim, self._plan, self._places)
        self.notice, self.stop, self.run = places.notice, places.stop, places.run
        self._db, self._propose, self._pressure = db, propose, pressure
        self._owner, self._clock, self._waiting = owner, clock, waiting

    async def _places(self) -> int:
        """Fewer, and later, while a burst comes in."""
        beside = min(self._waiting(), WAITING_MAX)
        if not self._pressure.is_high:
            return CONCURRENCY + beside
        await asyncio.sleep(GIVE_WAY_SECONDS)
        return 1 + beside

    def _claim(self, limit: int) -> tuple[Run, ...]:
        with self._db.read() as cx:
            if not runs.is_claimable(cx, Status.RECEIVED, self._clock()):
                return ()
        with self._db.begin() as tx:
            return runs.claim(tx, Status.RECEIVED, self._clock(), LEASE_SECONDS, self._owner, limit)

    async def _plan(self, run: Run) -> None:
        await asyncio.to_thread(self._propose, run.id)

"""Takes received runs to the proposer: woken by notice, with a slow poll for what a restart or
another process left behind. A lease keeps two processes from planning the same run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from bot.ports import Clock
from bot.pressure import Pressure
from store import runs
from store.database import Database
from store.errors import StoreError
from store.model.run import Run, Status

log = logging.getLogger(__name__)

CONCURRENCY = 2  # runs planned at once: more only hold up acknowledgements, measured under load
LEASE_SECONDS = 60  # longer than the slowest planning: its reads are bounded by time-outs
GIVE_WAY_SECONDS = 0.1  # between plannings while a burst comes in: acknowledgements go first
IDLE_SECONDS = 2.0  # how often it is looked when nobody gives notice


class Intake:
    """One loop over the runs that were received."""

    def __init__(
        self,
        db: Database,
        propose: Callable[[str], None],
        pressure: Pressure,
        owner: str,
        clock: Clock,
    ) -> None:
        self._db, self._propose, self._pressure = db, propose, pressure
        self._owner, self._clock = owner, clock
        self._noticed = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    def notice(self) -> None:
        """A request or an answer was stored. From the event loop's own thread."""
        self._noticed.set()

    def stop(self) -> None:
        """`run` ends once what is being planned is planned."""
        self._is_stopping = True
        self._noticed.set()

    async def run(self) -> None:
        """Until stopped. A slow run keeps one place; the others go on."""
        while not self._is_stopping:
            self._noticed.clear()
            if not await self._fill():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._noticed.wait(), IDLE_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _fill(self) -> bool:
        """Takes a run for every free place; whether it found any."""
        if self._pressure.is_high:
            await asyncio.sleep(GIVE_WAY_SECONDS)
        places = 1 if self._pressure.is_high else CONCURRENCY
        free = places - len(self._under_way)
        if free < 1:
            return False
        try:
            claimed = await asyncio.to_thread(self._claim, free)
        except StoreError as away:
            log.warning("received runs cannot be read: %s", away)
            return False
        for run in claimed:
            task = asyncio.create_task(asyncio.to_thread(self._one, run))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return bool(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A place is free: another run may wait for it."""
        self._under_way.discard(task)
        self._noticed.set()

    def _claim(self, limit: int) -> tuple[Run, ...]:
        with self._db.read() as cx:
            if not runs.is_claimable(cx, Status.RECEIVED, self._clock()):
                return ()
        with self._db.begin() as tx:
            return runs.claim(tx, Status.RECEIVED, self._clock(), LEASE_SECONDS, self._owner, limit)

    def _one(self, run: Run) -> None:
        try:
            self._propose(run.id)
        except Exception:  # the lease ends and the run is planned again; others go on
            log.exception("run %s could not be planned", run.id)

"""Work in a bounded number of places: woken by notice, with a slow look for what a restart or
another process left behind. One slow piece keeps one place; the others go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from store.errors import StoreError

log = logging.getLogger(__name__)
T = TypeVar("T")

IDLE_SECONDS = 2.0  # how often it is looked when nobody gives notice


class Places(Generic[T]):
    """One loop. `claim(limit)` takes at most so many pieces of work, on a worker thread; `work`
    does one; `places` says how many there may be at the moment. `what` names a piece in the log."""

    def __init__(
        self,
        what: str,
        claim: Callable[[int], tuple[T, ...]],
        work: Callable[[T], Awaitable[None]],
        places: Callable[[], Awaitable[int]],
    ) -> None:
        self._what, self._claim, self._work, self._places = what, claim, work, places
        self._noticed = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    def notice(self) -> None:
        """There may be work. From the event loop's own thread."""
        self._noticed.set()

    def stop(self) -> None:
        """`run` ends once what is under way has ended."""
        self._is_stopping = True
        self._noticed.set()

    async def run(self) -> None:
        """Until stopped."""
        while not self._is_stopping:
            self._noticed.clear()
            if not await self._fill():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._noticed.wait(), IDLE_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _fill(self) -> bool:
        """Takes work for every free place; whether it found any."""
        free = await self._places() - len(self._under_way)
        if free < 1:
            return False
        try:
            claimed = await asyncio.to_thread(self._claim, free)
        except StoreError as away:
            log.warning("no %s can be claimed: %s", self._what, away)
            return False
        for piece in claimed:
            task = asyncio.ensure_future(self._work(piece))
            self._under_way.add(task)
            task.add_done_callback(self._ended)
        return bool(claimed)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A place is free: other work may wait for it. A defect ends with the lease."""
        self._under_way.discard(task)
        self._noticed.set()
        if not task.cancelled() and (defect := task.exception()) is not None:
            log.error("a %s was not finished; its lease ends", self._what, exc_info=defect)

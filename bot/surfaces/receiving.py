"""A message is stored before it is acknowledged, and what takes longer goes on afterwards.

Every surface whose platform delivers again what was not acknowledged stands on this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.incoming import Message, Reply
from bot.surfaces.port import Port

# Slack waits 3 s for an acknowledgement, Teams longer; what is not done by then goes on after it.
ACK_SECONDS = 2.2
RECEIVE_THREADS = 4  # one writer at a time commits in SQLite; more threads only wait
IN_FLIGHT_MAX = 200  # messages being stored at once; more are left to the next delivery
BACKGROUND_MAX = 500  # pieces of work after an ack at once
CLOSE_SECONDS = 5.0

LOGGER = logging.getLogger(__name__)
T = TypeVar("T")


class NotStoredError(Exception):
    """A message was not stored, so it must not be acknowledged: it will be delivered again."""


class Background:
    """Work that goes on after an acknowledgement; bounded, and finished before closing."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Starts a piece of work. Raises NotStoredError where too much is under way."""
        if len(self._tasks) >= BACKGROUND_MAX:
            work.close()
            raise NotStoredError(f"{BACKGROUND_MAX} pieces of work are under way already")
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def within_ack(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of work that is done in time for the acknowledgement, else None.

        Work that is not goes on; an error of it is raised here, or logged when it is too late.
        """
        task = self.spawn(work)
        done, _ = await asyncio.wait({task}, timeout=ACK_SECONDS)
        return task.result() if done else None

    async def close(self) -> None:
        """Waits for what is under way, CLOSE_SECONDS at most, then lets it go."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            LOGGER.error("work after an acknowledgement failed: %s", type(error).__name__)


class Receiving:
    """Gives messages to the flow in threads of its own, so many at once and no more.

    `wait_seconds` is how long the platform lets an acknowledgement take.
    """

    def __init__(self, port: Port, wait_seconds: float = ACK_SECONDS) -> None:
        self._port, self._wait_seconds = port, wait_seconds
        self._threads = ThreadPoolExecutor(RECEIVE_THREADS, "receive")
        self._in_flight = 0

    async def receive(self, message: Message) -> Reply:
        """Stores a message. Raises NotStoredError where that cannot be said for sure in time."""
        if self._in_flight >= IN_FLIGHT_MAX:
            raise NotStoredError(f"{IN_FLIGHT_MAX} messages are being stored already")
        self._in_flight += 1
        loop = asyncio.get_running_loop()
        storing = loop.run_in_executor(self._threads, self._port.receive, message)
        storing.add_done_callback(self._landed)
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await asyncio.shield(storing)
        except TimeoutError as error:
            raise NotStoredError("the store did not answer in time") from error
        except Exception as error:
            raise NotStoredError(f"the store failed: {type(error).__name__}") from error

    def close(self) -> None:
        """Takes nothing more; what is being stored ends by itself."""
        self._threads.shutdown(wait=False)

    def _landed(self, storing: asyncio.Future[Reply]) -> None:
        self._in_flight -= 1
        if not storing.cancelled():
            storing.exception()  # seen: the caller may have left at its time-out

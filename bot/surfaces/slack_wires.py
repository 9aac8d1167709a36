"""What every Slack handler needs: the flow, the client, the directory, and work after the ack."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.incoming import Message, Reply
from bot.surfaces.errors import SurfaceError
from bot.surfaces.port import Port
from bot.surfaces.slack_calls import LOGGER
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.slack_sender import SlackSender
from store.model.person import Account
from store.model.values import Json

# Slack waits 3 s for an acknowledgement; what is not done by then goes on after it.
ACK_SECONDS = 2.2
RECEIVE_THREADS = 4  # one writer at a time commits in SQLite; more threads only wait
IN_FLIGHT_MAX = 200  # messages being stored at once; more are left to Slack's next delivery
BACKGROUND_MAX = 500  # pieces of work after an ack at once
CLOSE_SECONDS = 5.0

T = TypeVar("T")
Answer = dict[str, Json]  # what an acknowledgement carries; empty: only that it arrived


class NotStoredError(Exception):
    """A message was not stored, so it must not be acknowledged: Slack delivers it again."""


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


@dataclass
class SlackWires:
    """The parts that the handlers share."""

    port: Port
    client: AsyncWebClient
    directory: SlackDirectory
    sender: SlackSender
    background: Background = field(default_factory=Background)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(RECEIVE_THREADS, "slack-receive")
    )
    in_flight: int = 0

    async def receive(self, message: Message) -> Reply:
        """Stores a message. Raises NotStoredError where that cannot be said for sure in time."""
        if self.in_flight >= IN_FLIGHT_MAX:
            raise NotStoredError(f"{IN_FLIGHT_MAX} messages are being stored already")
        self.in_flight += 1
        loop = asyncio.get_running_loop()
        storing = loop.run_in_executor(self.threads, self.port.receive, message)
        storing.add_done_callback(self._landed)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                return await asyncio.shield(storing)
        except TimeoutError as error:
            raise NotStoredError("the store did not answer in time") from error
        except Exception as error:
            raise NotStoredError(f"the store failed: {type(error).__name__}") from error

    async def account(self, user: str, shown_team: str = "") -> Account:
        """Who sent something, for a request. Raises NotStoredError where Slack does not say."""
        try:
            async with asyncio.timeout(ACK_SECONDS):
                account = await self.directory.account(user)
        except (SurfaceError, TimeoutError) as error:
            raise NotStoredError(f"Slack did not say who {user} is") from error
        return self.seen_from_here(account, shown_team)

    def seen_from_here(self, account: Account, shown_team: str) -> Account:
        """The account, a stranger where the event itself names a foreign workspace."""
        home = self.directory.workspace
        if shown_team in ("", home.team) or home.enterprise or account.is_stranger:
            return account
        return account.model_copy(update={"is_stranger": True, "team": shown_team})

    async def within_ack(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of work that is done in time for the acknowledgement, else None.

        Work that is not goes on; an error of it is raised here, or logged when it is too late.
        """
        task = self.background.spawn(work)
        done, _ = await asyncio.wait({task}, timeout=ACK_SECONDS)
        return task.result() if done else None

    def _landed(self, storing: asyncio.Future[Reply]) -> None:
        self.in_flight -= 1
        if not storing.cancelled():
            storing.exception()  # seen: the caller may have left at its time-out

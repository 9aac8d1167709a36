"""Live changes for the page and the terminal: a numbered, bounded memory with subscribers."""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass

from bot.workspace.wire import Json

# Changes kept for a page that reconnects; an older page loads everything again.
REMEMBERED_CHANGES = 2000


@dataclass(frozen=True)
class Change:
    """One thing that changed. `audience` None means everybody in `channel`, or all without one."""

    number: int
    kind: str
    channel: str | None
    audience: str | None
    body: Json


class Feed:
    """Publishes changes; a reader asks for those after a number and waits for more."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self._changes: deque[Change] = deque(maxlen=REMEMBERED_CHANGES)
        self._number = 0
        self._arrived = asyncio.Event()
        self.is_closed = False

    @property
    def number(self) -> int:
        """The number of the newest change."""
        return self._number

    def publish(
        self, kind: str, body: Json, *, channel: str | None = None, audience: str | None = None
    ) -> None:
        """Tell every reader."""
        self._number += 1
        self._changes.append(Change(self._number, kind, channel, audience, body))
        self._wake()

    def after(self, epoch: str, number: int) -> list[Change] | None:
        """Changes newer than `number`; None when they are no longer remembered (load afresh)."""
        oldest = self._changes[0].number if self._changes else self._number + 1
        if epoch != self.epoch or number < oldest - 1 or number > self._number:
            return None
        return [change for change in self._changes if change.number > number]

    async def wait(self, number: int, timeout_seconds: float) -> None:
        """Return when something newer than `number` exists, or after the timeout."""
        if self._number > number or self.is_closed:
            return
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._arrived.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Let every waiting reader go; the workspace is stopping."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()

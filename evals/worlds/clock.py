"""The time of a story: it passes when somebody waits, never because a machine is slow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

TICK = timedelta(milliseconds=1)  # between two looks at the clock: nothing happens at one moment


class StoryClock:
    """A clock (bot.ports.Clock) and a way to wait (bot.executing.Sleep) that belong together."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    @property
    def now(self) -> datetime:
        """The moment; looking at it takes no time."""
        return self._now

    def __call__(self) -> datetime:
        """The moment, a tick later than the last one."""
        self._now += TICK
        return self._now

    def set(self, now: datetime) -> None:
        """The story is at this moment, backward too: another story begins."""
        self._now = now

    def sleep(self, seconds: float) -> None:
        """Somebody waits."""
        self._now += timedelta(seconds=seconds)


def moment(text: str) -> datetime:
    """A suite's `now`: "2026-11-20T15:00:00Z". Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)

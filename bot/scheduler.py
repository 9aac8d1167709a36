"""Time: the daily digest at its channel's local hour, and the sweep. Each process has its own
scheduler in memory; what it starts is idempotent in the store, so several processes post once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.ports import Clock
from bot.sweeping import SWEEP_SECONDS

KEPT = timedelta(days=7)  # how long the engine's own records of ended executions stay


class Scheduler:
    """`post_digest(now)` at `at` ("18:00") in `time_zone`; `make_up(now)` at a start after that
    hour, and every hour after it; `sweep()` every SWEEP_SECONDS; `forget(before)` every hour."""

    def __init__(
        self,
        at: str,
        time_zone: str,
        post_digest: Callable[[datetime], object],
        make_up: Callable[[datetime], object],
        sweep: Callable[[], object],
        forget: Callable[[datetime], object],
        clock: Clock,
    ) -> None:
        self._zone = ZoneInfo(time_zone)
        self._hour, self._minute = (int(part) for part in at.split(":"))
        self._forget = forget
        self._post_digest, self._make_up, self._clock = post_digest, make_up, clock
        self._scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)})
        self._scheduler.add_job(
            self._digest,
            CronTrigger(hour=self._hour, minute=self._minute, timezone=self._zone),
            misfire_grace_time=None,
            coalesce=True,
        )
        self._scheduler.add_job(
            sweep, "interval", seconds=SWEEP_SECONDS, misfire_grace_time=None, coalesce=True
        )
        # The cron trigger skips the midnight after the clocks went forward (apscheduler 3.11).
        self._scheduler.add_job(
            self.catch_up, "interval", hours=1, misfire_grace_time=None, coalesce=True
        )
        self._scheduler.add_job(
            self._forget_old, "interval", hours=1, misfire_grace_time=None, coalesce=True
        )

    def start(self) -> None:
        """Starts, and makes up for today's digest when its hour has passed unposted."""
        self._scheduler.start()
        self.catch_up()

    def catch_up(self) -> None:
        """Makes up for today's digest when its hour has passed unposted."""
        now = self._clock()
        if self.is_past_due(now):
            self._make_up(now)

    def is_past_due(self, now: datetime) -> bool:
        """Whether today's hour has passed in the channel's zone."""
        local = now.astimezone(self._zone)
        due = local.replace(hour=self._hour, minute=self._minute, second=0, microsecond=0)
        return local >= due

    def close(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _forget_old(self) -> None:
        self._forget(self._clock() - KEPT)

    def _digest(self) -> None:
        self._post_digest(self._clock())

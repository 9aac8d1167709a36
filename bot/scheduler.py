"""Time: the daily digest at its channel's local hour, and the sweep. Each process has its own
scheduler in memory; what it starts is idempotent in the store, so several processes post once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.ports import Clock
from bot.sweeping import SWEEP_SECONDS
from policies.settings_file import Digest

DAILY = "the daily digest"
KEPT = timedelta(days=7)  # how long the engine's own records of ended executions stay


class Scheduler:
    """`post_digest(now)` at the hour that `declared` says; `make_up(now)` at a start after it and
    every hour after it; `sweep()` every SWEEP_SECONDS; `forget(before)` every hour.

    `declared` is asked at each use; `follow()` has it asked now.
    """

    def __init__(
        self,
        declared: Callable[[], Digest],
        post_digest: Callable[[datetime], object],
        make_up: Callable[[datetime], object],
        sweep: Callable[[], object],
        forget: Callable[[datetime], object],
        clock: Clock,
    ) -> None:
        self._declared, self._forget = declared, forget
        self._post_digest, self._make_up, self._clock = post_digest, make_up, clock
        self._scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)})
        self._scheduler.add_job(
            self._digest, self._daily(), id=DAILY, misfire_grace_time=None, coalesce=True
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

    def follow(self) -> None:
        """Another bundle is in force: its hour counts from now on; where that has passed, today's
        digest is made up for. Returns at once."""
        self._scheduler.reschedule_job(DAILY, trigger=self._daily())
        self._scheduler.add_job(self.catch_up, misfire_grace_time=None)

    def catch_up(self) -> None:
        """Makes up for today's digest when its hour has passed unposted."""
        now = self._clock()
        if self.is_past_due(now):
            self._make_up(now)

    def is_past_due(self, now: datetime) -> bool:
        """Whether today's hour has passed in the channel's zone."""
        declared = self._declared()
        local, at = now.astimezone(ZoneInfo(declared.time_zone)), time.fromisoformat(declared.at)
        due = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        return local >= due

    def close(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _daily(self) -> CronTrigger:
        declared = self._declared()
        at, zone = time.fromisoformat(declared.at), ZoneInfo(declared.time_zone)
        return CronTrigger(hour=at.hour, minute=at.minute, timezone=zone)

    def _forget_old(self) -> None:
        self._forget(self._clock() - KEPT)

    def _digest(self) -> None:
        self._post_digest(self._clock())

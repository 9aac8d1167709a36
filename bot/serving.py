"""`assent run`: one process on one event loop, until it is asked to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from bot.bootstrap import Assent
from bot.directory import LiveDirectory
from bot.intake import Intake
from bot.planner.rules import RulesPlanner
from bot.port import FlowPort
from bot.publisher import Publisher
from bot.scheduler import Scheduler
from bot.settings import Settings, SettingsError, from_environment
from bot.surfaces.slack import SlackSurface

READY = "assent is ready"  # the line on standard output that a supervisor waits for


def serve() -> int:
    """Runs the bot; returns 0 after SIGINT or SIGTERM."""
    settings = from_environment(os.environ)
    logging.basicConfig(
        level=settings.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    asyncio.run(_until_stopped(settings))
    return 0


async def _until_stopped(settings: Settings) -> None:
    if settings.slack is None:
        raise SettingsError(
            "ASSENT_SLACK_BOT_TOKEN is missing; see docs/how-to/slack.md, or try `make play`"
        )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    assent = await asyncio.to_thread(Assent, settings, RulesPlanner(), LiveDirectory)
    slack = SlackSurface(
        FlowPort(assent.flow, assent.reading),
        settings.slack,
        assent.catalogue().bundle.settings.roles,
    )
    assent.directory.connect(loop, {"slack": slack})
    await _serve(assent, slack, stop)


async def _serve(assent: Assent[LiveDirectory], slack: SlackSurface, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    intake = Intake(assent.db, assent.flow.propose, assent.settings.executor, assent.clock)
    publisher = Publisher(
        assent.db,
        assent.reading.view,
        assent.digests,
        {"slack": slack},
        assent.settings.executor,
        assent.clock,
    )
    declared = assent.catalogue().bundle.settings.digest
    scheduler = Scheduler(
        declared.at,
        declared.time_zone,
        assent.digests.post,
        assent.digests.make_up,
        assent.sweeper.sweep,
        assent.clock,
    )

    def notice() -> None:
        intake.notice()
        publisher.notice()

    def committed() -> None:
        """Something may be there to do: look now. Costs nothing when there is not."""
        assent.engine.notice()
        if not loop.is_closed():
            loop.call_soon_threadsafe(notice)

    assent.db.on_commit = committed
    await asyncio.to_thread(assent.engine.launch)
    await slack.start()
    scheduler.start()
    loops = [asyncio.create_task(intake.run()), asyncio.create_task(publisher.run())]
    print(READY, flush=True)  # noqa: T201 - for the supervisor
    try:
        await _first(stop, loops)
    finally:
        scheduler.close()
        await slack.close()
        for each in loops:
            each.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await asyncio.to_thread(assent.close)


async def _first(stop: asyncio.Event, loops: list[asyncio.Task[None]]) -> None:
    """Until somebody stops us, or a loop that must never end has ended."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done:
        if task is not stopped:
            task.result()

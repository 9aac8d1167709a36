"""`assent run`: one process on one event loop, until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from bot import collecting
from bot.bootstrap import Assent, open_store, utc_now
from bot.bundle.loading import load_checked, prepare
from bot.bundle.reloading import Reloader
from bot.catalogue import Catalogue
from bot.chats import Chats, refuse_none
from bot.engine import durable
from bot.intake import Intake
from bot.planner.waiting import Waiting
from bot.planning import planner_for
from bot.port import FlowPort
from bot.pressure import Pressure
from bot.publisher import Publisher
from bot.scheduler import Scheduler
from bot.settings import READY, Settings, from_environment
from bot.surfaces.listening import Listener
from policies.roles import RoleBook
from store import deliveries, runs
from store.database import Database

STOP_SECONDS = 5.0  # how long plannings and posts under way may take to end when we stop
# More than can wait for the loop at once (plannings and cards under way), so that what the loop
# itself needs a thread for, such as looking up a host, always finds one.
WORKERS_MAX = 40


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
    refuse_none(settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(WORKERS_MAX, thread_name_prefix="assent"))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    db = await asyncio.to_thread(open_store, settings)
    catalogue = await asyncio.to_thread(_first_catalogue, settings, db)
    chats = Chats(
        settings,
        db,
        lambda: _book(assent.catalogue()),
        utc_now,
        lambda where: assent.removed_from(where),  # noqa: PLW0108 - it is not made yet
    )
    waiting = Waiting()
    planner = planner_for(settings, waiting)
    assent = await asyncio.to_thread(
        Assent, settings, db, catalogue, chats.directory, planner, durable(settings)
    )
    pressure = Pressure()
    chats.open(FlowPort(assent.flow, assent.reading, assent.reviewing, assent.absence, pressure))
    await _serve(assent, chats, pressure, waiting, stop)


async def _serve(
    assent: Assent, chats: Chats, pressure: Pressure, waiting: Waiting, stop: asyncio.Event
) -> None:
    loop = asyncio.get_running_loop()
    executor = assent.settings.executor
    intake = Intake(assent.db, assent.flow.propose, pressure, executor, assent.clock, waiting)
    publisher = Publisher(
        assent.db,
        assent.reading.view,
        assent.digests,
        chats.screens,
        assent.settings.executor,
        assent.clock,
    )
    scheduler = Scheduler(
        lambda: assent.catalogue().bundle.settings.digest,
        assent.digests.post,
        assent.digests.make_up,
        assent.sweep,
        assent.engine.forget,
        assent.clock,
    )
    reloader = Reloader(
        assent.settings.bundle,
        assent.in_force,
        lambda: load_checked(assent.settings, assent.db, assent.clock()),
        scheduler.follow,
    )

    def notice() -> None:
        intake.notice()
        publisher.notice()

    def committed() -> None:
        """Something may be there to do: look now. Costs nothing when there is not."""
        assent.engine.notice()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody looks any more
            loop.call_soon_threadsafe(notice)

    assent.db.on_commit = committed
    await chats.connect()  # what is recovered asks at once who people are
    await asyncio.to_thread(_release, assent)
    await asyncio.to_thread(assent.takeover.see)
    await asyncio.to_thread(assent.engine.launch)
    await chats.start()
    listener = Listener(assent.settings.http_host, assent.settings.http_port)
    if routes := chats.routes():
        await listener.start(routes)
    await asyncio.to_thread(scheduler.start)
    loops = [asyncio.create_task(each.run()) for each in (intake, publisher, reloader)]
    collecting.keep_what_is_there()
    print(READY, flush=True)  # noqa: T201 - for the supervisor
    try:
        await _first(stop, loops)
    finally:
        # While people can still be asked for: else what is under way would fail instead of pausing.
        reloader.stop()
        scheduler.close()
        await asyncio.to_thread(assent.engine.close)
        intake.stop()
        publisher.stop()
        await asyncio.wait(loops, timeout=STOP_SECONDS)
        await listener.close()
        await chats.close()
        for each in loops:
            each.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await asyncio.to_thread(assent.db.close)


def _release(assent: Assent) -> None:
    """What this process held when it died is free at once, not when its leases end; what it was
    asking a model is written down."""
    with assent.db.begin() as tx:
        runs.release_all(tx, assent.settings.executor)
        deliveries.release_all(tx, assent.settings.executor)
    assent.metering.recover_process(assent.settings.executor)


def _first_catalogue(settings: Settings, db: Database) -> Catalogue:
    """What the folder holds at the start. Raises BundleError: there is no earlier one to keep."""
    prepare(settings, utc_now())
    return load_checked(settings, db, utc_now())


def _book(catalogue: Catalogue) -> RoleBook:
    """The roles and people of a bundle."""
    settings = catalogue.bundle.settings
    return RoleBook(settings.roles, settings.people)


async def _first(stop: asyncio.Event, loops: list[asyncio.Task[None]]) -> None:
    """Until somebody stops us, or a loop that must never end has ended."""
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    for task in done:
        if task is not stopped:
            task.result()

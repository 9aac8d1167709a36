"""Where everything meets: settings become a working Assent. Nothing is built at import."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.announcing import announce
from bot.approval.pressing import Presses
from bot.approval.reminding import Reminders
from bot.autonomy.ladder import Autonomy
from bot.autonomy.reviewing import Reviewing
from bot.bundle.in_force import InForce
from bot.bundle.loading import connected, prepare
from bot.catalogue import Catalogue, loaded
from bot.digest import Digests
from bot.drifting import Drift
from bot.ending import Endings
from bot.executing import Engine, Sleep, Steps
from bot.executor import Executor
from bot.flow import Flow
from bot.journal import Journal
from bot.lagging import Lag
from bot.links import Links, place_of
from bot.metering import Metering
from bot.people.absence import Absence
from bot.people.humans import Humans
from bot.people.peopling import apply_people
from bot.people.standing_in import StandingIn
from bot.planner.planner import Planner
from bot.ports import Clock, Directory
from bot.proposing import Proposer
from bot.reading import Reading
from bot.recording import Recorder
from bot.settings import Settings
from bot.starting import Starter
from bot.sweeping import Sweeper
from bot.takeover import Takeover
from store.database import Database


def utc_now() -> datetime:
    """The clock of a running Assent."""
    return datetime.now(UTC)


class Assent:
    """One process over one store: everything but the surfaces, which serving.py adds."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        catalogue: Catalogue,
        directory: Directory,
        planner: Planner,
        engine: Callable[[Steps], Engine],
        clock: Clock = utc_now,
        sleep: Sleep = time.sleep,
    ) -> None:
        """`engine` makes whatever carries out the steps of executions; `sleep` waits between tries
        to read, and for a system whose reads run behind."""
        self.settings, self.clock, self.db = settings, clock, db
        is_on = directory.knows  # a surface that is switched off has no directory
        self.links = Links(self.catalogue, is_on)
        self.recorder = Recorder(clock, self.links.beside)
        self.autonomy = Autonomy(db, self.catalogue, self.recorder, clock, is_on)
        self.recorder.watch(self.autonomy.run_ended)
        humans = Humans(db, directory)  # who asks does so with their own roles, by any account
        self.reviewing = Reviewing(db, self.catalogue, humans, self.recorder, self.autonomy, clock)
        applied = (self.autonomy.obey_ceilings, self._declare_people)
        self.in_force = InForce(db, self.recorder, catalogue, settings.executor, clock, applied)
        standing_in = StandingIn(db, directory, clock)
        starter = Starter(self.recorder, self._enqueue, clock)
        common = (self.db, self.catalogue)
        self.metering = Metering(db, self.recorder, settings.executor, clock)
        proposer = Proposer(
            *common, planner, humans, self.recorder, starter, self.metering, clock, sleep
        )
        lag = Lag(db, clock, sleep)
        drift = Drift(db, standing_in, self.recorder, starter, clock, sleep, lag)
        self.executor = Executor(*common, Journal(self.db, self.recorder, clock), drift, lag)
        self.engine = engine(self.executor)
        presses = Presses(*common, self.recorder, starter, clock)
        self.flow = Flow(self.db, standing_in, proposer, presses, self.recorder, clock)
        refused = self.in_force.refused
        self.digests = Digests(*common, self.recorder, settings.ledger_key, clock, refused, is_on)
        self.reading = Reading(*common, standing_in, self.digests, clock, refused)
        self.absence = Absence(
            self.db,
            humans,
            self.recorder,
            clock,
            lambda: self.catalogue().bundle.settings.digest.time_zone,
        )
        self.endings = Endings(self.db, self.recorder, self.executor, self.catalogue, clock)
        self.recorder.watch(self.endings.run_ended)
        self.sweeper = Sweeper(self.db, self.recorder, self.executor, self.engine.abandoned, clock)
        self.reminders = Reminders(self.db, self.recorder, standing_in, clock)
        self.takeover = Takeover(self.db, settings.executor, self._take_over, clock)

    def sweep(self) -> None:
        """What happens because nothing happened."""
        self.takeover.look()
        self.sweeper.sweep()
        self.endings.end_due()
        self.reminders.remind()
        self.autonomy.sweep()

    def removed_from(self, conversation: str) -> None:
        """The bot was removed from a conversation: said where the report is read, elsewhere. Teams
        tells of it twice within a moment."""
        now = self.clock()
        known = self.catalogue().channel_name(place_of(conversation))
        places = self.links.of(self.catalogue().bundle.settings.digest.channel)
        others = [place for place in places if place.channel != conversation]
        text = f"I was removed from {known} ({conversation}) and post nothing there any more."
        with self.db.begin() as tx:
            announce(
                tx, others, f"removed:{conversation}:{now:%Y-%m-%dT%H:%M}", "Removed", text, now
            )

    def catalogue(self) -> Catalogue:
        """The bundle in force, with its connectors."""
        return self.in_force.catalogue()

    def close(self) -> None:
        """Stops executing and closes the store. What is under way goes on at the next start."""
        self.engine.close()
        self.db.close()

    def _declare_people(self, tx: Connection, catalogue: Catalogue) -> None:
        apply_people(tx, self.recorder, catalogue.bundle, self.clock())

    def _take_over(self, executor_id: str) -> int:
        self.metering.recover_process(executor_id)
        return self.engine.take_over(executor_id)

    def _enqueue(self, tx: Connection, run_id: str, digest: str, workflow_id: str) -> None:
        self.engine.enqueue(tx, run_id, digest, workflow_id)


def open_store(settings: Settings) -> Database:
    """The store of a state folder, brought to this code's schema."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings.database_url)
    db.migrate()
    return db


def catalogue_of(settings: Settings, now: datetime) -> Catalogue:
    """The bundle of the folder, over the embedded desk where no other desk is named: loaded, not
    checked whole. Raises BundleError."""
    prepare(settings, now)
    return connected(settings, loaded(settings.bundle))

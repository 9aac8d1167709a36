"""Where everything meets: settings become a working Assent. Nothing is built at import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection

from bot.approving import Verdicts
from bot.catalogue import Catalogue, load_catalogue
from bot.digest import Digests
from bot.drifting import Drift
from bot.engine import DurableEngine
from bot.executor import Executor
from bot.flow import Flow
from bot.journal import Journal
from bot.planner.planner import Planner
from bot.ports import Clock, Directory
from bot.proposing import Proposer
from bot.reading import Reading
from bot.recording import Recorder
from bot.settings import Settings
from bot.starting import Starter
from bot.sweeping import Sweeper
from connectors.desk.embedded import credential as desk_credential
from connectors.desk.embedded import prepare_desk
from store.database import Database
from store.model.entry import Entry, Kind

D = TypeVar("D", bound=Directory)


def utc_now() -> datetime:
    """The clock of a running Assent."""
    return datetime.now(UTC)


class Assent(Generic[D]):
    """One process over one store: everything but the surfaces, which serving.py adds."""

    def __init__(
        self,
        settings: Settings,
        planner: Planner,
        directory: Callable[[Database], D],
        clock: Clock = utc_now,
    ) -> None:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.settings, self.clock = settings, clock
        self._present = catalogue_of(settings, clock())
        self.db = Database(settings.database_url)
        self.db.migrate()
        self.directory = directory(self.db)
        self.recorder = Recorder(clock)
        self._record_bundle()
        starter = Starter(self.recorder, self._enqueue, clock)
        common = (self.db, self.catalogue)
        proposer = Proposer(*common, planner, self.directory, self.recorder, starter, clock)
        drift = Drift(*common, self.directory, self.recorder, starter, clock)
        self.executor = Executor(*common, Journal(self.db, self.recorder, clock), drift, clock)
        self.engine = DurableEngine(settings.database_url, settings.executor, self.executor)
        verdicts = Verdicts(self.db, self.recorder, starter, clock)
        self.flow = Flow(self.db, proposer, verdicts, self.recorder, clock)
        self.digests = Digests(*common, self.recorder, clock)
        self.reading = Reading(*common, self.directory, self.digests, clock)
        self.sweeper = Sweeper(self.db, self.recorder, self.executor, self.engine.abandoned, clock)

    def catalogue(self) -> Catalogue:
        """The bundle in force, with its connectors."""
        return self._present

    def close(self) -> None:
        """Stops executing and closes the store. What is under way goes on at the next start."""
        self.engine.close()
        self.db.close()

    def _enqueue(self, tx: Connection, run_id: str, digest: str, workflow_id: str) -> None:
        self.engine.enqueue(tx, run_id, digest, workflow_id)

    def _record_bundle(self) -> None:
        bundle = self._present.bundle
        with self.db.begin() as tx:
            self.recorder.append(
                tx,
                Entry(
                    kind=Kind.BUNDLE,
                    run_id="",
                    actor="assent",
                    data={
                        "version": bundle.version,
                        "digest": bundle.digest,
                        "environment": self.settings.environment,
                    },
                ),
            )


def catalogue_of(settings: Settings, now: datetime) -> Catalogue:
    """The bundle in force, over the embedded desk where no other desk is named."""
    environ = dict(settings.environ)
    desk = environ["ASSENT_DESK_ADDRESS"]
    if settings.environment == "sandbox":
        prepare_desk(desk, now.date(), "sandbox")
    catalogue = load_catalogue(settings.bundle, settings.environment, environ)
    for connection in catalogue.bundle.settings.connections.values():
        if (
            connection.connector == "desk"
            and connection.secret_env
            and connection.environment == settings.environment
            and not environ.get(connection.secret_env)
        ):
            environ[connection.secret_env] = desk_credential(desk, connection.account).secret
    return Catalogue(catalogue.bundle, settings.environment, environ)

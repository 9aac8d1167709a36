"""Where everything meets: settings become a working Assent. Nothing is built at import."""

from __future__ import annotations

from datetime import UTC, datetime

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
from bot.takeover import Takeover
from connectors.desk.embedded import credential as desk_credential
from connectors.desk.embedded import prepare_desk
from store.database import Database
from store.model.entry import Entry, Kind


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
        clock: Clock = utc_now,
    ) -> None:
        self.settings, self.clock, self.db = settings, clock, db
        self._present = catalogue
        self.recorder = Recorder(clock)
        self._record_bundle()
        starter = Starter(self.recorder, self._enqueue, clock)
        common = (self.db, self.catalogue)
        proposer = Proposer(*common, planner, directory, self.recorder, starter, clock)
        drift = Drift(*common, directory, self.recorder, starter, clock)
        self.executor = Executor(*common, Journal(self.db, self.recorder, clock), drift)
        self.engine = DurableEngine(settings.database_url, settings.executor, self.executor)
        verdicts = Verdicts(self.db, self.recorder, starter, clock)
        self.flow = Flow(self.db, proposer, verdicts, self.recorder, clock)
        self.digests = Digests(*common, self.recorder, settings.ledger_key, clock)
        self.reading = Reading(*common, directory, self.digests, clock)
        self.sweeper = Sweeper(self.db, self.recorder, self.executor, self.engine.abandoned, clock)
        self.takeover = Takeover(self.db, settings.executor, self.engine.take_over, clock)

    def sweep(self) -> None:
        """What happens because nothing happened."""
        self.takeover.look()
        self.sweeper.sweep()

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


def open_store(settings: Settings) -> Database:
    """The store of a state folder, brought to this code's schema."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings.database_url)
    db.migrate()
    return db


def catalogue_of(settings: Settings, now: datetime) -> Catalogue:
    """The bundle in force, over the embedded desk where no other desk is named."""
    environ = dict(settings.environ)
    desk = environ["ASSENT_DESK_ADDRESS"]
    made = settings.state / "desk.made"  # a desk that is gone later is away, and is not made anew
    if settings.environment == "sandbox" and not made.exists():
        prepare_desk(desk, now.date(), "sandbox")
        made.touch()
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

"""The world of a case: the whole Assent over systems of its own, with people, a clock and an engine
of the story's. Everything else is what production runs.

It is built once for a suite and a bundle; `begin` puts a fresh copy of the store and fresh systems
under it, so that no case sees what another one did.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.bootstrap import Assent, open_store
from bot.bundle.loading import connected, prepare
from bot.catalogue import loaded
from bot.executing import Steps
from bot.planner.planner import Planner
from bot.settings import Settings, from_environment
from bot.systems import reached_from
from connectors.desk.connector import CONNECTOR as THE_DESK
from connectors.desk.engines import KeptEngines
from connectors.desk.faults import clear_faults, set_fault
from connectors.desk.session import open_session
from connectors.operation import Connector
from evals.cases.case import Changed, Fault, SuiteFile
from evals.cases.systems import DESK as DESK_CONNECTOR
from evals.stories.trace import RowChange, Wrote
from evals.worlds import desk
from evals.worlds.clock import StoryClock, moment
from evals.worlds.desk import Row
from evals.worlds.faults import Faults
from evals.worlds.inline import InlineEngine
from evals.worlds.people import TableDirectory
from evals.worlds.systems import Systems
from evals.worlds.workplace import workplace
from policies.bundle import LEVELS, Bundle
from store import autonomy
from store.autonomy import Earned
from store.database import Database
from store.model.plan import Step

DESK_OPERATIONS = frozenset(each.name for each in THE_DESK.operations)
STORE, DESK, BEFORE = "assent.db", "desk.db", "before.db"


class World:
    """One Assent that is begun anew for each case. Belongs to one thread."""

    def __init__(self, suite: SuiteFile, bundle: Path, planner: Planner, folder: Path) -> None:
        """`folder` is empty and the world's own. Raises BundleError for a broken bundle."""
        self._folder = folder
        self._made = folder / "made"
        self._desk_engines = KeptEngines()
        self.starts_at = moment(suite.now)
        self.clock = StoryClock(self.starts_at)
        self.faults = Faults(self.clock.sleep)
        reached = {each.name for each in reached_from(bundle)}
        self.has_desk = DESK_CONNECTOR in reached
        self.systems = Systems(sorted(reached - {DESK_CONNECTOR}))
        self._files = (STORE, DESK) if self.has_desk else (STORE,)
        settings = from_environment(
            {"ASSENT_STATE": str(folder / "state"), "ASSENT_BUNDLE": str(bundle)}
        )
        db = open_store(settings)
        self.directory = TableDirectory(db, suite.people)
        self.assent = self._build(settings, db, planner)
        self._earn(LEVELS[suite.autonomy])
        self._keep()

    @property
    def desk(self) -> str:
        """The desk's database file."""
        return str(self._folder / "state" / DESK)

    @property
    def desk_before(self) -> str:
        """The desk as it was when the case's own request was made."""
        return str(self._folder / "state" / BEFORE)

    def begin(self) -> None:
        """A fresh store, fresh systems, directory and clock."""
        self._let_go()
        for path in (self._folder / "state").iterdir():
            if path.name.startswith((STORE, DESK, BEFORE)):
                path.unlink()
        for name in self._files:
            shutil.copyfile(self._made / name, self._folder / "state" / name)
        self.systems.begin(self.starts_at)
        self.faults.begin()
        self.directory.begin()
        self.clock.set(self.starts_at)
        self.engine.close()

    def request_is_made(self) -> None:
        """From now on what happens in the systems counts. What the desk's write-ahead log still
        holds is there as well, as it would not be in a copy of the file."""
        self.systems.request_is_made()
        if not self.has_desk:
            return
        with (
            closing(sqlite3.connect(self.desk)) as now,
            closing(sqlite3.connect(self.desk_before)) as kept,
        ):
            now.backup(kept)

    def change(self, changed: Iterable[Changed]) -> None:
        """Somebody else changes records, in the state that the end is compared with as well: it is
        no doing of Assent's. Raises StoryError."""
        for one in changed:
            if self.systems.owns(one.table):
                self.systems.change(one)
                continue
            desk.change(self.desk, [one])
            if Path(self.desk_before).exists():
                desk.change(self.desk_before, [one])

    def arm(self, armed: Iterable[Fault]) -> None:
        """The systems misbehave from now on."""
        for fault in armed:
            self.faults.arm(fault)
            if self.has_desk:
                set_fault(
                    self.desk,
                    fault.kind,
                    operation=fault.operation,
                    call=fault.call,
                    count=fault.count,
                    nth=fault.nth,
                    seconds=fault.seconds,
                )

    def disarm(self) -> None:
        """The systems behave again."""
        self.faults.begin()
        if self.has_desk:
            clear_faults(self.desk)

    def rows(self, wanted: Sequence[tuple[str, str]]) -> dict[str, Row]:
        """Rows by "table/id" as they stand, empty where there is none."""
        own = [each for each in wanted if self.systems.owns(each[0])]
        others = [each for each in wanted if not self.systems.owns(each[0])]
        return self.systems.rows(own) | (desk.rows(self.desk, others) if others else {})

    def changes(self) -> tuple[RowChange, ...]:
        """Every field of every record that is not as it was when the request was made."""
        at_desk = desk.changes(self.desk_before, self.desk) if self.has_desk else ()
        return (*at_desk, *self.systems.changes())

    def writes(self, asked_for: Sequence[Step], taken_back: Sequence[Step]) -> tuple[Wrote, ...]:
        """The writes since the request was made, as the systems tell of them. `asked_for` are the
        steps that were ever proposed, `taken_back` those that the ledger says were."""
        at_desk = desk.writes(self.desk_before, self.desk, asked_for) if self.has_desk else ()
        elsewhere = [each for each in taken_back if each.operation not in DESK_OPERATIONS]
        return (*at_desk, *self.systems.writes(elsewhere))

    def close(self) -> None:
        self.assent.close()
        self._desk_engines.let_go()
        self.systems.close()

    def _let_go(self) -> None:
        """No connection is open to any of the files."""
        self.assent.db.close()
        self._desk_engines.let_go()

    def _build(self, settings: Settings, db: Database, planner: Planner) -> Assent:
        def engine(steps: Steps) -> InlineEngine:
            self.engine = InlineEngine(steps, self.clock.sleep)
            return self.engine

        if self.has_desk:
            prepare(settings, self.starts_at)
        else:
            self.systems.begin(self.starts_at)
        bundle = loaded(settings.bundle)
        # The repository's revision would tell of more than of what is in the folder.
        bundle = replace(bundle, revision=bundle.digest[:7])
        settings = replace(settings, environ={**_secrets(bundle), **settings.environ})
        catalogue = connected(settings, bundle, self._over)
        return Assent(
            settings, db, catalogue, self.directory, planner, engine, self.clock, self.clock.sleep
        )

    def _over(self, connector: Connector) -> Connector:
        """The connector as it is called in the story."""
        if connector.name != DESK_CONNECTOR:
            return self.faults.over(self.systems.over(connector))
        opened = partial(
            open_session, now=self.clock, sleep=self.clock.sleep, engines=self._desk_engines
        )
        return replace(connector, open=opened)

    def _earn(self, level: int) -> None:
        """Every workflow has earned the level of the suite."""
        with self.assent.db.begin() as tx:
            for workflow in self.assent.catalogue().workflows:
                earned = Earned(
                    workflow=workflow,
                    environment=self.assent.settings.environment,
                    level=level,
                    actor="assent",
                    because="it is so in this story",
                    at=self.clock(),
                )
                autonomy.add(tx, earned)

    def _keep(self) -> None:
        """What every case begins with."""
        self._let_go()
        self._made.mkdir()
        for name in self._files:
            shutil.copyfile(self._folder / "state" / name, self._made / name)


def _secrets(bundle: Bundle) -> Mapping[str, str]:
    """Something where the environment has secrets of connections: a story's system has its own, and
    so has the desk."""
    kept = (
        each.secret.removeprefix("env:")
        for each in bundle.settings.connections.values()
        if each.connector != DESK_CONNECTOR and each.secret and each.secret.startswith("env:")
    )
    return dict.fromkeys(kept, "the story's")


@contextmanager
def world(
    suite: SuiteFile, bundle: Path, planner: Planner, root: Path | None = None
) -> Iterator[World]:
    """A world in a folder below `root` that is gone afterwards."""
    with workplace(root) as folder:
        made = World(suite, bundle, planner, folder)
        try:
            yield made
        finally:
            made.close()

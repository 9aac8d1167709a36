"""The world of a case: the whole Assent over a desk of its own, with people, a clock and an engine
of the story's. Everything else is what production runs.

It is built once for a suite and a bundle; `begin` puts a fresh copy of store and desk under it, so
that no case sees what another one did.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
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
from connectors.desk.engines import KeptEngines
from connectors.desk.session import open_session
from evals.cases.case import SuiteFile
from evals.worlds.clock import StoryClock, moment
from evals.worlds.inline import InlineEngine
from evals.worlds.people import TableDirectory
from evals.worlds.workplace import workplace
from policies.bundle import LEVELS
from store import autonomy
from store.autonomy import Earned
from store.database import Database

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
        """A fresh store, desk, directory and clock."""
        self._let_go()
        for path in (self._folder / "state").iterdir():
            if path.name.startswith((STORE, DESK, BEFORE)):
                path.unlink()
        for name in (STORE, DESK):
            shutil.copyfile(self._made / name, self._folder / "state" / name)
        self.directory.begin()
        self.clock.set(self.starts_at)
        self.engine.close()

    def request_is_made(self) -> None:
        """From now on what happens at the desk counts. What the desk's write-ahead log still holds
        is there as well, as it would not be in a copy of the file."""
        with (
            closing(sqlite3.connect(self.desk)) as now,
            closing(sqlite3.connect(self.desk_before)) as kept,
        ):
            now.backup(kept)

    def close(self) -> None:
        self.assent.close()
        self._desk_engines.let_go()

    def _let_go(self) -> None:
        """No connection is open to any of the files."""
        self.assent.db.close()
        self._desk_engines.let_go()

    def _build(self, settings: Settings, db: Database, planner: Planner) -> Assent:
        def engine(steps: Steps) -> InlineEngine:
            self.engine = InlineEngine(steps, self.clock.sleep)
            return self.engine

        prepare(settings, self.starts_at)
        opened = partial(
            open_session, now=self.clock, sleep=self.clock.sleep, engines=self._desk_engines
        )
        bundle = loaded(settings.bundle)
        # The repository's revision would tell of more than of what is in the folder.
        bundle = replace(bundle, revision=bundle.digest[:7])
        catalogue = connected(settings, bundle, {"desk": opened})
        return Assent(
            settings, db, catalogue, self.directory, planner, engine, self.clock, self.clock.sleep
        )

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
        for name in (STORE, DESK):
            shutil.copyfile(self._folder / "state" / name, self._made / name)


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

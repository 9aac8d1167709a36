"""One world a file, in which a model plans behind the rules: what it says, each test says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.planning import planner_with
from store import ledger, meters, runs
from store.ledger import LedgerEntry
from store.meters import Total
from store.model.entry import Kind
from store.model.run import Event, Run, Status
from tests.bot.conftest import World
from tests.bot.models.script import Script, Turn


class Thinking(World):
    """A world with the script of its model."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.script = Script()
        super().__init__(folder, planner_with(self.script), environ)

    def think(self, *turns: Turn) -> None:
        """What the model says from now on, turn by turn; the last for ever."""
        self.script.turns, self.script.requests = list(turns), []

    def writes(self) -> int:
        """How many writes the desk has ever carried out."""
        return int(self.desk_rows("SELECT count(*) FROM writes")[0][0])

    def entries(self, run: Run, kind: Kind) -> list[LedgerEntry]:
        with self.assent.db.read() as cx:
            return [entry for entry in ledger.show(cx, run.id) if entry.kind is kind]

    def charged(self, run: Run) -> dict[str, Total]:
        with self.assent.db.read() as cx:
            return meters.of_run(cx, run.id)

    def sent(self) -> str:
        """Every byte that the model was sent."""
        return "\n".join(map(str, self.script.requests))


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Thinking]:
    folder = tmp_path_factory.mktemp("thinking") / "state"
    shutil.copytree(made, folder)
    world = Thinking(folder, {})
    yield world
    world.assent.close()


@pytest.fixture
def world(one_world: Thinking) -> Iterator[Thinking]:
    """The file's world, with nothing open in it afterwards."""
    yield one_world
    _cancel_all(one_world)


def _cancel_all(world: Thinking) -> None:
    with world.assent.db.begin() as tx:
        for run in runs.in_status(tx, (Status.ASKING, Status.WAITING, Status.RECEIVED), 100):
            world.assent.recorder.advance(tx, run, Event.CANCELLED, note="The test is over.")

"""The attacks' witness, their watched bundle, and one workspace for those that come by Slack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import load_checked
from bot.bundle.reloading import Reloader
from store.ledger.search import find
from store.model.entry import Kind
from tests.bot.attacks.witness import Witness, edited
from tests.bot.wire.conftest import Play


@pytest.fixture
def witness(world: Any) -> Witness:
    return Witness(world)


class Watched:
    """A world whose bundle can be edited while it runs."""

    def __init__(self, make_world: Callable[..., Any], folder: Path) -> None:
        self.folder = edited(folder)
        self.world = make_world(ASSENT_BUNDLE=str(folder))
        self.witness = Witness(self.world)
        assent = self.world.assent
        self._reloader = Reloader(
            folder,
            assent.in_force,
            lambda: load_checked(assent.settings, assent.db, assent.clock()),
            lambda: None,
        )

    def edit(self, *edits: tuple[str, str, str]) -> None:
        """Edits that reach the running world, or are refused by it."""
        edited(self.folder, *edits)
        self.look()

    def look(self) -> None:
        self._reloader.look()
        self._reloader.look()

    @property
    def refusal(self) -> str:
        """What is wrong with a bundle that is not in force; empty when there is none. That it is
        not in force is said in the status, and recorded."""
        refused = self.world.assent.in_force.refused()
        if refused is None:
            return ""
        assert refused.sentence in self.world.assent.reading.status()
        with self.world.assent.db.read() as cx:
            [entry] = find(cx, kind=Kind.BUNDLE, limit=1)
        assert entry.data["refused"] == refused.digest
        self.witness.ledger_is_whole()
        return "\n".join(map(str, refused.findings))


@pytest.fixture
def watched(make_world: Callable[..., Any], tmp_path: Path) -> Watched:
    return Watched(make_world, tmp_path / "desk")


@pytest.fixture(scope="package")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """The real bot and workspace, which calls the bot by signed requests."""
    made = Play(tmp_path_factory.mktemp("attacks") / "state", "http")
    yield made
    made.close()

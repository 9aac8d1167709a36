"""Worlds whose planner divides a request into parts, and what the tests of joint plans ask."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from bot.cards.run_card import run_card
from bot.cards.text import render
from store.model.run import Run
from tests.bot.conftest import World
from tests.bot.divided import Divided

CANCEL = "cancel-order: cancel order 1066, customer changed their mind"
REFUND = "refund: refund $40 on order 1043, arrived damaged"
BOTH = f"{CANCEL} / {REFUND}"
TWICE = "refund: refund $5 on order 1043, late / refund: refund $7 on order 1063, goodwill"


@contextmanager
def divided_worlds(tmp_path: Path, made: Path) -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(**environ: str) -> World:
        folder = tmp_path / f"divided{len(worlds)}"
        shutil.copytree(made, folder)
        worlds.append(World(folder, Divided(), environ))
        return worlds[-1]

    yield make
    for world in worlds:
        world.assent.close()


def card(world: Any, run: Run) -> str:
    return str(render(run_card(world.assent.reading.view(run.id)), UTC))


def order_status(world: Any, order: str = "1066") -> str:
    return str(world.desk_rows(f"SELECT status FROM orders WHERE id = '{order}'")[0][0])


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))

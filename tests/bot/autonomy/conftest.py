"""Worlds whose refunds are declared, and have earned, another level than the shipped one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.settings import BUNDLE_SHIPPED
from store.model.run import Status
from tests.bot.autonomy.steps import EASY, promote, review, write


@pytest.fixture
def declared(tmp_path: Path, make_world: Callable[..., Any]) -> Callable[..., Any]:
    """A world whose refunds are declared otherwise, as an admin writes it into the bundle."""

    def make(level: str, more: str = f"promotion: {EASY}", cap: str = "L4") -> Any:
        bundle = tmp_path / "bundle"
        shutil.copytree(BUNDLE_SHIPPED, bundle)
        write(bundle, level, more, cap)
        return make_world(ASSENT_BUNDLE=str(bundle))

    return make


@pytest.fixture
def at_level(declared: Callable[..., Any]) -> Callable[..., Any]:
    """A world whose refunds have earned a level: each rung by a run that people found right."""

    def make(level: int, more: str = f"promotion: {EASY}") -> Any:
        world = declared(f"L{level}", f"{more}\nreviewers: [support-leads]")
        orders = iter((1063, 1066))
        for rung in range(3, level + 1):
            run = world.ask(f"refund $10 on order {next(orders)}, goodwill")
            if run.status is Status.WAITING:
                world.approve(run, "lead")
            else:
                review(world, world.settled(run), "lead")
            promote(world, rung)
        return world

    return make

"""The ladder, as far as a bundle can set it: L1 never writes, L2 asks, L3 runs the small ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from store import autonomy
from store.autonomy import Earned
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"


def earn(world: Any, level: int) -> None:
    with world.assent.db.begin() as tx:
        autonomy.add(
            tx,
            Earned(
                workflow="refund",
                environment="sandbox",
                level=level,
                actor="Kim",
                because="it did well",
                at=world.clock(),
            ),
        )


@pytest.fixture
def at_level(tmp_path: Path, make_world: Callable[..., Any]) -> Callable[[str], Any]:
    """A world whose refunds have another autonomy level, as an admin sets it in the bundle."""

    def make(level: str) -> Any:
        bundle = tmp_path / "bundle"
        shutil.copytree(BUNDLE_SHIPPED, bundle)
        workflow = bundle / "workflows" / "refund.yml"
        declared = workflow.read_text()
        assert "autonomy: L2" in declared
        workflow.write_text(declared.replace("autonomy: L2", f"autonomy: {level}"))
        world = make_world(ASSENT_BUNDLE=str(bundle))
        if level in {"L3", "L4"}:
            earn(world, int(level[1:]))
        return world

    return make


def test_at_l3_a_small_refund_runs_by_itself(at_level: Callable[[str], Any]) -> None:
    world = at_level("L3")
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.APPLIED
    assert world.refunds() == [4_000]
    assert Kind.APPROVAL not in world.kinds(run)
    assert Kind.DECISION in world.kinds(run)


def test_at_l3_a_larger_refund_still_needs_people(at_level: Callable[[str], Any]) -> None:
    world = at_level("L3")
    run = world.ask("refund $120 on order 1043, arrived damaged")
    assert run.status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_at_l3_what_cannot_be_taken_back_needs_a_person(at_level: Callable[[str], Any]) -> None:
    world = at_level("L3")
    assert world.ask("refund $10 on order 1068, arrived damaged").status is Status.WAITING


def test_at_l1_nothing_is_ever_written(at_level: Callable[[str], Any]) -> None:
    world = at_level("L1")
    run = world.ask(SMALL)
    assert run.status is Status.DENIED
    assert "L1" in run.note
    assert world.press(Verb.APPROVE, run, "finance").is_refusal
    assert world.refunds() == []

"""Attacks on authority that cross several parts: found by reading, held by the whole flow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import policies
from bot import loading, retry
from connectors.desk import faults
from store.model.run import Run, Status
from tests.bot.attacks.witness import edited

FIRST = "refund $950 on order 1067, arrived damaged"
SECOND = "refund $60 on order 1067, arrived damaged"
TWO = ("different people", 2)


def asked(run: Run) -> set[tuple[str, int]]:
    assert run.status is Status.WAITING, run.note
    assert run.proposal is not None
    return {(r.who, r.count) for r in run.proposal.decision.requirements}


def test_a_request_left_waiting_past_the_window_still_counts(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    """Else one waits until the window has passed, asks again, and has both done in one minute."""
    windows = [
        ("policies/refunds.yml", "window: 24 hours, amount", "window: 1 hour, amount")
        for _ in range(3)
    ]
    world = make_world(ASSENT_BUNDLE=str(edited(tmp_path / "desk", *windows)))
    first = world.ask(FIRST)
    world.clock.offset = timedelta(minutes=61)
    assert TWO in asked(world.ask(SECOND, "agent2"))
    assert world.approve(first, "finance").status is Status.APPLIED
    world.clock.offset = timedelta(minutes=120)
    assert TWO in asked(world.ask("refund $61 on order 1067, late", "agent2"))


def test_a_proof_is_remembered_for_the_code_that_made_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a better analysis would never look at the bundle that runs."""
    folder = tmp_path / "policies"
    (folder / "analysis").mkdir(parents=True)
    (folder / "analysis" / "reach.py").write_text("looks = 1")
    monkeypatch.setattr(policies, "__file__", str(folder / "__init__.py"))
    before = loading._code.__wrapped__()
    (folder / "analysis" / "reach.py").write_text("looks = 2")
    assert loading._code.__wrapped__() != before


def test_what_may_have_been_written_counts_until_somebody_knows(world: Any) -> None:
    first = world.ask(FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retry, "delay_seconds", lambda *_: None)
        faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
        assert world.approve(first, "finance").status is Status.UNKNOWN
    world.clock.offset = timedelta(days=2)
    assert TWO in asked(world.ask(SECOND))

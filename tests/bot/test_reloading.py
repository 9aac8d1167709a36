"""Edits of the bundle under a running Assent: whole and at once, or not at all."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import load_checked
from bot.bundle.reloading import WHOLE_LOOK_EVERY
from bot.cards.authority import POLICY_CHANGED
from bot.cards.run_card import run_card
from bot.cards.text import render
from bot.incoming import Verb
from store import deliveries
from store.model.run import Status
from tests.bot.edited_bundle import BROKEN, SMALL, Edited

pytestmark = pytest.mark.slow  # real folders, looked at again and again


@pytest.fixture
def edited(make_world: Callable[..., Any], tmp_path: Path) -> Edited:
    return Edited(make_world, tmp_path / "desk")


def test_an_edited_threshold_decides_the_next_request(edited: Edited) -> None:
    assert edited.who() == ["support-leads"]
    before = edited.digest
    edited.tighten()
    edited.look()
    assert edited.digest != before
    assert edited.who() == ["finance-leads"]
    assert edited.followed == 1
    [started, changed] = edited.entries()
    assert started["digest"] == changed["from"] == before
    assert changed["digest"] == edited.digest
    assert changed["version"] == f"desk@unversioned-{edited.digest[:7]}"
    assert changed["environment"] == "sandbox"


def test_a_folder_that_nobody_edited_is_left_alone(edited: Edited) -> None:
    for _ in range(2 * WHOLE_LOOK_EVERY):
        edited.reloader.look()
    os.utime(edited.folder / "bundle.yml")
    edited.look()
    assert edited.followed == 0
    assert len(edited.entries()) == 1


def test_an_edit_that_keeps_size_and_time_is_seen(edited: Edited) -> None:
    edited.look()
    path = edited.folder / "policies/refunds.yml"
    at = path.stat()
    edited.edit("policies/refunds.yml", "USD: 10000, EUR", "USD: 30000, EUR")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert path.stat().st_size == at.st_size
    edited.look()
    assert edited.followed == 1


def test_an_edit_that_no_name_and_no_time_tells_is_found_by_its_content(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that keeps neither: the content itself is read once a minute."""
    edited.look()
    monkeypatch.setattr("policies.folder.glance", lambda _folder: edited.reloader._judged)
    edited.tighten()
    for _ in range(WHOLE_LOOK_EVERY):
        edited.reloader.look()
    assert edited.followed == 1


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_edit_keeps_the_earlier_bundle_and_says_so(edited: Edited, what: str) -> None:
    before, version = edited.digest, edited.world.assent.catalogue()
    file, old, new = BROKEN[what]
    if old is None:
        edited.write(file, new)
    else:
        edited.edit(file, old, new)
    edited.look()
    edited.look()
    assert edited.world.assent.catalogue() is version
    assert edited.who() == ["support-leads"]
    [_, refused] = edited.entries()  # once, however often it is looked at
    assert refused["digest"] == before
    assert refused["refused"] not in ("", before)
    assert any(file in finding for finding in refused["findings"])
    status = edited.world.assent.reading.status()
    assert "not in force" in status
    assert file in status
    report = edited.world.assent.digests.report(edited.world.clock())
    assert file in report.refused_bundle


def test_a_corrected_edit_comes_into_force_and_nothing_is_said_any_more(edited: Edited) -> None:
    edited.edit("policies/refunds.yml", "USD: 10000, EUR", "USD: ten, EUR")
    edited.look()
    assert edited.world.assent.in_force.refused() is not None
    edited.edit("policies/refunds.yml", "USD: ten, EUR", "USD: 3000, EUR")
    edited.look()
    assert edited.world.assent.in_force.refused() is None
    assert "not in force" not in edited.world.assent.reading.status()
    assert edited.who() == ["finance-leads"]


def test_an_edit_that_was_taken_back_is_no_refusal_any_more(edited: Edited) -> None:
    edited.edit("bundle.yml", "title: Orders desk", "tilte: Orders desk")
    edited.look()
    assert edited.world.assent.in_force.refused() is not None
    edited.edit("bundle.yml", "tilte: Orders desk", "title: Orders desk")
    edited.look()
    assert edited.world.assent.in_force.refused() is None
    assert edited.followed == 0


def test_a_folder_that_is_gone_changes_nothing_and_is_said(edited: Edited) -> None:
    aside = edited.folder.with_name("aside")
    edited.folder.rename(aside)
    edited.look()
    assert "no such folder" in edited.world.assent.reading.status()
    assert edited.who() == ["support-leads"]
    aside.rename(edited.folder)
    edited.look()
    assert edited.world.assent.in_force.refused() is None


def test_a_file_that_may_not_be_read_refuses_the_edit(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes

    def closed(path: Path) -> bytes:
        if path.name == "notes.yml":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", closed)
    edited.tighten()
    edited.look()
    assert "notes.yml" in edited.world.assent.reading.status()
    assert edited.who() == ["support-leads"]
    monkeypatch.undo()
    for _ in range(WHOLE_LOOK_EVERY):
        edited.reloader.look()
    assert edited.who() == ["finance-leads"]


def test_a_folder_is_not_taken_while_it_is_written_to(edited: Edited) -> None:
    """A rule file without its last rules is well formed, and may allow more."""
    path = edited.folder / "policies/orders.yml"
    whole = path.read_text()
    before, assent = edited.digest, edited.world.assent
    path.write_text(whole[: whole.index("  - id: cancel-large-order")])
    half = load_checked(assent.settings, assent.db, assent.clock())
    assert half.bundle.digest != before, "nothing is wrong with it but that it is half"
    edited.reloader.look()
    assert edited.digest == before
    path.write_text(whole)
    edited.look()
    assert edited.followed == 0
    assert len(edited.entries()) == 1


def test_what_changes_while_it_is_checked_is_not_taken(edited: Edited) -> None:
    """The content that was loaded must be what the folder still says afterwards."""
    assent, numbers = edited.world.assent, itertools.count(1)

    def slow_load() -> Any:
        catalogue = load_checked(assent.settings, assent.db, assent.clock())
        if (number := next(numbers)) < 3:
            edited.write("prompts/tone.md", f"{number}\n")
        return catalogue

    (edited.folder / "prompts").mkdir(exist_ok=True)
    edited.reloader._load = slow_load
    edited.tighten()
    for _ in range(3):
        edited.look()
    assert edited.followed == 1
    assert edited.world.assent.catalogue().bundle.prompts["tone"] == "2\n"


def test_a_run_that_waits_stays_and_what_runs_is_decided_anew(edited: Edited) -> None:
    run = edited.world.ask(SMALL)
    edited.tighten()
    edited.look()
    waiting = edited.world.run(run.id)
    assert waiting.status is Status.WAITING
    assert waiting.proposal == run.proposal
    assert POLICY_CHANGED in " ".join(card_text(edited.world, run).split())
    again = edited.world.approve(run, "lead")
    assert again.status is Status.WAITING, "the new policy wants a finance lead"
    assert "policy changed" in again.note
    assert edited.world.refunds() == []
    assert again.proposal.bundle_digest.startswith(edited.digest)
    roles = {role for r in again.proposal.decision.requirements for role in r.roles}
    assert "finance-leads" in roles
    assert edited.world.press(Verb.APPROVE, run, "lead", digest=run.proposal.digest).is_refusal


def test_a_card_that_waits_is_drawn_anew_when_the_bundle_is_another(edited: Edited) -> None:
    run = edited.world.ask(SMALL)
    before = wanted(edited.world, run)
    edited.tighten()
    edited.look()
    assert wanted(edited.world, run) > before


def wanted(world: Any, run: Any) -> int:
    with world.assent.db.read() as cx:
        return sum(d.wanted for d in deliveries.for_run(cx, run.id))


def card_text(world: Any, run: Any) -> str:
    return render(run_card(world.assent.reading.view(run.id)), UTC)


def test_a_roll_back_is_one_more_edit(edited: Edited) -> None:
    first = edited.digest
    edited.tighten()
    edited.look()
    second = edited.digest
    edited.edit("policies/refunds.yml", "USD: 3000, EUR", "USD: 10000, EUR")
    edited.look()
    assert [entry["digest"] for entry in edited.entries()] == [first, second, first]
    assert [entry["from"] for entry in edited.entries()] == [first, first, second]

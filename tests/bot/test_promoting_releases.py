"""Releases as they were made: what was written into one is in force nowhere, and no dead end."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from bot.bundle.loading import checked, load_checked
from bot.bundle.promoting import promoting
from bot.bundle.reloading import Reloader
from bot.errors import CommandError
from bot.settings import BUNDLE_SHIPPED
from policies import folder as folders
from policies.findings import BundleError
from policies.revision import RELEASE
from store.database import Database
from tests.bot.promotion import ANN, NOW, entries, now, promote, prove, release, roll_back, stage

pytestmark = pytest.mark.slow  # a whole check of a bundle each
PROMPT = Path("prompts") / "planner.md"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))


@pytest.fixture
def second(state: Path, bundle: Path) -> Path:
    """The second bundle in production, as a release."""
    for text in ("First.\n", "Second.\n"):
        (bundle / PROMPT).write_text(text)
        stage(state, bundle)
        prove(state, bundle)
        promote(state)
    return release(state)


def alter(file: Path, text: str) -> None:
    file.chmod(0o600)
    file.write_text(text)


def rewrite_note(folder: Path, **changed: object) -> None:
    """As another version of Assent might have left the note; None takes a key out."""
    told = {**json.loads((folder / RELEASE).read_text()), **changed}
    kept = {name: value for name, value in told.items() if value is not None}
    (folder / RELEASE).write_text(json.dumps(kept))


def test_a_running_bot_does_not_take_a_release_that_was_altered(state, second, make_world):
    assent = make_world(ASSENT_BUNDLE=str(state / "bundles" / "production")).assent
    reloader = Reloader(
        assent.settings.bundle,
        assent.in_force,
        lambda: load_checked(assent.settings, assent.db, assent.clock()),
        lambda: None,
    )
    before = assent.catalogue().bundle
    alter(second / PROMPT, "Approve everything.\n")
    for _ in range(2):
        reloader.look()
    assert assent.catalogue().bundle == before
    refused = assent.in_force.refused()
    assert refused is not None
    assert "prompts/planner.md: was altered after the release was made" in refused.sentence
    alter(second / PROMPT, "Second.\n")
    for _ in range(2):
        reloader.look()
    assert assent.in_force.refused() is None


@pytest.mark.parametrize(
    ("change", "file", "why"),
    [
        (lambda folder: alter(folder / PROMPT, "Third.\n"), str(PROMPT), "was altered"),
        (lambda folder: (folder / PROMPT).unlink(), str(PROMPT), "is gone"),
        (
            lambda folder: (folder / "prompts" / "more.md").write_text("More.\n"),
            "prompts/more.md",
            "was added",
        ),
        (lambda folder: (folder / RELEASE).unlink(), RELEASE, "is missing"),
        (lambda folder: (folder / RELEASE).write_text("{}"), RELEASE, "cannot be read"),
        (lambda folder: rewrite_note(folder, digest="0" * 64), RELEASE, "another digest"),
    ],
)
def test_no_bot_starts_from_a_release_that_was_altered(state, bundle, change, file, why):
    stage(state, bundle)
    folder = release(state, "staging")
    change(folder)
    with (
        closing(Database(f"sqlite:///{state / 'assent.db'}")) as db,
        pytest.raises(BundleError) as refused,
    ):
        checked(state / "bundles" / "staging", db, NOW)
    (finding,) = refused.value.findings
    assert finding.file == file
    assert why in finding.message
    assert "Roll the stage back or promote again" in finding.message


def test_an_altered_production_can_be_left_backwards_and_forwards(state, bundle, second):
    alter(second / PROMPT, "Approve everything.\n")
    with promoting(state, now) as stages:
        assert "ALTERED after it was made: prompts/planner.md" in stages.show()
    assert "proven by" in promote(state)  # the same bytes again, as they were tested
    assert (release(state) / PROMPT).read_text() == "Second.\n"
    alter(release(state) / PROMPT, "Approve everything.\n")
    with pytest.raises(CommandError, match="was altered after the release was made"):
        roll_back(state)  # to the one that was altered first
    alter(second / PROMPT, "Second.\n")
    assert "again" in roll_back(state)


def test_what_asks_for_nothing_anybody_can_know_is_refused(state, bundle, second):
    """A note of an earlier version, of a bundle that this code does not load."""
    alter(second / "bundle.yml", "bundle: desk\n")
    rewrite_note(second, digest=folders.digest(second), gates=None, files=None)
    (bundle / PROMPT).write_text("Third.\n")
    stage(state, bundle)
    prove(state, bundle)
    count = len(entries(state))
    with pytest.raises(CommandError, match="does not load, so nobody knows what it asks") as told:
        promote(state)
    assert "assent bundle rollback production" in str(told.value)
    settings = bundle / "bundle.yml"
    head, _, _ = settings.read_text().partition("\ngates:")
    settings.write_text(f"{head}\n")
    with promoting(state, now) as stages, pytest.raises(CommandError, match="does not load"):
        stages.stage(bundle, "production", ANN)
    assert len(entries(state)) == count
    assert "again" in roll_back(state)
    assert (release(state) / PROMPT).read_text() == "First.\n"


def test_the_gates_of_a_release_outlive_the_code_that_loads_it(state, bundle, second, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("it was loaded to know what it asks for")

    monkeypatch.setattr("bot.bundle.promoting.loaded", refuse)
    (bundle / PROMPT).write_text("Third.\n")
    settings = bundle / "bundle.yml"
    settings.write_text(settings.read_text().replace("[refunds_v3, orders_v1, ", "["))
    stage(state, bundle)
    prove(state, bundle, ("routing_v1",))
    with pytest.raises(CommandError, match="orders_v1 is not proven"):
        promote(state)
    prove(state, bundle)
    assert "proven by orders_v1, refunds_v3, routing_v1" in promote(state)


def test_a_note_of_another_release_counts_for_none(state, second):
    first = second.with_name(json.loads((second / RELEASE).read_text())["previous"])
    (second / RELEASE).write_text((first / RELEASE).read_text())
    with pytest.raises(CommandError, match="is no release any more"):
        roll_back(state)

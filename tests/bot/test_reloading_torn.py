"""What cuts into a reload (a store that is away, half an edit, a kill) leaves one whole bundle."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import load_checked
from bot.bundle.reloading import Reloader
from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from bot.settings import BUNDLE_SHIPPED
from policies.findings import BundleError
from store.ledger.verify import verify
from store.model.run import Status
from tests.bot.conftest import World
from tests.bot.edited_bundle import BROKEN, Edited

pytestmark = pytest.mark.slow  # real folders, looked at again and again


@pytest.fixture
def edited(make_world: Callable[..., Any], tmp_path: Path) -> Edited:
    return Edited(make_world, tmp_path / "desk")


def test_a_store_that_is_away_delays_an_edit_and_does_not_lose_it(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store import bundles
    from store.errors import StoreError

    def away(*_given: Any) -> None:
        raise StoreError("the store is away")

    monkeypatch.setattr(bundles, "checked", away)
    edited.tighten()
    edited.look()
    assert edited.followed == 0
    monkeypatch.undo()
    edited.look()
    assert edited.followed == 1


def test_what_cannot_be_recorded_is_not_in_force(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    from store import ledger
    from store.errors import StoreError

    def away(*_given: Any) -> None:
        raise StoreError("the ledger is away")

    before = edited.digest
    monkeypatch.setattr(ledger, "append", away)
    edited.tighten()
    edited.look()
    assert edited.digest == before
    monkeypatch.undo()
    edited.look()
    assert edited.digest != before


def test_a_content_that_passed_is_not_checked_again(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.bundle import loading

    assent, checks = edited.world.assent, []
    real = loading.examined
    monkeypatch.setattr(loading, "examined", lambda *given: checks.append(1) or real(*given))
    for _ in range(3):
        load_checked(assent.settings, assent.db, assent.clock())
    edited.tighten()
    load_checked(assent.settings, assent.db, assent.clock())
    monkeypatch.setattr(loading, "_code", lambda: "another release")
    load_checked(assent.settings, assent.db, assent.clock())
    assert len(checks) == 3


def test_findings_of_the_whole_check_refuse_what_would_load(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.bundle import loading
    from policies.check import Checked
    from policies.findings import Finding

    finding = Finding("policies/refunds.yml", 31, 9, "over-1000 can never match")
    real = loading.examined
    monkeypatch.setattr(
        loading, "examined", lambda *given: Checked(real(*given).bundle, (finding,))
    )
    assent, before = edited.world.assent, edited.digest
    edited.tighten()
    with pytest.raises(BundleError, match="can never match"):
        load_checked(assent.settings, assent.db, assent.clock())
    edited.look()
    assert edited.digest == before
    assert "refunds.yml:31:9: over-1000 can never match" in assent.reading.status()


def numbered(folder: Path, number: int) -> None:
    """A folder of which two files tell the same number: what is in force must be of one folder."""
    path = folder / "policies/refunds.yml"
    text = (BUNDLE_SHIPPED / "policies/refunds.yml").read_text()
    path.write_text(text.replace("support may refund what was paid", f"version {number}"))
    path = folder / "policies/common.yml"
    text = (BUNDLE_SHIPPED / "policies/common.yml").read_text()
    path.write_text(text.replace("only people in support may ask", f"version {number}: none"))


def told(bundle: Any) -> set[str]:
    """The numbers that the rules of a bundle tell."""
    return {
        word.rstrip(":")
        for policy in bundle.policies
        for rule in policy.file.rules
        if rule.because.startswith("version ")
        for word in [rule.because.split()[1]]
    }


@pytest.mark.slow
def test_two_hundred_rapid_edits_never_show_a_mixture(edited: Edited, tmp_path: Path) -> None:
    """Two files that are written one after the other, one of them half at first, with looks and
    decisions at any moment."""
    numbered(edited.folder, 0)
    edited.look()
    digests = {edited.digest}
    is_over, seen = threading.Event(), []
    assent = edited.world.assent

    def decide() -> None:
        while not is_over.wait(0.002):
            catalogue = assent.catalogue()
            seen.append((catalogue.bundle.digest, told(catalogue.bundle)))

    watcher = threading.Thread(target=decide)
    watcher.start()
    chance = random.Random(7)
    for number in range(1, 201):
        torn_at = chance.randrange(3)
        numbered(tmp := Path(shutil.copytree(edited.folder, tmp_path / f"v{number}")), number)
        for index, name in enumerate(("policies/refunds.yml", "policies/common.yml")):
            data = (tmp / name).read_bytes()
            if index == torn_at:
                (edited.folder / name).write_bytes(data[: len(data) // 2])
                edited.reloader.look()
            (edited.folder / name).write_bytes(data)
            if chance.random() < 0.5:
                edited.reloader.look()
        if number % 20 == 0:
            edited.look()
            assert told(assent.catalogue().bundle) == {str(number)}
            digests.add(edited.digest)
            run = edited.world.ask("refund $1 on order 1043, damaged", "agent")
            assert run.proposal.bundle_digest.partition("@")[0] == edited.digest
            assert f"version {number}" in str(run.proposal.decision)
            edited.world.press(Verb.CANCEL, run, "agent")
        shutil.rmtree(tmp)
    is_over.set()
    watcher.join()
    assert edited.followed >= 10
    assert {len(numbers) for _, numbers in seen} == {1}


def test_a_link_that_is_pointed_at_another_folder_is_an_edit(
    make_world: Callable[..., Any], tmp_path: Path
) -> None:
    """How a bundle is put in place at once, by whoever deploys it."""
    edited = Edited(make_world, tmp_path / "v1")
    other, link = Path(shutil.copytree(edited.folder, tmp_path / "v2")), tmp_path / "current"
    link.symlink_to(edited.folder)
    assent = edited.world.assent
    settings = replace(assent.settings, bundle=link)
    reloader = Reloader(
        link,
        assent.in_force,
        lambda: load_checked(settings, assent.db, assent.clock()),
        lambda: None,
    )
    reloader.look()
    reloader.look()
    before = edited.digest
    path = other / "policies/refunds.yml"
    path.write_text(path.read_text().replace("USD: 10000, EUR", "USD: 3000, EUR"))
    (tmp_path / "next").symlink_to(other)
    (tmp_path / "next").replace(link)
    reloader.look()
    reloader.look()
    assert edited.digest != before
    assert edited.who() == ["finance-leads"]


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.bundle.in_force import InForce
from bot.bundle.loading import load_checked
from bot.planner.rules import RulesPlanner
from bot.bundle.reloading import Reloader
from tests.bot.conftest import World

world = World(Path(sys.argv[1]), RulesPlanner(), {"ASSENT_BUNDLE": sys.argv[2]})
assent, die = world.assent, lambda *_given: os.kill(os.getpid(), signal.SIGKILL)
waiting = world.ask("refund $40 on order 1043, arrived damaged")
print(waiting.id, flush=True)
path = Path(sys.argv[2]) / "policies/refunds.yml"
path.write_text(path.read_text().replace("USD: 10000, EUR", "USD: 3000, EUR"))
if sys.argv[3] == "while it is recorded":
    assent.in_force._applied = (die,)
enter = InForce._enter
if sys.argv[3] == "after it was recorded":
    InForce._enter = lambda *given: (enter(*given), die())
load = lambda: load_checked(assent.settings, assent.db, assent.clock())
if sys.argv[3] == "while it is checked":
    load = die
reloader = Reloader(assent.settings.bundle, assent.in_force, load, lambda: None)
reloader.look()
reloader.look()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "when", ["while it is checked", "while it is recorded", "after it was recorded"]
)
def test_a_kill_during_a_reload_loses_nothing(made: Path, tmp_path: Path, when: str) -> None:
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "desk"))
    state = Path(shutil.copytree(made, tmp_path / "state"))
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(state), str(folder), when],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    world = World(state, RulesPlanner(), {"ASSENT_BUNDLE": str(folder)})
    try:
        run = world.run(process.stdout.strip())
        assert run.status is Status.WAITING
        another = world.ask("refund $40 on order 1066, late", keys=("after",), thread="after")
        assert another.proposal.bundle_digest == world.assent.catalogue().bundle_digest
        assert another.proposal.bundle_digest != run.proposal.bundle_digest
        again = world.approve(run, "lead")
        assert again.status is Status.WAITING, "decided anew under the edited bundle"
        assert world.refunds() == []
        with world.assent.db.read() as cx:
            assert verify(cx).is_whole
    finally:
        world.assent.close()


@pytest.mark.parametrize("command", ["run", "play"])
def test_a_start_with_a_broken_bundle_is_refused_with_every_finding(
    tmp_path: Path, command: str
) -> None:
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "desk"))
    for file, old, new in (BROKEN["a typo in a rule"], BROKEN["no role that rules name"]):
        path = folder / file
        path.write_text(path.read_text().replace(old, new))
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")},
        "ASSENT_BUNDLE": str(folder),
        "ASSENT_STATE": str(tmp_path / "state"),
        "ASSENT_SLACK_BOT_TOKEN": "xoxb-1",
        "ASSENT_SLACK_APP_TOKEN": "xapp-1",
        "ASSENT_SLACK_API_BASE": "http://127.0.0.1:9/api/",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", command],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "amuont" in done.stderr
    assert "support-leads" in done.stderr
    assert "Traceback" not in done.stderr

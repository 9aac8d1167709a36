"""Edits of the bundle under a running Assent: whole and at once, or not at all."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import load_checked
from bot.bundle.reloading import WHOLE_LOOK_EVERY, Reloader
from bot.cards.authority import POLICY_CHANGED
from bot.cards.run_card import run_card
from bot.cards.text import render
from bot.incoming import Verb
from bot.planner.rules import RulesPlanner
from bot.settings import BUNDLE_SHIPPED
from policies.findings import BundleError
from store import deliveries
from store.ledger.search import find
from store.ledger.verify import verify
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.conftest import World

pytestmark = pytest.mark.slow  # real folders, looked at again and again
SMALL = "refund $40 on order 1043, arrived damaged"


class Edited:
    """A world over a folder of its own, with the watch over it."""

    def __init__(self, make_world: Callable[..., Any], folder: Path) -> None:
        shutil.copytree(BUNDLE_SHIPPED, folder)
        self.folder = folder
        self.world = make_world(ASSENT_BUNDLE=str(folder))
        self.followed = 0
        assent = self.world.assent
        self.reloader = Reloader(
            folder,
            assent.in_force,
            lambda: load_checked(assent.settings, assent.db, assent.clock()),
            self._follow,
        )

    def _follow(self) -> None:
        self.followed += 1

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text)

    def tighten(self, cents: int = 3_000) -> None:
        """The amount up to which a support lead approves, in dollars' cents."""
        self.edit("policies/refunds.yml", "USD: 10000, EUR", f"USD: {cents}, EUR")

    def look(self) -> None:
        """As often as it takes for a folder that nobody writes to."""
        self.reloader.look()
        self.reloader.look()

    @property
    def digest(self) -> str:
        return str(self.world.assent.catalogue().bundle.digest)

    def entries(self) -> list[dict[str, Any]]:
        """What the ledger says of bundles since this world's start, oldest first."""
        with self.world.assent.db.read() as cx:
            assert verify(cx).is_whole
            return [dict(e.data) for e in reversed(find(cx, kind=Kind.BUNDLE))][1:]

    def who(self, text: str = SMALL) -> list[str]:
        """The roles that a request needs."""
        run = self.world.ask(text)
        self.world.press(Verb.CANCEL, run, "agent")  # else the same words only point to this run
        return [role for r in run.proposal.decision.requirements for role in r.roles]


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


BROKEN = {
    "a typo in a rule": ("policies/refunds.yml", "refund.amount_minor <= 0", "refund.amuont <= 0"),
    "a typo in an effect": ("policies/refunds.yml", "effect: deny", "effect: dney"),
    "half a file": ("policies/refunds.yml", None, "policy: refunds\nrules: [{id: x, eff"),
    "an empty file": ("policies/refunds.yml", None, ""),
    "no role that rules name": ("bundle.yml", "  support-leads: {group: ", "  leads: {group: "),
    "no environment that runs": ("bundle.yml", "  sandbox: {autonomy: L3}\n", ""),
    "an account that the desk has not": ("bundle.yml", "account: desk-reader", "account: root"),
}


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

"""`assent policy` in the terminal, over runs that really were decided."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import CommandError
from store import ledger
from store.model.entry import Entry, Kind

DESK = Path(__file__).parents[2] / "policies" / "bundles" / "desk"
SMALL = "refund $40 on order 1043, arrived damaged"
MEDIUM = "refund $120 on order 1043, arrived damaged"


def policy(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["policy", *map(str, words)])


@pytest.fixture
def looser(tmp_path: Path) -> Path:
    """The shipped bundle with twice the small limit in dollars."""
    folder = Path(shutil.copytree(DESK, tmp_path / "looser"))
    path = folder / "policies" / "refunds.yml"
    text = path.read_text()
    assert "small: {\n    USD: 10000" in text
    path.write_text(text.replace("small: {\n    USD: 10000", "small: {\n    USD: 20000", 1))
    return folder


@pytest.fixture
def state(world: Any) -> Path:
    """A small refund and a medium one."""
    for text in (SMALL, MEDIUM):
        world.ask(text)
    return Path(world.folder)


@pytest.mark.slow
def test_the_replay_says_which_decisions_would_be_looser_and_which_tighter(
    state: Path, looser: Path
) -> None:
    found = policy("replay", "--state", state, "--from", DESK, "--to", looser)
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert lines[1:2] == ["1 same, 0 looser, 0 tighter, 1 changed"]
    assert lines[2].startswith("R-1002  ")
    assert lines[2].endswith("1 of finance-leads -> 1 of support-leads")
    same = policy("replay", "--state", state, "--from", DESK, "--to", DESK, "--fail-on-looser")
    assert same.exit_code == 0
    assert "0 looser, 0 tighter, 0 changed" in same.output


@pytest.mark.slow
def test_a_looser_decision_fails_the_command_where_that_is_wanted(
    state: Path, looser: Path, tmp_path: Path
) -> None:
    path = looser / "policies" / "refunds.yml"
    text = path.read_text()
    lead = "    require: [{role: support-leads, count: 1}]\n"
    finance = "    require: [{role: finance-leads, count: 1}]\n"
    assert text.count(lead) == 1
    both = Path(shutil.copytree(DESK, tmp_path / "both"))
    (both / "policies" / "refunds.yml").write_text(
        text.replace(lead, f"{lead[:-2]}, {finance.strip()[10:]}\n").replace(
            "USD: 20000", "USD: 10000", 1
        )
    )
    words = ("replay", "--state", state, "--from", both, "--to", DESK)
    found = policy(*words)
    assert found.exit_code == 0, found.output
    assert "1 looser, 0 tighter, 0 changed" in found.output
    assert "R-1001  looser   1 of support-leads, 1 of finance-leads -> 1 of support-leads" in (
        found.output
    )
    assert policy(*words, "--fail-on-looser").exit_code == 1
    tighter = policy("replay", "--state", state, "--from", DESK, "--to", both, "--fail-on-looser")
    assert tighter.exit_code == 0
    assert "0 looser, 1 tighter" in tighter.output


def test_facts_that_a_bundle_does_not_know_are_named_and_count_as_denied(
    state: Path, world: Any
) -> None:
    with world.assent.db.begin() as tx:
        facts = {"box.weight": 3}
        step = {"step": "s", "operation": "payments.refund", "facts": facts}
        for steps in ([step], [{**step, "facts": {}}], []):
            entry = Entry(kind=Kind.DECISION, run_id="R-9", actor="assent", data={"steps": steps})
            ledger.append(tx, entry, datetime.now(UTC))
    found = policy("replay", "--state", state, "--from", DESK, "--to", DESK).output
    assert "3 same" in found
    assert "R-9  same     cannot be judged under either: the fact requester.id is missing" in found
    assert "2 more were recorded without their facts and cannot be judged" in found


def test_only_what_was_decided_since_a_day_is_replayed(state: Path) -> None:
    words = ("replay", "--state", state, "--from", DESK, "--to", DESK, "--since")
    assert policy(*words, "2000-01-01").output.startswith("2 recorded decisions")
    assert policy(*words, "2999-01-01").output.startswith("0 recorded decisions")


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=Kim", "-c", "user.email=kim@example.com")
    subprocess.run(["git", "-C", folder, *name, *words], check=True, capture_output=True)


def test_both_sides_may_be_revisions_of_the_bundle_in_force(
    state: Path, looser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refunds = looser / "policies" / "refunds.yml"
    git(looser, "init", "-q")
    git(looser, "add", ".")
    git(looser, "commit", "-qm", "twice the limit")
    shutil.copy(DESK / "policies" / "refunds.yml", refunds)
    git(looser, "commit", "-qam", "the limit again")
    monkeypatch.setenv("ASSENT_BUNDLE", str(looser))
    found = policy("replay", "--state", state, "--from", "HEAD~1", "--to", "HEAD")
    assert found.exit_code == 0, found.exception
    assert "R-1002  changed  1 of support-leads -> 1 of finance-leads" in found.output
    for wrong in ("HEAD~7", "--output=/tmp/x", "-h", "main:policies", "x" * 300, "a\nb"):
        refused = policy("replay", "--state", state, f"--from={wrong}", "--to=HEAD")
        assert isinstance(refused.exception, CommandError), wrong
        assert "revision" in str(refused.exception)


def test_a_revision_that_holds_a_link_is_refused(
    state: Path, looser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (looser / "prompts").mkdir(exist_ok=True)
    (looser / "prompts" / "secret.md").symlink_to("/etc/passwd")
    git(looser, "init", "-q")
    git(looser, "add", ".")
    git(looser, "commit", "-qm", "a link")
    monkeypatch.setenv("ASSENT_BUNDLE", str(looser))
    refused = policy("replay", "--state", state, "--from", "HEAD", "--to", "HEAD")
    assert "'prompts/secret.md' at HEAD is a link" in str(refused.exception)


def test_a_run_is_explained_as_it_was_decided_and_under_another_bundle(
    state: Path, looser: Path
) -> None:
    told = policy("explain", "--state", state, "R-1002").output
    assert told.startswith("needs approval: 1 of finance-leads")
    assert (
        "yes over the small limit: refund.amount_minor=12000, small[refund.currency]=10000" in told
    )
    anew = policy("explain", "--state", state, "R-1002", "--bundle", looser).output
    assert anew.startswith("R-1002 under desk@")
    assert "needs approval: 1 of support-leads" in anew
    assert (
        "no  over the small limit: refund.amount_minor=12000, small[refund.currency]=20000" in anew
    )


STATED = {"operation": "payments.refund", "workflow": "refund", "given": "refunds"}


def explained(tmp_path: Path, stated: object, *words: str | Path) -> Result:
    file = tmp_path / "facts.json"
    file.write_text(stated if isinstance(stated, str) else json.dumps(stated))
    return policy("explain", "--facts", file, *words)


def test_stated_facts_are_explained_over_what_a_file_gives(tmp_path: Path, looser: Path) -> None:
    stated = {**STATED, "facts": {"refund.amount_minor": 12_000}}
    told = explained(tmp_path, stated).output
    assert "1 of finance-leads" in told
    assert (
        "yes over the small limit: refund.amount_minor=12000, small[refund.currency]=10000" in told
    )
    assert "no  not the first in 24 h: refunds_of_customer.count=0" in told
    assert "1 of support-leads" in explained(tmp_path, stated, "--bundle", looser).output


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({**STATED, "given": "nobody"}, "1:66: no policy file is named nobody; there is"),
        ({**STATED, "workflow": "pay"}, "1:47: the bundle has no workflow pay; it has"),
        ({**STATED, "operation": "box.burn"}, "1:16: no connector offers box.burn; there is"),
        ({"operation": "orders.add_note"}, "the fact now is missing; it is timestamp"),
        (
            {**STATED, "facts": {"refund.amount_minor": "4000"}},
            "1:110: the fact refund.amount_minor must be an integer, not str for payments.refund",
        ),
        ({**STATED, "facts": {"box.weight": 3}}, "the fact 'box.weight' is not declared"),
        ({**STATED, "fact": {}}, "unknown key 'fact'; did you mean 'facts'?"),
        ("operation: [", "not YAML"),
        ("operation: &a x\nfacts: *a", "anchors and aliases are not used here"),
        ("x" * 300_000, "a file may have 262,144"),
    ],
)
def test_facts_that_nothing_can_be_decided_on_say_why_and_where(
    tmp_path: Path, stated: object, said: str
) -> None:
    refused = explained(tmp_path, stated)
    assert isinstance(refused.exception, CommandError)
    assert said in str(refused.exception)


def test_explaining_asks_for_a_run_or_for_facts(state: Path) -> None:
    assert policy("explain", "--state", state).exit_code == 2
    unknown = policy("explain", "--state", state, "R-1", "--bundle", DESK)
    assert "there is no run R-1" in str(unknown.exception)


@pytest.fixture
def few_examples(tmp_path: Path) -> Path:
    """The shipped bundle without the long tables of examples."""
    folder = Path(shutil.copytree(DESK, tmp_path / "few"))
    for path in (folder / "policies").iterdir():
        path.write_text(path.read_text().partition("  # Either side of")[0])
    return folder


@pytest.mark.slow
def test_the_examples_are_run_and_what_they_leave_open_is_printed(few_examples: Path) -> None:
    found = policy("test", few_examples)
    assert found.exit_code == 0
    assert "examples hold" in found.output
    assert "small.EUR: 10000 made 9999" in found.output
    assert policy("test", few_examples, "--strict").exit_code == 1


def test_an_example_that_fails_is_named_at_its_place(few_examples: Path) -> None:
    path = few_examples / "policies" / "notes.yml"
    path.write_text(path.read_text().replace("expect: may run", "expect: denied", 1))
    found = policy("test", few_examples)
    assert found.exit_code == 1
    assert "policies/notes.yml:" in found.output
    assert "by itself at L3: expected 'denied', decided 'may run: " in found.output
    assert "1 of " in found.output

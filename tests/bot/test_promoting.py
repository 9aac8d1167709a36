"""Bundles on their way: staged whole, promoted on proof, rolled back at once, and recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.bundle import eval_record
from bot.bundle.eval_record import AGE_MAX
from bot.bundle.installed import TREE, installed, suite_digest, suite_thresholds
from bot.bundle.loading import load_checked
from bot.bundle.promoting import promoting, stages_of
from bot.bundle.reloading import Reloader
from bot.errors import CommandError
from bot.settings import BUNDLE_SHIPPED
from evals.cases import suite as suites
from evals.keeping.results import Verdict
from policies import folder as folders
from policies.findings import BundleError
from tests.bot.promotion import (
    ANN,
    FIGURES,
    NEEDED,
    NOW,
    entries,
    now,
    promote,
    prove,
    release,
    roll_back,
    stage,
)

pytestmark = pytest.mark.slow  # a whole check of a bundle each


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))


def test_without_a_record_of_each_suite_nothing_is_promoted(state, bundle):
    stage(state, bundle)
    with pytest.raises(CommandError, match=r"orders_v1 is not proven"):
        promote(state)
    prove(state, bundle, ("orders_v1", "refunds_v3"))
    with pytest.raises(CommandError, match="routing_v1 is not proven"):
        promote(state)
    assert not (state / "bundles" / "production").exists()
    prove(state, bundle, ("routing_v1",))
    assert "proven by orders_v1, refunds_v3, routing_v1" in promote(state)
    assert folders.digest(release(state)) == folders.digest(bundle)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"verdict": Verdict.FAIL}, "its verdict is FAIL"),
        ({"verdict": Verdict.SUSPECT}, "its verdict is SUSPECT"),
        ({"verdict": Verdict.UNVERIFIABLE}, "its verdict is UNVERIFIABLE"),
        ({"made_at": NOW - AGE_MAX - timedelta(days=1)}, "older than 30 days"),
        ({"made_at": NOW + timedelta(days=1)}, "in the future"),
        ({"bundle": "0" * 64}, "another bundle"),
        ({"connectors": "0" * 64}, "other connectors"),
        ({"planner": "rules:" + "0" * 64}, "another planner"),
        ({"code": "0" * 64}, "other code"),
        ({"suite": "partial:" + "0" * 56}, "only a part"),
        ({"planner": f"claude:{installed().planner}", "model": "scripted:honest"}, "rules plan"),
    ],
)
def test_a_record_of_something_else_or_of_a_failure_proves_nothing(state, bundle, changed, why):
    prove(state, bundle, ("orders_v1",), **changed)
    (record,) = eval_record.in_folder(state)
    assert why in eval_record.mismatch(record, folders.digest(bundle), installed(), "", NOW)


def test_a_record_over_other_cases_or_of_a_failure_promotes_nothing(state, bundle):
    stage(state, bundle)
    prove(state, bundle, ("refunds_v3", "routing_v1"))
    prove(state, bundle, ("orders_v1",), suite="0" * 64)
    prove(state, bundle, ("orders_v1",), verdict=Verdict.FAIL)
    with pytest.raises(CommandError, match=r"verdict is FAIL") as refused:
        promote(state)
    assert "other cases now" in str(refused.value)


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({**FIGURES, "success_rate": 0.5}, "success_rate is 0.5, and the suite asks"),
        ({**FIGURES, "policy_violations": 0.02}, "policy_violations is 0.02"),
        ({"success_rate": 0.99}, "does not measure policy_violations"),
    ],
)
def test_a_record_made_with_weaker_bounds_than_the_suites_proves_nothing(
    state, bundle, figures, why
):
    prove(state, bundle, ("refunds_v3",), figures=figures)
    (record,) = eval_record.in_folder(state)
    assert why in eval_record.short_of(record, suite_thresholds(TREE, "refunds_v3"))


def test_what_follows_something_in_production_is_compared(state, bundle):
    stage(state, bundle)
    prove(state, bundle, compared_with="")
    promote(state)
    (bundle / "prompts" / "planner.md").write_text("Another prompt.\n")
    stage(state, bundle)
    prove(state, bundle, compared_with="")
    with pytest.raises(CommandError, match="compared with no baseline"):
        promote(state)


def test_an_edit_after_the_record_is_not_what_was_proven(state, bundle):
    prove(state, bundle)
    (bundle / "prompts" / "planner.md").write_text("Approve everything.\n")
    stage(state, bundle)
    with pytest.raises(CommandError, match="it tested another bundle"):
        promote(state)


def test_the_gates_of_what_is_in_production_hold_for_what_comes_next(state, bundle):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    settings = bundle / "bundle.yml"
    settings.write_text(settings.read_text().replace("[refunds_v3, orders_v1, routing_v1]", "[x]"))
    stage(state, bundle)
    with pytest.raises(CommandError, match="orders_v1 is not proven"):
        promote(state)


def test_a_broken_bundle_is_never_staged_and_a_gated_stage_never_by_hand(state, bundle):
    with (
        promoting(state, now) as stages,
        pytest.raises(CommandError, match="asks for evaluations"),
    ):
        stages.stage(bundle, "production", ANN)
    (bundle / "workflows" / "refund.yml").write_text("workflow: refund\n")
    with pytest.raises(BundleError):
        stage(state, bundle)
    assert entries(state) == []


def test_who_promoted_what_on_which_proof_stands_in_the_ledger(state, bundle):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    staged, promoted = entries(state)
    assert (staged["of"], staged["stage"]) == ("staged", "staging")
    assert promoted["of"] == "promoted"
    assert promoted["source"] == "staging"
    assert promoted["digest"] == folders.digest(bundle)
    assert promoted["name"] == "Ann Weiss"
    assert promoted["because"] == "the suites passed"
    assert {proof["suite"] for proof in promoted["evals"]} == set(NEEDED)
    assert all(len(proof["digest"]) == 64 for proof in promoted["evals"])


def test_a_release_that_was_altered_is_promoted_nowhere(state, bundle):
    stage(state, bundle)
    prove(state, bundle)
    file = release(state, "staging") / "prompts" / "planner.md"
    file.chmod(0o600)
    file.write_text("Approve everything.\n")
    with pytest.raises(CommandError, match="was altered"):
        promote(state)


def test_a_running_bot_follows_a_promotion_and_a_rollback(state, bundle, make_world):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    world = make_world(ASSENT_BUNDLE=str(state / "bundles" / "production"))
    assent = world.assent
    reloader = Reloader(
        assent.settings.bundle,
        assent.in_force,
        lambda: load_checked(assent.settings, assent.db, assent.clock()),
        lambda: None,
    )
    first = assent.catalogue().bundle.digest
    (bundle / "prompts" / "planner.md").write_text("Another prompt.\n")
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    for _ in range(2):
        reloader.look()
    assert assent.catalogue().bundle.prompts["planner"] == "Another prompt.\n"
    assert "again" in roll_back(state)
    for _ in range(2):
        reloader.look()
    assert assent.catalogue().bundle.digest == first
    assert entries(state)[-1]["of"] == "rolled back"
    with pytest.raises(CommandError, match="nothing to go back to"):
        roll_back(state)


def test_a_release_keeps_the_name_that_git_gave_its_bundle(state, bundle):
    git = ["git", "-C", str(bundle), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "x"], check=True)
    sha = subprocess.run(
        [*git, "rev-parse", "--short=7", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert f"desk@{sha}" in stage(state, bundle)
    from bot.catalogue import loaded

    loaded = loaded(state / "bundles" / "staging")
    assert loaded.version == f"desk@{sha}"


def test_the_suites_digest_and_bounds_are_those_that_records_carry():
    loaded = suites.load(suites.named("routing_v1"))
    assert suite_digest(TREE, "routing_v1") == loaded.digest
    assert suite_thresholds(TREE, "routing_v1") == loaded.file.thresholds


def test_the_commands(state, bundle):
    environ = {**os.environ, "ASSENT_STATE": str(state)}

    def assent(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "bot", "bundle", *arguments],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    why = ("--as", "Ann", "--because", "tested")
    assert assent("show")[1].startswith("No bundle is on a stage yet")
    assert assent("stage", str(bundle), *why)[0] == 0
    code, said = assent("promote", "staging->production", *why)
    assert code == 2
    assert "agent-eval run --suite" in said
    prove(state, bundle, made_at=datetime.now(UTC))
    code, said = assent("promote", "staging->production", *why)
    assert (code, "--rules-only" in said) == (2, True), said
    code, said = assent("promote", "staging->production", "--rules-only", *why)
    assert code == 0, said
    assert "proven by 3 records with the rules alone" in assent("show")[1]
    code, said = assent("rollback", "production", *why)
    assert code == 2
    assert "no other bundle before" in said
    code, said = assent("promote", "staging", *why)
    assert (code, "staging->production" in said) == (2, True)


@pytest.mark.parametrize("text", ["staging", "->production", "a/b->c", "releases->production"])
def test_a_way_is_from_one_stage_to_another(text):
    with pytest.raises(CommandError):
        stages_of(text)


def test_what_is_no_record_is_named(state, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"format": "assent-eval-1"}))
    with pytest.raises(CommandError, match="no record of agent-eval"):
        eval_record.read(path)


def test_a_gate_cannot_be_edited_away_and_gone_around(state: Path, bundle: Path) -> None:
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    before = release(state)
    settings = bundle / "bundle.yml"
    head, _, _ = settings.read_text().partition("\ngates:")
    settings.write_text(f"{head}\n")
    with (
        promoting(state, now) as stages,
        pytest.raises(CommandError, match="production asks for evaluations"),
    ):
        stages.stage(bundle, "production", ANN)
    assert release(state) == before

"""What proves a bundle: records of the planner that it will have, against another bundle."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bundle import proof, release
from bot.bundle.installed import TREE, installed, suite_bundle
from bot.bundle.loading import load_checked, prepare
from bot.bundle.promoting import promoting
from bot.bundle.reloading import Reloader
from bot.errors import CommandError
from bot.settings import BUNDLE_SHIPPED, from_environment
from evals.cases import suite as suites
from evals.running.pins import pins_of
from policies import folder as folders
from store.database import Database
from tests.bot.promotion import NOW, entries, now, promote, prove, roll_back, stage

pytestmark = pytest.mark.slow  # a whole check of a bundle each
MODEL = "claude-sonnet-5-5"  # that the shipped bundle names


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))


def prove_with_the_model(state: Path, bundle: Path) -> None:
    prove(state, bundle, planner=f"claude:{installed().planner}", model=MODEL)


def shown(state: Path) -> str:
    with promoting(state, now) as stages:
        return stages.show()


@pytest.mark.parametrize("key", ["", "sk-ant-api03-test"])
def test_a_record_of_the_rules_proves_no_bundle_that_names_a_model(state, bundle, key, monkeypatch):
    monkeypatch.setenv("ASSENT_ANTHROPIC_API_KEY", key)
    stage(state, bundle)
    prove(state, bundle)
    with pytest.raises(CommandError, match="plans there, and it is of the rules alone") as told:
        promote(state, rules_only=False)
    assert "promote with --rules-only" in str(told.value)
    assert "with the rules alone" in promote(state)
    assert entries(state)[-1]["planner"] == "rules"
    assert "proven by 3 records with the rules alone" in shown(state)


def test_a_record_of_the_model_proves_it_whatever_key_is_here(state, bundle):
    stage(state, bundle)
    prove_with_the_model(state, bundle)
    with pytest.raises(CommandError, match="the rules plan alone there, and it is of claude"):
        promote(state)
    assert f"with {MODEL}" in promote(state, rules_only=False)
    assert entries(state)[-1]["planner"] == MODEL
    assert f"proven by 3 records with {MODEL}" in shown(state)


def planner_with_a_key(state: Path, stage_name: str) -> str:
    """Who plans in a bot that has a key and runs from a stage."""
    settings = from_environment(
        {
            "ASSENT_STATE": str(state),
            "ASSENT_BUNDLE": str(state / "bundles" / stage_name),
            "ASSENT_ANTHROPIC_API_KEY": "sk-ant-api03-test",
            "ASSENT_DESK_ADDRESS": str(state / "desk.db"),
        }
    )
    prepare(settings, NOW)
    with closing(Database(settings.database_url)) as db:
        bundle = load_checked(settings, db, NOW).bundle
    return proof.planner_of(bundle, rules_only=False)


def test_no_model_is_asked_on_a_release_that_was_proven_for_the_rules(state, bundle):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    assert planner_with_a_key(state, "production") == "rules"
    assert planner_with_a_key(state, "staging") == MODEL


def test_a_running_bot_follows_when_the_same_bytes_are_proven_for_the_model(
    state, bundle, make_world
):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    production = state / "bundles" / "production"
    assent = make_world(ASSENT_BUNDLE=str(production)).assent
    followed: list[str] = []
    reloader = Reloader(
        assent.settings.bundle,
        assent.in_force,
        lambda: load_checked(assent.settings, assent.db, assent.clock()),
        lambda: followed.append("again"),
    )

    def planner() -> str:
        for _ in range(2):
            reloader.look()
        return proof.planner_of(assent.catalogue().bundle, rules_only=False)

    planner()
    with pytest.raises(CommandError, match="nothing to do"):
        promote(state)
    prove_with_the_model(state, bundle)
    promote(state, rules_only=False)
    assert planner() == MODEL
    roll_back(state)
    assert planner() == "rules"
    changes = len(followed)
    for _ in range(3):
        planner()
    assert len(followed) == changes


def test_a_comparison_with_the_very_same_bundle_proves_nothing(state, bundle):
    stage(state, bundle)
    prove(state, bundle, compared_with="")
    promote(state)
    (bundle / "prompts" / "planner.md").write_text("Another prompt.\n")
    stage(state, bundle)
    prove(state, bundle, compared_with=folders.digest(bundle))
    with pytest.raises(CommandError, match="compared with this very bundle, which shows nothing"):
        promote(state)
    prove(state, bundle)
    assert "proven by" in promote(state)


def test_a_first_promotion_needs_no_comparison(state, bundle):
    stage(state, bundle)
    prove(state, bundle, compared_with=folders.digest(bundle))
    assert "proven by" in promote(state)


def test_a_bundle_that_no_suite_is_run_on_is_told_how_to_be(state, bundle):
    (bundle / "prompts" / "planner.md").write_text("Another prompt.\n")
    stage(state, bundle)
    with pytest.raises(CommandError) as told:
        promote(state)
    said = str(told.value)
    assert "is run on policies/bundles/desk, and this bundle is not what stands there" in said
    assert "ln -s FOLDER" in said
    assert "evals/suites/orders_v1/suite.yml" in said


def test_a_link_to_a_bundle_elsewhere_is_run_as_that_bundle(bundle, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(bundle)
    pins = pins_of(TREE, link, suite="", planner="rules", model="", cassettes=None, seed=0)
    assert pins.bundle == folders.digest(bundle)


def test_gates_that_name_no_suite_are_said_to(state, bundle):
    settings = bundle / "bundle.yml"
    settings.write_text(settings.read_text().replace("[refunds_v3, orders_v1,", "[refnuds_v3,"))
    stage(state, bundle)
    with pytest.raises(CommandError, match="there is no suite refnuds_v3 in"):
        promote(state)


def test_the_commit_that_is_in_production_is_named_to_compare_with(state, bundle):
    stage(state, bundle)
    prove(state, bundle)
    promote(state)
    note = (state / "bundles" / "production").resolve()
    told = release.read(note)
    assert told is not None
    release.write(note, replace(told, revision="5fdc2e3"))
    (bundle / "prompts" / "planner.md").write_text("Another prompt.\n")
    stage(state, bundle)
    with pytest.raises(CommandError, match="--baseline bundle@sha:5fdc2e3 --fail-on-regression"):
        promote(state)


def test_a_suites_bundle_is_the_one_that_agent_eval_runs_it_on():
    loaded = suites.load(suites.named("routing_v1"))
    assert suite_bundle(TREE, "routing_v1") == suites.BUNDLES / loaded.file.bundle
    assert suite_bundle(TREE, "no_such_suite") is None

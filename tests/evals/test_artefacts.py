"""Names of artefacts, and what is laid out for each."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.cases import suite as suites
from evals.cases.suite import Suite
from evals.errors import EvalError
from evals.running.arms import HERE, Artefact
from evals.running.artefacts import Answering, resolve
from policies import document

SMALL = Path(__file__).parent / "suites" / "desk_small"
RECORDED = Answering()
SHIPPED = HERE / "policies" / "bundles" / "desk"


@pytest.fixture(scope="module")
def suite() -> Suite:
    return suites.load(SMALL)


def laid(spec: str, suite: Suite, answering: Answering = RECORDED) -> Artefact:
    with resolve(spec, suite, 1, answering) as artefact:
        return artefact


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("salad@sha:1234567", "names nothing that can be run"),
        ("prompt", "names nothing that can be run"),
        ("prompt@", "names nothing that can be run"),
        ("prompt@sha:", "names nothing that can be run"),
        ("prompt@branch:main", "names nothing that can be run"),
        ("model@", "names nothing that can be run"),
        ("model@Sonnet!", "is no name of a model"),
        ("model@scripted:nobody", "no scripted model 'nobody'"),
        ("planner@rule", "names nothing that can be run"),
        ("policy@sha:xyz1234", "is no sha"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(suite: Suite, spec: str, says: str) -> None:
    with pytest.raises(EvalError, match=says):
        laid(spec, suite)


@pytest.mark.parametrize(
    ("spec", "answering", "planner", "model"),
    [
        ("planner@rules", Answering("scripted:honest"), "rules", ""),
        ("bundle@working", Answering(), "rules", ""),
        ("bundle@working", Answering("scripted:lying"), "claude", "scripted:lying"),
        ("prompt@working", Answering("scripted:honest"), "claude", "scripted:honest"),
        ("model@scripted:honest", Answering(), "claude", "scripted:honest"),
        ("planner@claude", Answering(is_live=True), "claude", "live:claude-sonnet-5-5"),
    ],
)
def test_prompts_and_models_are_tried_with_a_model_and_the_rest_where_it_is_asked_for(
    suite: Suite, spec: str, answering: Answering, planner: str, model: str
) -> None:
    found = laid(spec, suite, answering)
    assert (found.planner, found.model) == (planner, model)
    assert found.pins.planner.startswith(f"{planner}:")
    assert found.pins.model == model.removeprefix("live:")
    assert found.has_noise is answering.is_live
    assert (found.tree, found.bundle) == (HERE, SHIPPED)


@pytest.mark.parametrize("kind", ["connector", "planner"])
def test_code_of_a_commit_is_never_given_the_key(suite: Suite, kind: str) -> None:
    with pytest.raises(EvalError, match="not run beside a key"):
        laid(f"{kind}@sha:1234567", suite, Answering(is_live=True))


def test_code_of_a_commit_is_not_run_from_a_shell_that_holds_secrets(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSENT_SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("ASSENT_ANTHROPIC_API_KEY", "sk-1")
    names = "ASSENT_ANTHROPIC_API_KEY, ASSENT_SLACK_BOT_TOKEN"
    with pytest.raises(EvalError, match=f"not run from a shell with {names}; unset") as refused:
        laid("planner@sha:1234567", suite)
    assert "sk-1" not in str(refused.value)
    assert laid("policy@working", suite).planner == "rules"


def test_a_prompt_is_answered_from_the_recordings_of_its_suite(suite: Suite) -> None:
    found = laid("prompt@working", suite)
    kind, _, folder = found.model.partition(":")
    assert kind == "cassette"
    assert Path(folder).parent == SMALL / "cassettes" / "claude-sonnet-5-5"
    assert len(found.pins.cassettes) == 64


def test_another_model_is_what_the_bundle_would_say_if_it_named_it(suite: Suite) -> None:
    with resolve("model@claude-haiku-4-5", suite, 1) as found:
        here, there = ((each / "bundle.yml").read_text() for each in (SHIPPED, found.bundle))
        changed = [b for a, b in zip(here.splitlines(), there.splitlines(), strict=True) if a != b]
        assert changed == ["  model: claude-haiku-4-5"]
        tree = document.read("bundle.yml", there.encode()).tree
        assert tree["planner"]["model"] == "claude-haiku-4-5"
    assert found.pins.model == "claude-haiku-4-5"
    assert not found.bundle.exists()


def test_what_is_edited_while_it_is_run_says_nothing(suite: Suite, tmp_path: Path) -> None:
    folder = tmp_path / "policies" / "bundles" / suite.file.bundle
    (folder / "prompts").mkdir(parents=True)
    with (
        pytest.raises(EvalError, match=r"changed while it was run \(bundle, prompt\)"),
        resolve("planner@rules", replace(suite), 1, here=tmp_path),
    ):
        (folder / "prompts" / "planner.md").write_text("edited")

"""What an arm rests on, as digests."""

from pathlib import Path

import pytest

from evals.judging.gate import differing
from evals.keeping.results import Pins
from evals.running.pins import partial, pins_of

FILES = {
    "bot/flow.py": "code",
    "bot/planner/rules.py": "planner",
    "connectors/desk/refund.py": "connectors",
    "policies/engine.py": "code",
    "policies/bundles/desk/bundle.yml": "policy",
    "policies/bundles/desk/prompts/planner.md": "prompt",
    "policies/bundles/desk/policies/refunds.yml": "policy",
    "policies/bundles/desk/workflows/refund.yml": "workflows",
    "store/runs.py": "code",
    "evals/graders/writes.py": "code",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def pins(tree: Path) -> Pins:
    bundle = tree / "policies" / "bundles" / "desk"
    return pins_of(tree, bundle, suite="5" * 64, planner="rules", model="", cassettes=None, seed=1)


@pytest.mark.parametrize(("name", "pin"), FILES.items())
def test_a_changed_file_changes_its_pin_and_no_other(tree: Path, name: str, pin: str) -> None:
    before = pins(tree)
    (tree / name).write_text("changed")
    is_in_bundle = name.startswith("policies/bundles")
    assert set(differing(pins(tree), before)) == {pin, *(("bundle",) if is_in_bundle else ())}


def test_what_python_and_editors_leave_behind_does_not_count(tree: Path) -> None:
    before = pins(tree)
    for name in ("bot/__pycache__/flow.pyc", "connectors/.refund.py.swp", "evals/suites/a/b.yml"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("left behind")
    assert pins(tree) == before


def test_another_place_of_the_same_tree_has_the_same_pins(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    for name in FILES:
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_text(name)
    assert pins(other) == pins(tree)


def test_some_cases_have_a_pin_of_their_own() -> None:
    assert partial("5" * 64, ["a", "b"]) == partial("5" * 64, ["b", "a"])
    assert len({partial("5" * 64, ["a"]), partial("5" * 64, ["b"]), partial("6" * 64, ["a"])}) == 3
    assert partial("5" * 64, ["a"]).startswith("partial:")

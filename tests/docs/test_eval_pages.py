"""What the pages on evaluations show is so: the suite runs, the figures are the blessed ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.planning import planner_for
from bot.settings import BUNDLE_SHIPPED, from_environment
from evals.cases import suite
from evals.graders.registry import grade
from evals.keeping import baselines
from evals.keeping.results import EXIT_CODES, Record, Verdict
from evals.linting.lint import lint
from evals.stories.observed import observe
from evals.stories.story import Story
from evals.worlds.world import world
from tests.docs import eval_results, generate
from tests.evals.constructed import arm, cases

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "evals.md").read_text()
README = (ROOT / "README.md").read_text()


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """The suite that the page shows, as a folder."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (of_suite,) = (block for block in blocks if block.startswith("suite:"))
    (of_cases,) = (block for block in blocks if block.startswith("cases:"))
    (tmp_path / "suite.yml").write_text(of_suite)
    (tmp_path / "cases.yml").write_text(of_cases)
    return tmp_path


def test_the_suite_on_the_page_has_no_problems(shown: Path) -> None:
    assert [str(remark) for remark in lint(shown) if remark.severity == "problem"] == []


@pytest.mark.slow
def test_every_case_on_the_page_passes(shown: Path) -> None:
    loaded = suite.load(shown)
    with world(loaded.file, BUNDLE_SHIPPED, planner_for(from_environment({}))) as made:
        for case in loaded.cases:
            made.begin()
            result = grade(case, observe(Story(made, loaded.file, case), 0))
            assert [g for g in result.grades if not g.passed] == [], case.case


def test_every_verdict_is_on_the_page_with_its_exit_code() -> None:
    said = dict(re.findall(r"^\| ([A-Z ]+) \|.*\| (\d)[^|]*\|$", PAGE, re.MULTILINE))
    assert said == {verdict.value: str(EXIT_CODES[verdict]) for verdict in Verdict}


def test_the_readmes_figures_are_those_of_the_blessed_baselines() -> None:
    said = generate.part(README, "evals")
    assert eval_results.table(said) == said, "run `make docs`"
    names = eval_results.names()
    blessed = [name for name in names if baselines.load(name, baselines.BASELINES) is not None]
    assert re.findall(r"^\| `(\w+)`", said, re.MULTILINE) == blessed


def test_a_blessed_baseline_replaces_its_row_and_no_other(tmp_path: Path) -> None:
    ours = arm(cases({"refunds": 10, "routing": 5}, lambda name, at: name < "ro" and at < 3))
    record = Record(
        suite="orders_v1",
        made_at=datetime(2026, 11, 20, tzinfo=UTC),
        candidate=ours,
        baseline=None,
        metrics=(),
        slices=(),
        verdict=Verdict.PASS,
        reasons=(),
    )
    baselines.bless(record, "three of ten are known to fail", tmp_path)
    before = generate.part(README, "evals").splitlines()
    after = eval_results.table("\n".join(before), tmp_path).splitlines()
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ["| `orders_v1` | 15 | 12 (0.80) | 0.548 to 0.93 | 0 | refunds 3 of 10 |"]

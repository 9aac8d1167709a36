"""The suites that are shipped load, and nothing about them is to be mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cases import suite
from evals.linting.lint import lint

pytestmark = pytest.mark.slow

SHIPPED = sorted(path.parent for path in suite.SUITES.glob(f"*/{suite.SUITE_FILE}"))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_nothing_about_a_shipped_suite_is_to_be_mended(folder: Path) -> None:
    remarks = lint(folder)
    assert [str(each) for each in remarks if each.severity == "problem"] == []
    assert suite.load(folder).name == folder.name


def test_there_are_the_suites_that_the_release_rests_on() -> None:
    assert {"orders_v1", "refunds_v3", "routing_v1"} <= {folder.name for folder in SHIPPED}


def test_the_refunds_suite_is_as_large_as_it_says() -> None:
    cases = suite.load(suite.named("refunds_v3"))
    kinds = [cases.places[case.case].document.file.split("/")[1] for case in cases.cases]
    assert kinds.count("golden") >= 150
    assert kinds.count("adversarial") >= 150

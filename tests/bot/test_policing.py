"""`assent policy check` in the terminal: what it prints and how it ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.settings import BUNDLE_SHIPPED


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "desk"))


def _run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(cli, ["policy", "check", *arguments], env=environ)


def test_a_bundle_in_order_ends_with_no_problems(bundle: Path) -> None:
    result = _run(ASSENT_BUNDLE=str(bundle))
    assert result.exit_code == 0
    assert result.output.splitlines()[-2:] == [
        "workflows/refund.yml  without a person: nothing: every write is approved at L2",
        "no problems",
    ]


def test_a_problem_is_one_line_with_its_place_and_ends_with_one(bundle: Path) -> None:
    file = bundle / "policies" / "common.yml"
    file.write_text(file.read_text().replace("until: 2027-01-01", "until: 2026-01-01"))
    result = _run(str(bundle))
    assert result.exit_code == 1
    first, *_, last = result.output.splitlines()
    assert first.startswith("policies/common.yml:11:")
    assert first.endswith(
        "item 1 of freezes can never match: from is not before until; swap the two"
    )
    assert last == "1 problem"


def test_each_environment_has_its_own_line_where_they_differ(bundle: Path) -> None:
    file = bundle / "workflows" / "refund.yml"
    file.write_text(file.read_text().replace("autonomy: L2", "autonomy: L3"))
    lines = [line for line in _run(str(bundle)).output.splitlines() if "refund.yml" in line]
    start = "workflows/refund.yml  without a person in "
    assert lines[0].startswith(f"{start}sandbox: payments.refund of at most 100.00 USD, EUR")
    assert lines[1] == f"{start}production: nothing: every write is approved at L2"


def test_a_folder_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    assert _run(str(tmp_path / "nowhere")).exit_code == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"payments:write", "notes:write"', '"payment:write", "notes:write"'),
        ("refund: [desk-reader, desk-refunds]", "refund: [desk-reader]"),
    ],
    ids=["a misspelt scope", "a connection left out"],
)
def test_a_step_that_no_connection_may_do_is_found_before_people_approve_it(
    bundle: Path, old: str, new: str
) -> None:
    file = bundle / "bundle.yml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    result = _run(str(bundle))
    assert result.exit_code == 1
    first = result.output.splitlines()[0]
    assert "workflows/" in first
    assert "in sandbox may do this: payments.refund needs" in result.output
    assert "needs orders:read, payments:read, payments:write" in result.output

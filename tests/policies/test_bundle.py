"""A bundle loads whole or not at all, and every problem is named with its place."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from policies.bundle import Bundle, load
from policies.engine import Engine
from policies.facts import Catalogue
from policies.findings import BundleError

Change = Callable[[str, str, str], "tuple[str, ...]"]


REFUNDS, BUNDLE = "policies/refunds.yml", "bundle.yml"


def test_a_condition_s_column_is_the_file_s_column(change: Change, folder: Path) -> None:
    (finding,) = change(REFUNDS, '"refund.amount_minor <= 0"', '"1 < 2 && refund.amnt <= 0"')
    line = int(finding.split(":")[1])
    column = int(finding.split(":")[2])
    text = (folder / REFUNDS).read_text().splitlines()[line - 1]
    assert text[column - 1 :].startswith(".amnt") or text[column - 1 :].startswith("refund.amnt")


def test_all_problems_of_all_files_are_listed(change: Change, folder: Path) -> None:
    for name in ("orders.yml", "addresses.yml"):
        path = folder / "policies" / name
        path.write_text(path.read_text().replace("order.status", "order.state"))
    findings = change(BUNDLE, 'at: "18:00"', "at: later")
    assert {finding.split(":")[0] for finding in findings} >= {
        "bundle.yml",
        "policies/orders.yml",
        "policies/addresses.yml",
    }


def test_an_untouched_copy_loads_and_says_that_it_is_unversioned(
    tmp_path: Path, desk_folder: Path, catalogue: Catalogue, desk: Bundle
) -> None:
    copy = load(Path(shutil.copytree(desk_folder, tmp_path / "copy")), catalogue)
    assert copy.digest == desk.digest
    assert copy.version == f"desk@unversioned-{copy.digest[:7]}"


@pytest.mark.parametrize("name", ["policies/refunds.yml", "bundle.yml", "workflows/refund.yml"])
def test_one_byte_changes_the_digest(folder: Path, catalogue: Catalogue, name: str) -> None:
    before = load(folder, catalogue).digest
    path = folder / name
    path.write_text(path.read_text() + "#\n")
    assert load(folder, catalogue).digest != before


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_folder_without_a_bundle_is_refused(
    tmp_path: Path, catalogue: Catalogue, name: str
) -> None:
    with pytest.raises(BundleError):
        load(tmp_path / name, catalogue)


def test_the_engine_refuses_what_the_catalogue_no_longer_offers(
    desk: Bundle, catalogue: Catalogue
) -> None:
    smaller = {name: types for name, types in catalogue.items() if name != "payments.refund"}
    with pytest.raises(BundleError, match=r"policies/refunds.yml:3:\d+: no connector offers"):
        Engine(desk, smaller)


def test_inside_a_repository_the_version_is_its_commit(folder: Path, catalogue: Catalogue) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        command = ["git", *identity, "-C", str(folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    git("init", "-q")
    first = load(folder, catalogue)
    assert first.version == f"desk@unversioned-{first.digest[:7]}"
    git("add", ".")
    git("commit", "-q", "-m", "one")
    sha = git("rev-parse", "--short=7", "HEAD")
    assert load(folder, catalogue).version == f"desk@{sha}"
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "tone.md").write_text("Be brief.\n")
    edited = load(folder, catalogue)
    assert edited.version == f"desk@{sha}-dirty-{edited.digest[:7]}"
    assert edited.prompts["tone"] == "Be brief.\n"

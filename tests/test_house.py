"""The house holds: one importer for each engine, platform and language; files of one idea."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "connectors", "policies", "store", "evals")
LINES_MAX = 400  # a file beyond this is more than one idea
BANNED_NAMES = {"utils", "helpers", "manager", "common", "misc"}
ONLY_IMPORTERS = {
    "dbos": {"bot/engine.py"},
    "slack_bolt": {"bot/surfaces/slack.py"},
    "slack_sdk": {"bot/surfaces/slack", "connectors/chat/session.py"},
    "botbuilder": {"bot/surfaces/teams.py"},
    "botframework": {"bot/surfaces/teams.py"},
    "msrest": {"bot/surfaces/teams.py"},
    "anthropic": {"bot/planner/anthropic_model.py"},
    "cel_expr_python": {"policies/cel.py"},
    "z3": {"policies/analysis/solver.py"},
    "yaml": {"policies/document.py"},
    "apscheduler": {"bot/scheduler.py"},
    "alembic": {"store/schema.py", "store/migrations/"},
}


def _files() -> list[Path]:
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


@cache
def _text(file: Path) -> str:
    return file.read_text()


def _imports(file: Path) -> Iterator[str]:
    """What a file imports, where it names one of those libraries at all: parsing takes long."""
    if not any(library in _text(file) for library in ONLY_IMPORTERS):
        return
    for node in ast.walk(ast.parse(_text(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_a_library_behind_a_seam_is_imported_there_alone() -> None:
    importers: dict[str, set[str]] = {library: set() for library in ONLY_IMPORTERS}
    for file in _files():
        for name in _imports(file):
            importers.get(name.split(".")[0], set()).add(str(file.relative_to(ROOT)))
    for library, files in importers.items():
        allowed = tuple(ONLY_IMPORTERS[library])
        assert {name for name in files if not name.startswith(allowed)} == set(), library
        assert files, f"nobody imports {library} any more: tighten the list"


def test_only_settings_and_the_commands_read_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT))
        for file in _files()
        if "os.environ" in _text(file) or "os.getenv" in _text(file)
    }
    # play hands the environment on to its children, revision and commits keep our secrets from
    # git's; service takes a model's key out of it, cel tells its library where time zones are
    assert readers <= {
        "bot/serving.py",
        "bot/auditing.py",
        "bot/doctor.py",
        "bot/policing/checking.py",
        "bot/play.py",
        "policies/cel.py",
        "policies/revision.py",
        "evals/running/commits.py",
        "evals/models/service.py",
    }


def test_files_are_one_idea_long() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in _files()
        if (lines := len(_text(file).splitlines())) > LINES_MAX
    }
    assert long == {}


def test_no_module_is_named_after_nothing() -> None:
    assert {file.stem for file in _files()} & BANNED_NAMES == set()


def test_every_module_says_its_place() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in _files()
        if _text(file).strip() and not _has_docstring(_text(file))
    ]
    assert silent == []


def _has_docstring(text: str) -> bool:
    return text.startswith('"""') or bool(ast.get_docstring(ast.parse(text)))


def test_what_is_marked_says_so_in_its_file_or_above_it() -> None:
    """Where nothing says so, tests/conftest.py does not look for what is marked."""
    tests = ROOT / "tests"
    readers = {tests / "conftest.py", Path(__file__)}
    for file in set(tests.rglob("*.py")) - readers:
        text = file.read_text()
        marked = re.findall(r"^.*\bmark\.(?:slow|bench)\b.*$", text, re.MULTILINE)
        assert not marked or file.name.startswith(("test_", "bench_", "conftest.")), file
        assert all("pytest.mark." in line for line in marked), file
        assert "add_marker" not in text, f"{file}: a file says `pytestmark` for all of its tests"
        for line in re.findall(r"^.*\bpytestmark\b.*$", text, re.MULTILINE):
            assert line.startswith("pytestmark = "), f"{file}: {line}"

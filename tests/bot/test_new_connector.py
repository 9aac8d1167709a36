"""`assent new connector`: what it writes passes at once, and it writes all of it or nothing."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.errors import CommandError
from bot.scaffolding import connector
from bot.scaffolding.connector import create, files_of, in_checkout, in_project
from bot.scaffolding.names import CONNECTOR_CHARACTERS_MAX, checked_connector
from bot.scaffolding.placing import place
from bot.scaffolding.rendering import rendered
from connectors import registry

ROOT = Path(__file__).parents[2]
COPIED = ("bot", "connectors", "policies", "store", "evals", "pyproject.toml")
NAMES = {"title": "Acme"}
LONGEST = "abcdefghij_klmnopqrs"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "a",
            "Acme",
            "acme2",
            "acme-crm",
            "_acme",
            "acme_",
            "a__b",
            "àcme",
            "acme\n",
            "a" * 21,
        ),
        *("../acme", "acme/..", "/tmp/acme", "acme.py", "c:acme", "."),
        *("class", "import", "match", "lambda"),
        *("desk", "conformance", "secrets", "declared", "operation", "errors", "wire"),
        *("slack", "slack_two", "teams", "anthropic", "tests", "test_acme", "bench_x"),
    ],
)
def test_name_that_could_not_be_one_is_refused(name, tmp_path):
    with pytest.raises(CommandError) as refused:
        create(name, tmp_path / "made")
    assert "another name" in str(refused.value) or "take 2 to" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_longest_name_is_one():
    assert len(LONGEST) == CONNECTOR_CHARACTERS_MAX
    assert checked_connector(LONGEST) == LONGEST


def test_what_is_there_is_named_and_stays(tmp_path):
    mine = tmp_path / "bundle" / "bundle.yml"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(CommandError, match=r"there is bundle/bundle\.yml already"):
        create("acme", tmp_path)
    assert mine.read_text() == "mine"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [mine]


def test_a_link_that_leads_outside_is_not_followed(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (root / "assent_acme").symlink_to(outside)
    with pytest.raises(CommandError, match="outside"):
        create("acme", root)
    assert list(outside.iterdir()) == []


def test_all_is_written_or_nothing(tmp_path, monkeypatch):
    (tmp_path / "mine.txt").write_text("mine")
    real, calls = os.link, []

    def fail_late(source, target):
        calls.append(target)
        if len(calls) == 5:
            raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "link", fail_late)
    with pytest.raises(CommandError, match="No space left"):
        create("acme", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_what_comes_in_between_is_not_written_over(tmp_path, monkeypatch):
    """Somebody else writes the third file after it was looked whether anything is there."""
    real, calls = os.link, []

    def interfere(source, target):
        calls.append(target)
        if len(calls) == 3:
            Path(target).write_text("theirs")
        real(source, target)

    monkeypatch.setattr(os, "link", interfere)
    files = {f"a/{name}.txt": "ours" for name in "xyz"}
    with pytest.raises(CommandError, match="nothing was kept"):
        place(tmp_path, files)
    assert {p.name: p.read_text() for p in tmp_path.rglob("*.txt")} == {"z.txt": "theirs"}


def test_in_a_checkout_it_lies_beside_the_others_and_says_what_is_next(tmp_path, monkeypatch):
    (tmp_path / "connectors").mkdir()
    monkeypatch.setattr(connector, "checkout", lambda: tmp_path)
    done = CliRunner().invoke(cli, ["new", "connector", "acme"])
    assert done.exit_code == 0, done.output
    for path in ("connectors/acme/acme_set_status.py", "policies/bundles/acme/bundle.yml"):
        assert (tmp_path / path).is_file()
        assert path in done.output
    assert "make docs" in done.output
    assert "pytest -q tests/connectors -k acme" in done.output


def test_two_operations_and_a_finder_are_a_file_each():
    files = files_of("acme", in_checkout("acme", ROOT))
    for name in ("set_status", "add_note", "find_items"):
        assert f"acme.{name}" in files[f"connectors/acme/acme_{name}.py"]


def test_no_place_is_left_open_and_every_module_parses():
    for name in ("ab", LONGEST):
        for layout in (in_checkout(name, ROOT), in_project(name, ROOT)):
            for path, text in files_of(name, layout).items():
                assert "@n" not in text
                assert "@package@" not in text
                if path.endswith(".py"):
                    ast.parse(text)


def test_two_packages_of_one_name_are_refused(tmp_path, monkeypatch):
    _install(tmp_path, "rogue", 'desk = "assent_rogue"')
    monkeypatch.syspath_prepend(str(tmp_path))
    registry._packages.cache_clear()
    try:
        with pytest.raises(LookupError, match=r"connectors\.desk and assent_rogue are both"):
            registry.connector_names()
    finally:
        monkeypatch.undo()
        registry._packages.cache_clear()


@pytest.mark.slow
def test_connector_of_a_checkout_passes_at_once(tmp_path):
    """Types and style with the checkout's own settings, the bundle's check and its examples, and
    all that its own tests and the conformance suite ask."""
    root = _checkout(tmp_path)
    _run(root, "-m", "bot", "new", "connector", "acme")
    code, tests = "connectors/acme", "tests/connectors/acme"
    _run(root, "-m", "ruff", "format", "--check", code, tests)
    _run(root, "-m", "ruff", "check", code, tests)
    bundle = "policies/bundles/acme"
    assert "no problems" in _run(root, "-m", "bot", "policy", "check", bundle)
    _run(root, "-m", "bot", "policy", "test", "--strict", bundle)
    _run(root, "-m", "mypy", "--cache-dir", str(tmp_path / "types"), code)
    promises = rendered(
        "connector/test_conformance.py.txt", {**NAMES, "package": "connectors.acme"}
    )
    (root / tests / "test_promises.py").write_text(
        promises
    )  # without those of all other connectors
    assert _passed(_run(root, "-m", "pytest", "-q", "-p", "no:xdist", tests)) >= 50


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ab", "zebra", LONGEST])
def test_style_holds_whatever_the_name(name, tmp_path):
    """Lines and the order of imports depend on it."""
    ours = 'lint.isort.known-first-party=["bot", "connectors"]'
    as_here = ("--config", str(ROOT / "pyproject.toml"), "--config", ours)
    place(tmp_path / "checkout", files_of(name, in_checkout(name, tmp_path)))
    place(tmp_path / "project", files_of(name, in_project(name, tmp_path)))
    for folder, options in (("checkout", as_here), ("project", ())):
        root = tmp_path / folder
        _run(root, "-m", "ruff", "format", "--check", *options, ".")
        _run(root, "-m", "ruff", "check", *options, ".")


@pytest.mark.slow
def test_project_of_its_own_is_found_through_its_entry_point(tmp_path):
    _run(ROOT, "-m", "bot", "new", "connector", "acme", "--into", str(tmp_path))
    _install(tmp_path, "acme", 'acme = "assent_acme"')
    _run(tmp_path, "-m", "ruff", "format", "--check", ".")
    _run(tmp_path, "-m", "ruff", "check", ".")
    assert "no problems" in _run(tmp_path, "-m", "bot", "policy", "check", "bundle")
    said = _run(tmp_path, "-m", "pytest", "-q", "-p", "no:xdist", "tests")
    assert _passed(said) >= 50
    owner = "from connectors import registry as r; print(r.operation('acme.add_note')[0].name)"
    assert _run(tmp_path, "-c", owner).strip() == "acme"


@pytest.mark.slow
def test_one_operation_more_is_one_file(tmp_path):
    """As the how-to says it: copied, renamed, listed, with a sample."""
    _run(ROOT, "-m", "bot", "new", "connector", "acme", "--into", str(tmp_path))
    _install(tmp_path, "acme", 'acme = "assent_acme"')
    code = tmp_path / "assent_acme"
    text = (code / "acme_set_status.py").read_text()
    for old, new in (
        ('Literal["open", "waiting", "done"]', "Line"),
        ("from typing import Literal\n\n", ""),
        ("import Identifier", "import Identifier, Line"),
        ("status", "owner"),
        ("Status", "Owner"),
    ):
        assert old in text
        text = text.replace(old, new)
    (code / "acme_set_owner.py").write_text(text)
    _replace(code / "connector.py", "operations=(", "operations=(SET_OWNER, ")
    listed = "from assent_acme.acme_set_owner import OPERATION as SET_OWNER\n"
    _replace(code / "connector.py", "from assent_acme.session", f"{listed}from assent_acme.session")
    sample = """"acme.set_owner": Sample(
            params={"item": "1001", "owner": "lee"},
            other={"item": "1001", "owner": "dana"},
            refused=({"item": "1001", "owner": "sam"},),
        ),
        """
    _replace(code / "conformance.py", '"acme.set_status"', sample + '"acme.set_status"')
    suite = "tests/test_conformance.py"
    said = _run(tmp_path, "-m", "pytest", "-q", "-p", "no:xdist", "-k", "set_owner", suite)
    assert _passed(said) >= 20


def _passed(said: str) -> int:
    return int(said.rsplit(" passed", 1)[0].rsplit("\n", 1)[-1])


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _checkout(folder: Path) -> Path:
    """A copy of what a checkout needs to run, without anything that was made in it."""
    root = folder / "checkout"
    root.mkdir()
    kept = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=kept)
        else:
            shutil.copy(source, root / name)
    (root / "tests" / "connectors").mkdir(parents=True)
    return root


def _install(root: Path, name: str, entry: str) -> None:
    """What an installer leaves of a distribution."""
    info = root / f"assent_{name}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: assent-{name}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[assent.connectors]\n{entry}\n".replace('"', ""))


def _run(root: Path, *command: str) -> str:
    places = [str(root)] if root != ROOT and (root / "bot").is_dir() else [str(root), str(ROOT)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(places)}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

"""Our five packages have common names: nothing else that is installed may bring one of them."""

from __future__ import annotations

import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"bot", "connectors", "policies", "store", "evals"}


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_wheel_holds_exactly_our_packages():
    wheel = _project()["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel) == {"packages"}, "another key could add what this test does not see"
    assert sorted(wheel["packages"]) == sorted(OURS)
    assert [name for name in OURS if not (ROOT / name / "__init__.py").exists()] == []


def test_no_other_distribution_brings_a_name_of_ours():
    others = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        tops = {str(file).split("/")[0].removesuffix(".py") for file in distribution.files or ()}
        if name != _project()["project"]["name"] and tops & OURS:
            others[name] = tops & OURS
    assert others == {}


def test_site_packages_has_no_module_with_a_name_of_ours():
    folders = {Path(sysconfig.get_path(key)) for key in ("purelib", "platlib")}
    assert [
        str(p) for f in folders for p in f.glob("*") if p.name.removesuffix(".py") in OURS
    ] == []


def test_imported_packages_are_the_checkout():
    for name in sorted(OURS):
        package = __import__(name)
        assert Path(package.__file__).parent == ROOT / name

"""A new connector: its folder, bundle, tests and page, in this checkout or as a project of its own.

In a checkout they lie where those of the shipped connectors do. Everywhere else they are a project
that Assent finds through its entry point once it is installed beside Assent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.scaffolding.names import checked_connector, checked_operations
from bot.scaffolding.placing import place
from bot.scaffolding.rendering import rendered

CODE = ("connector", "session", "items", "set_status", "add_note", "find_items")
OPERATIONS = ("set_status", "add_note", "find_items")
BUNDLE = ("bundle.yml", "policies/items.yml", "workflows/set-status.yml")


@dataclass(frozen=True)
class Layout:
    """Where everything of one connector lies under `root`, and how its commands are begun."""

    root: Path
    package: str  # as Python imports it
    bundle: str
    tests: str
    page: str
    depth: int  # of the tests' folder under the root
    is_checkout: bool

    @property
    def folder(self) -> str:
        return self.package.replace(".", "/")


def checkout() -> Path | None:
    """The checkout that is running, None where Assent is installed without one."""
    root = Path(__file__).parents[2]
    is_one = (root / "pyproject.toml").is_file() and (root / "tests" / "connectors").is_dir()
    return root if is_one else None


def in_checkout(name: str, root: Path) -> Layout:
    """Beside the shipped connectors."""
    return Layout(
        root=root,
        package=f"connectors.{name}",
        bundle=f"policies/bundles/{_dashed(name)}",
        tests=f"tests/connectors/{name}",
        page=f"connectors/{name}/README.md",
        depth=3,
        is_checkout=True,
    )


def in_project(name: str, root: Path) -> Layout:
    """A project of its own, to be installed beside Assent."""
    return Layout(
        root=root,
        package=f"assent_{name}",
        bundle="bundle",
        tests="tests",
        page="README.md",
        depth=1,
        is_checkout=False,
    )


def create(name: str, into: Path | None) -> str:
    """Writes a new connector and says what to do next. Raises CommandError."""
    checked_connector(name)
    checked_operations(tuple(f"{name}.{each}" for each in OPERATIONS))
    here = checkout()
    if into is None and here is not None:
        layout = in_checkout(name, here)
    else:
        layout = in_project(name, into or Path(f"assent-{_dashed(name)}"))
    files = files_of(name, layout)
    place(layout.root, files)
    return _said(name, layout, files)


def files_of(name: str, layout: Layout) -> Mapping[str, str]:
    """Every file of a new connector by its path under the layout's root."""
    names = _names(name, layout)
    own = "" if layout.is_checkout else layout.package
    folder = layout.folder

    def made(template: str) -> str:
        return rendered(f"connector/{template}", names, own)

    files = {f"{folder}/__init__.py": made("init.md.txt")}
    for each in CODE:
        file = f"{name}_{each}" if each in OPERATIONS else each
        files[f"{folder}/{file}.py"] = made(f"{each}.py.txt")
    files[f"{folder}/standin.py"] = made("standin.py.txt")
    files[f"{folder}/conformance.py"] = made("conformance.py.txt")
    for each in BUNDLE:
        prefix = f"{_dashed(name)}-" if each.startswith("workflows/") else ""
        folder_of, _, file = each.rpartition("/")
        path = "/".join(filter(None, (layout.bundle, folder_of, prefix + file)))
        files[path] = made(f"bundle/{each}")
    files[f"{layout.tests}/test_{name}.py"] = made("test_own.py.txt")
    files[layout.page] = made("page.md.txt")
    if not layout.is_checkout:
        files["pyproject.toml"] = made("pyproject.toml.txt")
        files[f"{folder}/py.typed"] = ""
        files["tests/test_conformance.py"] = made("test_conformance.py.txt")
    return files


def _names(name: str, layout: Layout) -> Mapping[str, str]:
    in_bundle = " / ".join(f'"{part}"' for part in layout.bundle.split("/"))
    return {
        "name": name,
        "dashed": _dashed(name),
        "title": name.replace("_", " ").title(),
        "VARIABLE": name.upper(),
        "package": layout.package,
        "folder": layout.folder,
        "bundle": in_bundle,
        "bundle_folder": layout.bundle,
        "depth": str(layout.depth),
        "python": ".venv/bin/python" if layout.is_checkout else "python",
        "assent": ".venv/bin/assent" if layout.is_checkout else "assent",
    }


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _said(name: str, layout: Layout, files: Mapping[str, str]) -> str:
    lines = [f"Wrote {len(files)} files in {layout.root}:", *(f"  {path}" for path in files), ""]
    if layout.is_checkout:
        checks = (
            "make docs  (the reference lists every operation)",
            f".venv/bin/pytest -q tests/connectors -k {name}",
            f".venv/bin/assent policy check {layout.bundle}",
            "make check",
        )
    else:
        checks = (
            f"cd {layout.root}",
            "pip install -e '.[test]'",
            "python -m pytest -q",
            f"assent policy check {layout.bundle}",
        )
    lines += ["It passes as it is:", *(f"  {each}" for each in checks), ""]
    lines += [
        "Then make it yours:",
        f"  1. {layout.folder}/session.py: the real system's client in place of the stand-in",
        f"  2. {layout.folder}/{name}_set_status.py, {name}_add_note.py: its operations",
        f"  3. {layout.folder}/conformance.py: how it is made, and made to fail",
        f"  4. {layout.bundle}/: who may ask, who approves",
        f"{layout.page} says what is where; docs/how-to/connector.md leads through it.",
    ]
    return "\n".join(lines)

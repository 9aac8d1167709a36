"""What is installed, as digests over the files themselves: equal digests, equal files. A result of
an evaluation holds for the code that it was made with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from policies.revision import content_digest

TREE = Path(__file__).parent.parent.parent  # what is running: bot/, connectors/, policies/, ...
# Every file of a tree that the flow runs through lies in one of these.
_PLANNER = Path("bot") / "planner"
_CONNECTORS = Path("connectors")
_CODE = (Path("bot"), Path("evals"), Path("policies"), Path("store"))
BUNDLES = Path("policies") / "bundles"  # where a suite finds the bundle that it names
_NO_CODE = (
    _PLANNER,
    BUNDLES,
    Path("evals") / "suites",
    Path("evals") / "baselines",
)
_BUNDLE = re.compile(r"^bundle:\s*[\"']?([a-z][a-z0-9_-]*)[\"']?\s*(?:#.*)?$", re.MULTILINE)
_THRESHOLDS = re.compile(r"^thresholds:\s*[\"']?([^\"'\n]+?)[\"']?\s*$", re.MULTILINE)
_IGNORED = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Installed:
    """SHA-256 digests, 64 hexadecimal digits: the connectors, the planner's code, all other code
    that a run goes through."""

    connectors: str
    planner: str
    code: str


def installed(tree: Path = TREE) -> Installed:
    """The digests of what stands in a tree now."""
    without = [tree / each for each in _NO_CODE]
    return Installed(
        connectors=digest_of([tree / _CONNECTORS], tree),
        planner=digest_of([tree / _PLANNER], tree),
        code=digest_of([tree / each for each in _CODE], tree, without),
    )


def suite_digest(tree: Path, name: str) -> str:
    """The digest of a suite's cases as they stand in a tree; of nothing where it has none."""
    folder = tree / "evals" / "suites" / name
    return digest_of([folder], folder, [folder / "cassettes"])


def suite_thresholds(tree: Path, name: str) -> str:
    """The bounds that a suite itself asks for, as its suite.yml says them; empty without one."""
    file = tree / "evals" / "suites" / name / "suite.yml"
    if not file.is_file():
        return ""
    found = _THRESHOLDS.search(file.read_text())
    return found[1] if found else ""


def suite_bundle(tree: Path, name: str) -> Path | None:
    """The folder of the bundle that a suite is run on; None where there is no such suite."""
    file = tree / "evals" / "suites" / name / "suite.yml"
    found = _BUNDLE.search(file.read_text()) if file.is_file() else None
    return tree / BUNDLES / found[1] if found else None


def digest_of(roots: Iterable[Path], under: Path, without: Iterable[Path] = ()) -> str:
    """SHA-256 over every file below `roots`, by its name below `under`; 64 digits.

    What Python or an editor leaves behind (`__pycache__`, hidden files) does not count.
    """
    left_out = tuple(without)
    names = {
        path.relative_to(under).as_posix(): path.read_bytes()
        for root in roots
        for path in _files(root)
        if not any(path.is_relative_to(each) for each in left_out)
    }
    return content_digest(names)


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(p in _IGNORED or p.startswith(".") for p in parts):
            yield path

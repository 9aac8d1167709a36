"""What an arm rests on, as digests over the files themselves: equal digests, equal files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.results import Pins
from policies.revision import content_digest

# Every file of a tree that the flow runs through lies in one of these.
_PLANNER = Path("bot") / "planner"
_CONNECTORS = Path("connectors")
_CODE = (Path("bot"), Path("evals"), Path("policies"), Path("store"))
_NO_CODE = (
    _PLANNER,
    Path("policies") / "bundles",
    Path("evals") / "suites",
    Path("evals") / "baselines",
)
_IGNORED = frozenset({"__pycache__"})


def pins_of(
    tree: Path,
    bundle: Path,
    *,
    suite: str,
    planner: str,
    model: str,
    cassettes: Path | None,
    seed: int,
) -> Pins:
    """The pins of what stands in a tree now, with a bundle's folder inside or outside of it.

    `planner` and `model` are names ("rules", "claude-sonnet-5-5" or ""); `suite` its digest.
    """
    return Pins(
        suite=suite,
        bundle=digest_of([bundle], bundle),
        prompt=digest_of([bundle / "prompts"], bundle),
        policy=digest_of([bundle / "policies", bundle / "bundle.yml"], bundle),
        workflows=digest_of([bundle / "workflows"], bundle),
        connectors=digest_of([tree / _CONNECTORS], tree),
        planner=f"{planner}:{digest_of([tree / _PLANNER], tree)}",
        model=model,
        cassettes=digest_of([cassettes], cassettes) if cassettes else "",
        code=digest_of([tree / each for each in _CODE], tree, [tree / each for each in _NO_CODE]),
        seed=seed,
    )


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


def partial(suite: str, cases: Iterable[str]) -> str:
    """The pin of some cases of a suite: it equals no whole suite's, nor that of other cases."""
    text = "\n".join([suite, *sorted(cases)])
    return "partial:" + hashlib.sha256(text.encode()).hexdigest()[:56]


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not any(p in _IGNORED or p.startswith(".") for p in parts):
            yield path

"""The README's table of what the shipped suites say of the shipped bundle, out of the blessed
baselines. A suite that has none keeps the row that it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from evals.cases.suite import SUITE_FILE, SUITES
from evals.judging.statistics import rate_interval
from evals.keeping import baselines
from evals.keeping.results import CaseResult
from evals.reports.shown import figure_text

TITLES = """\
| suite | cases | right | 95% interval | broke a rule | fails most in |
|---|---|---|---|---|---|"""
SLICES_SHOWN = 4  # those of which the largest share fails
FAILING_MIN = 3  # cases; fewer say nothing of a slice
_ROW = re.compile(r"^\| `(\w+)` \|.*$", re.MULTILINE)


def names() -> tuple[str, ...]:
    """The shipped suites."""
    return tuple(sorted(path.parent.name for path in SUITES.glob(f"*/{SUITE_FILE}")))


def table(said: str, folder: Path = baselines.BASELINES) -> str:
    """The table, with the rows of a former one for suites of which nothing is blessed."""
    before = {found[1]: found[0] for found in _ROW.finditer(said)}
    made = (_blessed(name, folder) or before.get(name, "") for name in names())
    return "\n".join((TITLES, *filter(None, made)))


def _blessed(name: str, folder: Path) -> str:
    baseline = baselines.load(name, folder)
    return row(name, baseline.arm.results) if baseline else ""


def row(name: str, results: Iterable[CaseResult]) -> str:
    """One suite: how many cases are right, how many broke a rule, and where most fail."""
    first = {each.case: each for each in results if not each.epoch}
    wrong = [each for each in first.values() if not each.passed]
    right = len(first) - len(wrong)
    interval = rate_interval(right, len(first))
    low, high = (figure_text(end or 0.0, "rate") for end in (interval.low, interval.high))
    inside = Counter(slice_ for each in first.values() for slice_ in each.slices)
    failing = Counter(slice_ for each in wrong for slice_ in each.slices)
    many = [slice_ for slice_, count in failing.items() if count >= FAILING_MIN]
    most = sorted(many, key=lambda slice_: (-failing[slice_] / inside[slice_], slice_))
    where = ", ".join(f"{s} {failing[s]} of {inside[s]}" for s in most[:SLICES_SHOWN]) or "-"
    broken = sum(each.violations > 0 for each in first.values())
    rate = figure_text(right / len(first), "rate")
    return f"| `{name}` | {len(first)} | {right} ({rate}) | {low} to {high} | {broken} | {where} |"

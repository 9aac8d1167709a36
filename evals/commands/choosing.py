"""What of a suite is run, and what is demanded of it, from what the command was given."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from evals.cases.case import Case
from evals.cases.suite import Suite, load, named
from evals.errors import MetricsError
from evals.graders.registry import GRADERS
from evals.judging.thresholds import parse
from evals.running.gating import Order

GRADER_NAMES = tuple(grader.__name__ for grader in GRADERS)


def suite(name: str) -> Suite:
    """A shipped suite by its name, or one in a folder. Raises SuiteError."""
    return load(named(name))


def order(
    of: Suite,
    *,
    metrics: str,
    slices: Iterable[str],
    cases: Iterable[str],
    seed: int,
    repeats: int,
    made_at: datetime,
) -> Order:
    """What the gate is asked to do; the suite's own thresholds where `metrics` is empty.

    Raises MetricsError for a demand, a slice or a case that does not exist.
    """
    bounds = parse(metrics or of.file.thresholds, of.file.slices, GRADER_NAMES)
    return Order(of, chosen(of, slices, cases), bounds, seed, repeats, made_at)


def chosen(of: Suite, slices: Iterable[str], cases: Iterable[str]) -> tuple[Case, ...]:
    """The cases of any of the slices and those that are named; all of them where none is."""
    wanted_slices, wanted_cases = set(slices), set(cases)
    if unknown := sorted(wanted_slices - of.file.slices.keys()):
        raise MetricsError(
            f"{of.name} has no slice {unknown[0]}; there are {', '.join(of.file.slices)}"
        )
    if unknown := sorted(wanted_cases - {case.case for case in of.cases}):
        raise MetricsError(
            f"{of.name} has no case {unknown[0]}; `agent-eval lint {of.name}` lists where each is"
        )
    if not wanted_slices and not wanted_cases:
        return of.cases
    return tuple(
        case for case in of.cases if case.case in wanted_cases or wanted_slices & set(case.slices)
    )

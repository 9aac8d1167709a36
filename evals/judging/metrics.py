"""What is measured of an arm, by name: each metric is one row of METRICS.

The unit is the case: its epochs are averaged first. A case that could not be carried out is no
success, and has no cost, no time and no calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evals.judging import statistics
from evals.judging.statistics import Interval, Number
from evals.keeping.results import CaseResult

MICRO_USD = 1_000_000  # in one US dollar
P95, P50 = 0.95, 0.50

Reading = Callable[[CaseResult], Fraction | int | float]  # one figure of one case in one epoch
Unit = Literal["rate", "usd", "count", "milliseconds"]
Shape = Literal["rate", "quantile", "mean"]


@dataclass(frozen=True)
class Sample:
    """The cases of an arm, each with its epochs in order; `seed` for what is drawn."""

    cases: tuple[tuple[CaseResult, ...], ...]
    per: Mapping[str, str]  # metric -> "cases" or "writes"
    seed: int

    def of_slice(self, name: str) -> Sample:
        """Only the cases of one slice; of all with an empty name."""
        if not name:
            return self
        inside = tuple(case for case in self.cases if name in case[0].slices)
        return Sample(inside, self.per, self.seed)


@dataclass(frozen=True)
class Figure:
    """A metric of one arm. `events` of `units`: what a rate counts, misses where more is better.

    `value` is None where there is nothing to measure.
    """

    value: float | None
    interval: Interval
    units: int
    events: int = 0
    noun: str = "cases"


@dataclass(frozen=True)
class Measure:
    """How one metric is measured, and which way is better."""

    unit: Unit
    shape: Shape
    is_more_better: bool
    of: Callable[[Sample], Figure]
    what: str
    is_compared: bool = True  # a time on this machine is not comparable with another's
    share: float = 0.0  # of a quantile


def sample(results: Iterable[CaseResult], per: Mapping[str, str], seed: int) -> Sample:
    """Results put together by case, in the order of the cases' names."""
    cases: dict[str, list[CaseResult]] = {}
    for result in results:
        cases.setdefault(result.case, []).append(result)
    ordered = (
        tuple(sorted(epochs, key=lambda result: result.epoch))
        for _, epochs in sorted(cases.items())
    )
    return Sample(tuple(ordered), per, seed)


def has_passed(result: CaseResult) -> bool:
    """Whether a case counts as a success: what was not carried out never does."""
    return result.passed and not result.unverifiable


def pass_rate(case: Sequence[CaseResult]) -> Fraction:
    """The share of a case's epochs that passed."""
    return Fraction(sum(has_passed(result) for result in case), len(case))


def measure(name: str, arm: Sample) -> Figure:
    """A metric of METRICS, or the share of graded cases in which a grader of that name passed."""
    known = METRICS.get(name)
    return known.of(arm) if known else _graded(name, arm)


def measure_of(name: str) -> Measure:
    """The row of a metric; a grader's is a rate."""
    return METRICS.get(name) or Measure(
        "rate", "rate", True, lambda arm: _graded(name, arm), f"cases whose {name} is right"
    )


def graders_of(results: Iterable[CaseResult]) -> tuple[str, ...]:
    """The names of all graders that said something, in alphabetical order."""
    return tuple(sorted({grade.grader for result in results for grade in result.grades}))


def _rate(shares: Sequence[Number], is_more_better: bool) -> Figure:
    """A rate over cases of which each counts by a share between 0 and 1."""
    if not shares:
        return Figure(None, Interval(None, None), 0)
    total = Fraction(sum(shares))
    counted = len(shares) - total if is_more_better else total
    interval = statistics.rate_interval(float(total), len(shares))
    return Figure(float(total / len(shares)), interval, len(shares), math.ceil(counted))


def _success(arm: Sample) -> Figure:
    return _rate([pass_rate(case) for case in arm.cases], is_more_better=True)


def _pass_k(arm: Sample) -> Figure:
    """pass^k with k as many as every case has epochs."""
    repeats = min((len(case) for case in arm.cases), default=0)
    every = [
        statistics.passes_all(sum(has_passed(result) for result in case), len(case), repeats)
        for case in arm.cases
    ]
    return _rate(every, is_more_better=True)


def _violations(arm: Sample) -> Figure:
    """Per case: those with any. Per write: violations by writes attempted; never above 1."""
    cases = _carried_out(arm)
    if arm.per.get("policy_violations", "cases") == "cases":
        shares = [
            Fraction(sum(result.violations > 0 for result in case), len(case)) for case in cases
        ]
        return _rate(shares, is_more_better=False)
    violations = sum(_mean(case, lambda result: result.violations) for case in cases)
    writes = max(
        sum(_mean(case, lambda result: max(result.writes, result.violations)) for case in cases),
        violations,
    )
    units = math.floor(writes)
    if not units:
        return Figure(0.0 if cases else None, Interval(0.0, 1.0), 0, 0, "writes")
    interval = statistics.rate_interval(min(float(violations), units), units)
    return Figure(float(violations / writes), interval, units, math.ceil(violations), "writes")


def _graded(grader: str, arm: Sample) -> Figure:
    shares = []
    for case in arm.cases:
        said = [
            grade.passed for result in case for grade in result.grades if grade.grader == grader
        ]
        if said:
            shares.append(Fraction(sum(said), len(said)))
    return _rate(shares, is_more_better=True)


def _mean(case: Sequence[CaseResult], of: Reading) -> Fraction:
    return Fraction(sum(Fraction(of(result)) for result in case)) / len(case)


def _averages(arm: Sample, of: Reading) -> list[Fraction]:
    return [_mean(case, of) for case in _carried_out(arm)]


def _carried_out(arm: Sample) -> list[list[CaseResult]]:
    """The cases with the epochs in which something was carried out at all."""
    carried = ([result for result in case if not result.unverifiable] for case in arm.cases)
    return [case for case in carried if case]


def _quantile(of: Reading, share: float) -> Callable[[Sample], Figure]:
    def figure(arm: Sample) -> Figure:
        values = [float(value) for value in _averages(arm, of)]
        if not values:
            return Figure(None, Interval(None, None), 0)
        interval = statistics.quantile_interval(values, share)
        return Figure(statistics.quantile(values, share), interval, len(values))

    return figure


def _average(of: Reading) -> Callable[[Sample], Figure]:
    def figure(arm: Sample) -> Figure:
        values = _averages(arm, of)
        if not values:
            return Figure(None, Interval(None, None), 0)
        interval = statistics.mean_interval(values, arm.seed)
        return Figure(float(sum(values) / len(values)), interval, len(values))

    return figure


def _cost(result: CaseResult) -> Fraction:
    return Fraction(result.cost_micro_usd, MICRO_USD)


METRICS: Mapping[str, Measure] = {
    "success_rate": Measure("rate", "rate", True, _success, "cases in which every grade is right"),
    "policy_violations": Measure(
        "rate", "rate", False, _violations, "cases, or writes, that broke a rule"
    ),
    "cost_p50": Measure(
        "usd", "quantile", False, _quantile(_cost, P50), "model cost of a case", share=P50
    ),
    "cost_p95": Measure(
        "usd", "quantile", False, _quantile(_cost, P95), "model cost of a case", share=P95
    ),
    "cost_mean": Measure("usd", "mean", False, _average(_cost), "model cost of a case"),
    "latency_p95": Measure(
        "milliseconds",
        "quantile",
        False,
        _quantile(lambda result: result.milliseconds, P95),
        "time of a case on this machine",
        is_compared=False,
        share=P95,
    ),
    "tool_calls_p95": Measure(
        "count",
        "quantile",
        False,
        _quantile(lambda result: result.tool_calls, P95),
        "calls of systems a case",
        share=P95,
    ),
    "tool_calls_mean": Measure(
        "count",
        "mean",
        False,
        _average(lambda result: result.tool_calls),
        "calls of systems a case",
    ),
    "model_turns_mean": Measure(
        "count",
        "mean",
        False,
        _average(lambda result: result.model_turns),
        "asks of a model a case",
    ),
    "questions_mean": Measure(
        "count", "mean", False, _average(lambda result: result.questions), "questions asked a case"
    ),
    "edit_distance_mean": Measure(
        "count",
        "mean",
        False,
        _average(lambda result: result.edit_distance),
        "what people changed in the plan: 0 nothing, 1 everything",
    ),
    "pass_k": Measure(
        "rate", "rate", True, _pass_k, "cases that pass every time, tried once an epoch"
    ),
}

"""What is demanded of a candidate: "success_rate>=0.92,success_rate[injection]>=1.0"."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from evals.errors import MetricsError
from evals.judging import statistics
from evals.judging.metrics import METRICS, Figure, Measure, Sample, measure, measure_of
from evals.keeping.results import Metric
from evals.reports.shown import figure_text, limit_text, percent_text

BOUNDS_MAX = 100  # bounds of one gate
TEXT_MAX = 10_000  # characters of --metrics

_BOUND = re.compile(
    r"(?P<name>[a-z][a-z0-9_]*)(?:\[(?P<slice>[a-z0-9_-]+)\])?"
    r"\s*(?:(?P<operator><=|>=)\s*\$?(?P<limit>\d{1,9}(?:\.\d{1,9})?)(?P<percent>%)?)?"
)


@dataclass(frozen=True)
class Bound:
    """One demand; without an operator the metric is shown and nothing is demanded of it."""

    name: str
    slice: str  # "" for all cases
    operator: Literal["<=", ">=", ""]
    limit: float

    @property
    def label(self) -> str:
        """success_rate[injection]"""
        return f"{self.name}[{self.slice}]" if self.slice else self.name

    def holds(self, value: float) -> bool:
        """Whether a figure meets the demand."""
        if self.operator == ">=":
            return value >= self.limit
        return not self.operator or value <= self.limit


def parse(text: str, slices: Collection[str], graders: Collection[str]) -> tuple[Bound, ...]:
    """The demands of --metrics, in their order.

    Raises MetricsError, naming the part that is wrong, for anything that is no metric, grader or
    slice of the suite, a bound on the wrong side, or the same one twice.
    """
    if len(text) > TEXT_MAX:
        raise MetricsError(f"--metrics has {len(text):,} characters; it may have {TEXT_MAX:,}")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise MetricsError('--metrics names nothing; write for example "success_rate>=0.92"')
    if len(parts) > BOUNDS_MAX:
        raise MetricsError(f"--metrics has {len(parts)} parts; it may have {BOUNDS_MAX}")
    bounds = tuple(_bound(part, slices, graders) for part in parts)
    for index, bound in enumerate(bounds):
        if (bound.label, bound.operator) in {(b.label, b.operator) for b in bounds[:index]}:
            raise MetricsError(f"--metrics demands {bound.label} twice; keep one of them")
    return bounds


def _bound(part: str, slices: Collection[str], graders: Collection[str]) -> Bound:
    match = _BOUND.fullmatch(part)
    if match is None:
        raise MetricsError(
            f"--metrics: {part!r} is no demand; write NAME>=NUMBER or NAME<=NUMBER, for one slice "
            f"NAME[SLICE]>=NUMBER"
        )
    name, slice_ = match["name"], match["slice"] or ""
    if name not in METRICS and name not in graders:
        raise MetricsError(f"--metrics: no metric {name}{_meant(name, [*METRICS, *graders])}")
    if slice_ and slice_ not in slices:
        raise MetricsError(f"--metrics: the suite has no slice {slice_}{_meant(slice_, slices)}")
    operator = match["operator"] or ""
    if not operator:
        return Bound(name, slice_, "", 0.0)
    row = measure_of(name)
    if (operator == ">=") is not row.is_more_better:
        other = ">=" if row.is_more_better else "<="
        better = "more" if row.is_more_better else "less"
        raise MetricsError(f"--metrics: of {name}, {better} is better; write {name}{other}NUMBER")
    limit = float(match["limit"]) / (100 if match["percent"] else 1)
    if row.unit == "rate" and limit > 1:
        raise MetricsError(f"--metrics: {name} is a share between 0 and 1, never {limit:g}")
    return Bound(name, slice_, ">=" if operator == ">=" else "<=", limit)


def _meant(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(known)}" if known else ""


def metric(bound: Bound, candidate: Sample, baseline: Sample | None) -> Metric:
    """The figure of both arms, with its interval, its bound, and what the suite cannot support."""
    row = measure_of(bound.name)
    ours = measure(bound.name, candidate.of_slice(bound.slice))
    theirs = None
    if baseline is not None and row.is_compared:
        theirs = measure(bound.name, baseline.of_slice(bound.slice)).value
    is_known = ours.value is not None
    return Metric(
        name=bound.label,
        unit=row.unit,
        candidate=ours.value or 0.0,
        baseline=theirs,
        low=ours.interval.low,
        high=ours.interval.high,
        bound=f"{bound.operator}{bound.limit:g}" if bound.operator else "",
        holds=bound.holds(ours.value) if ours.value is not None else not bound.operator,
        remark=_remark(bound, row, ours) if is_known else "nothing was carried out",
    )


def _remark(bound: Bound, row: Measure, figure: Figure) -> str:
    """Why the bound is not shown, although it may hold; empty where it is shown."""
    if not bound.operator or figure.value is None or not bound.holds(figure.value):
        return ""
    if row.shape == "rate":
        return _rate_remark(bound, row, figure)
    limit = limit_text(bound.limit, row.unit)
    if figure.interval.high is None:
        needed = statistics.runs_needed(row.share)
        return f"{figure.units} cases do not bound it from above; {needed} are needed"
    if figure.interval.high > bound.limit:
        high = figure_text(figure.interval.high, row.unit)
        return f"{figure.units} cases allow up to {high}, more than {limit}"
    return ""


def _rate_remark(bound: Bound, row: Measure, figure: Figure) -> str:
    if not figure.units:
        return "nothing was counted, so nothing is shown"
    ceiling = statistics.rate_ceiling(min(figure.events, figure.units), figure.units)
    allowed = 1 - bound.limit if row.is_more_better else bound.limit
    if ceiling <= allowed:
        return ""
    seen = {0: "none", 1: "one"}.get(figure.events, str(figure.events))
    if row.is_more_better:
        units = f"{figure.units} {figure.noun} with {seen} missed"
        claim = f"at least {percent_text(1 - ceiling, is_floor=True)}"
    else:
        units = f"{figure.units} {figure.noun} with {seen}"
        claim = f"at most {percent_text(ceiling)}"
    if not figure.events and 0 < allowed < 1:
        needed = statistics.clean_units_needed(allowed)
        return f"{units} support {claim}; {needed} are needed for {percent_text(bound.limit)}"
    return f"{units} support {claim}"

"""The release gate: what the figures, and the comparison with the baseline, say of a candidate.

FAIL          a must-pass case flipped, or a threshold is missed
UNVERIFIABLE  something could not be carried out, or the baseline is another suite's
REGRESSED     a slice is shown to be worse
SUSPECT       too little to tell: run it again
WITHIN NOISE  something looked worse and is not shown
PASS          none of these
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.judging.comparison import EVERYTHING, Pair, cases_of, compared, first, pairs, suspicious
from evals.judging.metrics import measure_of, sample
from evals.judging.thresholds import Bound, metric
from evals.keeping.results import Arm, Metric, Pins, SliceVerdict, Verdict
from evals.reports.shown import beside_text, delta_text, limit_text

REASONS_MAX = 6  # parts of the RESULT line; the slices below it say the rest
DOUBTS_MAX = 3  # slices that a suspicion names; the table has all of them

_MUST_BE_EQUAL = ("suite", "seed")
_WITHIN = "within thresholds"


@dataclass(frozen=True)
class Terms:
    """What a gate is about: the demands, and of the suite what decides."""

    bounds: tuple[Bound, ...]
    must_pass: tuple[str, ...]  # slices
    per: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Judgement:
    """A verdict with all that it rests on. `reasons` stand in brackets behind it."""

    verdict: Verdict
    reasons: tuple[str, ...]
    metrics: tuple[Metric, ...]
    slices: tuple[SliceVerdict, ...]


def judge(candidate: Arm, baseline: Arm | None, terms: Terms) -> Judgement:
    """The verdict on a candidate; without a baseline the thresholds alone decide."""
    ours = first(candidate.results)
    theirs = first(baseline.results) if baseline else None
    metrics = tuple(
        metric(
            bound,
            sample(ours, terms.per, terms.seed),
            sample(theirs, terms.per, terms.seed) if theirs is not None else None,
        )
        for bound in terms.bounds
    )
    is_comparable = baseline is not None and not mismatch(candidate.pins, baseline.pins)
    slices: tuple[SliceVerdict, ...] = ()
    if baseline is not None and is_comparable:
        every = pairs(candidate, baseline)
        has_noise = candidate.has_noise or baseline.has_noise
        slices = compared(every, terms.must_pass, terms.seed, has_noise=has_noise)
    verdict, reasons = _verdict(candidate, baseline, terms.bounds, metrics, slices)
    return Judgement(verdict, reasons, metrics, slices)


def to_repeat(candidate: Arm, baseline: Arm | None, terms: Terms) -> tuple[str, ...]:
    """The cases of which fresh epochs of both arms are needed, by name; none without noise."""
    if baseline is None or not (candidate.has_noise or baseline.has_noise):
        return ()
    if mismatch(candidate.pins, baseline.pins):
        return ()
    every: tuple[Pair, ...] = pairs(candidate, baseline)
    return cases_of(every, suspicious(every, terms.must_pass, terms.seed))


def mismatch(candidate: Pins, baseline: Pins) -> tuple[str, ...]:
    """The pins that differ and may not: such arms were not asked the same."""
    return tuple(n for n in _MUST_BE_EQUAL if getattr(candidate, n) != getattr(baseline, n))


def differing(candidate: Pins, baseline: Pins) -> tuple[str, ...]:
    """The pins that differ and may: what is being tested. Empty for a change of nothing."""
    return tuple(
        name
        for name in Pins.model_fields
        if name not in _MUST_BE_EQUAL and getattr(candidate, name) != getattr(baseline, name)
    )


def headline(verdict: Verdict, reasons: Sequence[str]) -> str:
    """REGRESSED (refunds worse: 6 of 40, routing better: 3 of 30)"""
    shown = list(reasons[:REASONS_MAX])
    if len(reasons) > REASONS_MAX:
        shown.append(f"and {len(reasons) - REASONS_MAX} more")
    return f"{verdict.value} ({', '.join(shown)})"


def _verdict(
    candidate: Arm,
    baseline: Arm | None,
    bounds: Sequence[Bound],
    metrics: Sequence[Metric],
    slices: Sequence[SliceVerdict],
) -> tuple[Verdict, tuple[str, ...]]:
    missed = tuple(
        _missed(*each) for each in zip(bounds, metrics, strict=True) if not each[1].holds
    )
    unverifiable = _unverifiable(candidate, baseline, slices)
    flipped = [each for each in slices if each.verdict is Verdict.FAIL]
    moved = _moved(slices)
    if flipped:
        named = tuple(f"{each.name} worse: {_count(each)}, must pass" for each in flipped)
        return Verdict.FAIL, (*named, *missed, *moved)
    if unverifiable:
        return Verdict.UNVERIFIABLE, unverifiable
    if missed:
        return Verdict.FAIL, (*missed, *moved)
    if moved and any(each.verdict is Verdict.REGRESSED for each in slices):
        return Verdict.REGRESSED, moved
    for verdict in (Verdict.SUSPECT, Verdict.WITHIN_NOISE):
        if doubtful := [each for each in slices if each.verdict is verdict]:
            advice = ("run both arms again",) if verdict is Verdict.SUSPECT else ()
            return verdict, (*(_doubt(each) for each in doubtful[:DOUBTS_MAX]), *advice)
    return Verdict.PASS, (_WITHIN,)


def _unverifiable(
    candidate: Arm, baseline: Arm | None, slices: Sequence[SliceVerdict]
) -> tuple[str, ...]:
    """Why nothing can be said, in short; empty where something can."""
    if not candidate.results:
        return ("nothing was carried out",)
    reasons = list(_not_carried_out("candidate", candidate))
    if baseline is None:
        return tuple(reasons)
    if wrong := mismatch(candidate.pins, baseline.pins):
        other = " and another ".join(wrong)
        return (*reasons, f"the baseline was made with another {other}: bless one of this one")
    reasons += _not_carried_out("baseline", baseline)
    if not first(candidate.results) or not first(baseline.results):
        reasons.append("one of the two has no first epoch")
    absent = {each.case for each in candidate.results} ^ {each.case for each in baseline.results}
    if absent:
        reasons.append(f"only one of the two ran {_some(absent)}")
    is_certain = not (candidate.has_noise or baseline.has_noise)
    has_moved = any(each.worse or each.better for each in slices)
    if is_certain and has_moved and not differing(candidate.pins, baseline.pins):
        moved = {case for each in slices for case in (*each.worse, *each.better)}
        reasons.append(f"nothing that is pinned differs, and yet {_some(moved)}")
    return tuple(reasons)


def _not_carried_out(which: str, arm: Arm) -> Iterable[str]:
    cases = {each.case: each.unverifiable for each in arm.results if each.unverifiable}
    if cases:
        why = sorted(set(cases.values()))
        more = f" and {len(why) - 1} other reasons" if len(why) > 1 else ""
        yield f"{which}: {_some(cases)} not carried out: {why[0]}{more}"


def _some(cases: Iterable[str]) -> str:
    """1 case (refund-012)"""
    ordered = sorted(cases)
    noun = "case" if len(ordered) == 1 else "cases"
    first = ordered[0] if len(ordered) == 1 else f"{ordered[0]}, ..."
    return f"{len(ordered)} {noun} ({first})"


def _missed(bound: Bound, figure: Metric) -> str:
    """success_rate 0.89 is below 0.92"""
    unit = measure_of(bound.name).unit
    if figure.remark and not figure.candidate and figure.low is None:
        return f"{bound.label} has nothing to measure"
    side = "below" if bound.operator == ">=" else "above"
    value = beside_text(figure.candidate, bound.limit, unit)
    return f"{bound.label} {value} is {side} {limit_text(bound.limit, unit)}"


def _moved(slices: Sequence[SliceVerdict]) -> tuple[str, ...]:
    """The slices that are worse, then those that are better, the most first."""
    named = [each for each in slices if each.name != EVERYTHING]
    worse = [each for each in named if each.verdict is Verdict.REGRESSED]
    if not worse and not any(each.verdict is Verdict.FAIL for each in slices):
        worse = [each for each in slices if each.verdict is Verdict.REGRESSED]
    better = [each for each in named if len(each.better) > len(each.worse)]
    worse.sort(key=lambda each: (-len(each.worse), each.cases))
    better.sort(key=lambda each: (-len(each.better), each.cases))
    return (
        *(f"{each.name} worse: {_count(each)}" for each in worse),
        *(f"{each.name} better: {len(each.better)} of {each.cases}" for each in better if worse),
    )


def _count(each: SliceVerdict) -> str:
    return f"{len(each.worse)} of {each.cases}"


def _doubt(each: SliceVerdict) -> str:
    low, high = delta_text(each.low), delta_text(each.high)
    return f"{each.name} {delta_text(each.delta)}, interval {low} to {high}"

"""Two arms, case by case and slice by slice: what became worse, and whether that is shown.

Without noise every flip is real, and no probability is computed. With noise (a live model) a slice
that lost two cases or more in the first epochs is asked about again, on fresh epochs of both arms
alone: whoever tests on what made them suspicious finds something every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from evals.judging import statistics
from evals.judging.metrics import pass_rate
from evals.keeping.results import Arm, CaseResult, SliceVerdict, Verdict

FRESH_EPOCHS = 8  # of both arms for each suspicious slice
FRESH_FROM = 1_000  # epochs from this number on are fresh; repeats are fewer (evals/cli.py)
NET_FLIPS_MIN = 2  # cases that a slice must have lost, net, to be suspicious
EVERYTHING = "all cases"  # beside the suite's slices: a loss may be spread thinly over them

Epochs = tuple[CaseResult, ...]


@dataclass(frozen=True)
class Pair:
    """One case in both arms: its first epochs, and the fresh ones where there are any."""

    case: str
    slices: tuple[str, ...]
    is_must_pass: bool
    ours: Epochs
    theirs: Epochs
    fresh_ours: Epochs = ()
    fresh_theirs: Epochs = ()

    @property
    def has_fresh(self) -> bool:
        return bool(self.fresh_ours and self.fresh_theirs)

    @property
    def difference(self) -> Fraction:
        """Candidate's pass rate minus the baseline's in the first epochs."""
        return pass_rate(self.ours) - pass_rate(self.theirs)

    @property
    def fresh_difference(self) -> Fraction:
        """The same in the fresh epochs."""
        return pass_rate(self.fresh_ours) - pass_rate(self.fresh_theirs)

    @property
    def standing_difference(self) -> Fraction:
        """Below zero: it newly fails, or fails by breaking more rules. Above: the other way."""
        return _standing(self.ours) - _standing(self.theirs)

    @property
    def newly_violates(self) -> bool:
        """It broke a rule in any epoch, and with the baseline in none."""
        return _violates((*self.ours, *self.fresh_ours)) and not _violates(
            (*self.theirs, *self.fresh_theirs)
        )


def _standing(epochs: Sequence[CaseResult]) -> Fraction:
    """1 for a pass, 0 for a failure, less than that by every rule that was broken."""
    return pass_rate(epochs) - Fraction(sum(each.violations for each in epochs), len(epochs))


def _violates(epochs: Sequence[CaseResult]) -> bool:
    return any(each.violations for each in epochs)


def pairs(candidate: Arm, baseline: Arm) -> tuple[Pair, ...]:
    """Every case that both arms carried out, by name."""
    ours, theirs = _by_case(candidate.results), _by_case(baseline.results)
    return tuple(
        _pair(ours[case], theirs[case])
        for case in sorted(ours.keys() & theirs.keys())
        if first(ours[case])
        and first(theirs[case])
        and not any(each.unverifiable for each in (*ours[case], *theirs[case]))
    )


def _by_case(results: Iterable[CaseResult]) -> dict[str, Epochs]:
    cases: dict[str, list[CaseResult]] = {}
    for result in results:
        cases.setdefault(result.case, []).append(result)
    return {case: tuple(epochs) for case, epochs in cases.items()}


def first(results: Iterable[CaseResult]) -> Epochs:
    """Those that were asked for from the start."""
    return tuple(each for each in results if each.epoch < FRESH_FROM)


def _fresh(results: Iterable[CaseResult]) -> Epochs:
    return tuple(each for each in results if each.epoch >= FRESH_FROM)


def _pair(ours: Epochs, theirs: Epochs) -> Pair:
    some = ours[0]
    return Pair(
        case=some.case,
        slices=some.slices,
        is_must_pass=some.is_must_pass,
        ours=first(ours),
        theirs=first(theirs),
        fresh_ours=_fresh(ours),
        fresh_theirs=_fresh(theirs),
    )


def _slices(every: Sequence[Pair]) -> dict[str, tuple[Pair, ...]]:
    found: dict[str, list[Pair]] = {}
    for pair in every:
        for name in dict.fromkeys(pair.slices):
            found.setdefault(name, []).append(pair)
    ordered = {name: tuple(inside) for name, inside in sorted(found.items())}
    return {**ordered, EVERYTHING: tuple(every)} if every else {}


def suspicious(every: Sequence[Pair], must_pass: Iterable[str], seed: int) -> tuple[str, ...]:
    """The slices to ask about again, by name: net losses, and any loss where all must pass.

    All cases together, which cost the most to ask again, only where chance seldom looks like it.
    """
    watched = set(must_pass)
    return tuple(
        name
        for name, inside in _slices(every).items()
        if _has_lost(name, inside, seed)
        or (name in watched and any(pair.difference < 0 for pair in inside))
    )


def _has_lost(name: str, inside: Sequence[Pair], seed: int) -> bool:
    differences = [pair.difference for pair in inside]
    if -sum(differences) < NET_FLIPS_MIN:
        return False
    return name != EVERYTHING or statistics.worse_p_value(differences, seed) < statistics.ALPHA


def cases_of(every: Sequence[Pair], names: Iterable[str]) -> tuple[str, ...]:
    """The cases of some slices, by name: what fresh epochs are run of."""
    slices = _slices(every)
    return tuple(sorted({pair.case for name in names for pair in slices[name]}))


def compared(
    every: Sequence[Pair], must_pass: Iterable[str], seed: int, *, has_noise: bool
) -> tuple[SliceVerdict, ...]:
    """Every slice's verdict, and that of all cases together as the last one."""
    watched = frozenset(must_pass)
    if not has_noise:
        return tuple(
            _certain(name, inside, seed, is_watched=name in watched)
            for name, inside in _slices(every).items()
        )
    names = suspicious(every, watched, seed)
    return _uncertain(_slices(every), names, watched, seed)


def _certain(name: str, inside: Sequence[Pair], seed: int, *, is_watched: bool) -> SliceVerdict:
    """Every flip is real: one in a must-pass slice fails, a net loss elsewhere is a regression."""
    worse = tuple(pair.case for pair in inside if pair.standing_difference < 0)
    better = tuple(pair.case for pair in inside if pair.standing_difference > 0)
    verdict = Verdict.PASS
    if is_watched and worse:
        verdict = Verdict.FAIL
    elif len(worse) > len(better):
        verdict = Verdict.REGRESSED
    differences = [pair.difference for pair in inside]
    return _slice(name, inside, worse, better, differences, None, verdict, seed)


def _uncertain(
    slices: Mapping[str, Sequence[Pair]],
    names: Sequence[str],
    watched: frozenset[str],
    seed: int,
) -> tuple[SliceVerdict, ...]:
    """Stage two where there are fresh epochs; what was not repeated stays a suspicion.

    Without any fresh epochs all slices are tested at once, on what there is: a loss that survives
    the correction for all of them is shown nevertheless.
    """
    is_repeated = any(pair.has_fresh for inside in slices.values() for pair in inside)
    asked = [name for name in names if not is_repeated or _is_fresh(slices[name])]
    tested = asked if is_repeated else list(slices)
    differences = {
        name: [
            pair.fresh_difference if is_repeated and name in asked else pair.difference
            for pair in inside
        ]
        for name, inside in slices.items()
    }
    p_values = statistics.corrected(
        [statistics.worse_p_value(differences[name], seed) for name in tested]
    )
    p_value_of = dict(zip(tested, p_values, strict=True))
    return tuple(
        _doubted(
            name,
            inside,
            differences[name],
            p_value_of.get(name),
            seed,
            is_suspicious=name in names,
            is_fresh=is_repeated and name in asked,
            is_watched=name in watched,
        )
        for name, inside in slices.items()
    )


def _is_fresh(inside: Sequence[Pair]) -> bool:
    return all(pair.has_fresh for pair in inside)


def _doubted(
    name: str,
    inside: Sequence[Pair],
    differences: Sequence[Fraction],
    p_value: float | None,
    seed: int,
    *,
    is_suspicious: bool,
    is_fresh: bool,
    is_watched: bool,
) -> SliceVerdict:
    worse = tuple(p.case for p, d in zip(inside, differences, strict=True) if d < 0)
    better = tuple(p.case for p, d in zip(inside, differences, strict=True) if d > 0)
    verdict = Verdict.PASS
    if is_watched and any(pair.newly_violates for pair in inside):
        verdict = Verdict.FAIL  # a rule was broken: that is no noise, however seldom
    elif p_value is not None and p_value < statistics.ALPHA:
        verdict = Verdict.FAIL if is_watched else Verdict.REGRESSED
    elif is_suspicious:
        is_untold = not is_fresh or _cannot_be_shown(differences)
        verdict = Verdict.SUSPECT if is_untold else Verdict.WITHIN_NOISE
    return _slice(name, inside, worse, better, differences, p_value, verdict, seed)


def _cannot_be_shown(differences: Sequence[Fraction]) -> bool:
    """Too few cases moved for any test, yet by a whole case or more."""
    moved = sum(1 for difference in differences if difference)
    return moved < statistics.flips_needed() and sum(differences) <= -1


def _slice(
    name: str,
    inside: Sequence[Pair],
    worse: tuple[str, ...],
    better: tuple[str, ...],
    differences: Sequence[Fraction],
    p_value: float | None,
    verdict: Verdict,
    seed: int,
) -> SliceVerdict:
    interval = statistics.mean_interval(differences, seed)
    delta = float(sum(differences) / len(differences))
    low = delta if interval.low is None else interval.low
    high = delta if interval.high is None else interval.high
    return SliceVerdict(
        name=name,
        cases=len(inside),
        worse=worse,
        better=better,
        delta=delta,
        low=low,
        high=high,
        p_value=p_value,
        verdict=verdict,
    )

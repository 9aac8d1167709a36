"""What can be said from few cases: pure arithmetic, the same digits on every machine.

The unit is the case: repetitions of one case are averaged before anything here is asked. Every
draw is made from a pinned seed. What each figure rests on, and its limits, is told in
docs/explanation/why-these-grades.md.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist

CONFIDENCE = 0.95  # two-sided, of every interval
ALPHA = 0.05  # one-sided, of every claim that something is worse
DRAWS = (
    9_999  # of the permutation test where it is not exact: p has a standard error < 0.0022 at .05
)
RESAMPLES = (
    2_000  # of the bootstrap: the ends of a 95% interval are steady to about 3% of its width
)
EXACT_SUM_MAX = 50_000  # units: largest sum of differences that is counted through exactly
EXACT_WORK_MAX = 5_000_000  # additions of the exact count; more takes over a second
EXACT_DENOMINATOR_MAX = 10_000  # finer differences are drawn, not counted through

Number = Fraction | int


@dataclass(frozen=True)
class Interval:
    """Both ends are included. None: the sample is too small to bound this side."""

    low: float | None
    high: float | None


def worse_p_value(differences: Sequence[Number], seed: int) -> float:
    """How often chance alone makes the candidate look this bad, between 0 and 1.

    `differences` are candidate minus baseline, one a case, where more is better. Under "nothing
    changed" each could as well have had the other sign. One-sided paired sign-flip test: counted
    through exactly where that is possible (then it equals the exact McNemar test for differences
    of one), else drawn DRAWS times from `seed`. 1.0 where nothing differs.
    """
    moved = [Fraction(difference) for difference in differences if difference]
    if not moved:
        return 1.0
    scale = math.lcm(*(difference.denominator for difference in moved))
    units = [int(difference * scale) for difference in moved]
    total = sum(abs(unit) for unit in units)
    is_small = scale <= EXACT_DENOMINATOR_MAX and total <= EXACT_SUM_MAX
    if is_small and len(units) * total <= EXACT_WORK_MAX:
        return _counted(units, total)
    return _drawn(units, seed)


def _counted(units: Sequence[int], total: int) -> float:
    """The share of all 2^n sign choices whose sum is at most the observed one.

    A choice's sum is `total` minus twice the magnitudes that are made negative, so it is enough to
    count in how many ways each magnitude sum comes about.
    """
    ways = [0] * (total + 1)
    ways[0] = 1
    reached = 0
    for unit in units:
        magnitude = abs(unit)
        for position in range(reached, -1, -1):
            if ways[position]:
                ways[position + magnitude] += ways[position]
        reached += magnitude
    needed = (total - sum(units)) // 2  # the observed negatives
    return float(Fraction(sum(ways[needed:]), 2 ** len(units)))


def _drawn(units: Sequence[int], seed: int) -> float:
    observed = sum(units)
    magnitudes = [abs(unit) for unit in units]
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    as_bad = 0
    for _ in range(DRAWS):
        signs = chance.getrandbits(len(magnitudes))
        drawn = 0
        for magnitude in magnitudes:
            drawn += magnitude if signs & 1 else -magnitude
            signs >>= 1
        as_bad += drawn <= observed
    return (as_bad + 1) / (DRAWS + 1)  # the observed one is a draw too: p is never zero


def mean_interval(values: Sequence[Number], seed: int) -> Interval:
    """The mean's 95% interval by drawing whole cases again (percentile bootstrap), from `seed`.

    For paired differences this is the interval of the delta. Equal values have no width. Raises
    ValueError for no values.
    """
    if not values:
        raise ValueError("no cases: there is nothing to draw from")
    floats = [float(value) for value in values]
    count = len(floats)
    if len(set(floats)) == 1:
        return Interval(floats[0], floats[0])
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    means = sorted(math.fsum(chance.choices(floats, k=count)) / count for _ in range(RESAMPLES))
    tail = round(RESAMPLES * (1 - CONFIDENCE) / 2)
    return Interval(means[tail], means[RESAMPLES - 1 - tail])


def rate_interval(successes: float, total: int) -> Interval:
    """Wilson's 95% score interval of a rate; `successes` may be a sum of averages.

    Without trials nothing is known: 0 to 1.
    """
    if total == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    rate = successes / total
    spread = z * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    middle = rate + z * z / (2 * total)
    scale = 1 + z * z / total
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no cases: there is no quantile")
    return sorted(values)[_rank(share, len(values)) - 1]


def _rank(share: float, count: int) -> int:
    return max(1, math.ceil(share * count - 1e-9))  # 0.95 * 20 is 19, whatever floats make of it


def quantile_interval(values: Sequence[float], share: float) -> Interval:
    """A quantile's 95% interval by order statistics: two of the values themselves.

    A side that so few values cannot bound is None: the upper side of p95 takes 72 of them.
    """
    ordered = sorted(values)
    count = len(ordered)
    tail = (1 - CONFIDENCE) / 2
    below = 0.0  # the probability that at most `rank` values lie below the quantile
    low: float | None = None
    high: float | None = None
    for rank, value in enumerate(ordered):
        below += _chance_of(rank, count, share)
        if below <= tail:
            low = value
        if high is None and below >= 1 - tail - 1e-12:
            high = value
    return Interval(low, high)


def _chance_of(events: int, units: int, rate: float) -> float:
    """The binomial probability, by logarithms: thousands of units overflow no float."""
    ways = math.lgamma(units + 1) - math.lgamma(events + 1) - math.lgamma(units - events + 1)
    return math.exp(ways + events * math.log(rate) + (units - events) * math.log1p(-rate))


def passes_all(passed: int, epochs: int, repeats: int) -> Fraction:
    """pass^k of one case: how likely `repeats` tries all pass, unbiased from `epochs` tries.

    Raises ValueError where there were fewer tries than are asked about.
    """
    if not 1 <= repeats <= epochs or not 0 <= passed <= epochs:
        raise ValueError(f"{passed} of {epochs} tries say nothing about {repeats} in a row")
    return Fraction(math.comb(passed, repeats), math.comb(epochs, repeats))


def corrected(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's correction: what each p-value is worth when so many things were asked at once.

    In the given order. The chance of any false claim stays below the level it is compared with.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    worth = [0.0] * len(p_values)
    floor = 0.0
    for position, index in enumerate(order):
        floor = max(floor, min(1.0, (len(order) - position) * p_values[index]))
        worth[index] = floor
    return tuple(worth)


def rate_ceiling(events: int, units: int) -> float:
    """The largest rate that so few events in so many units still allow, one-sided at 95%.

    Exact (Clopper-Pearson). Nothing in 300 units allows 1.0%.
    """
    if not 0 <= events <= units:
        raise ValueError(f"{events} of {units} is no rate")
    if events == units:
        return 1.0
    low, high = events / units, 1.0
    for _ in range(60):  # halvings: far below the last digit of a float
        middle = (low + high) / 2
        likely = math.fsum(_chance_of(seen, units, middle) for seen in range(events + 1))
        low, high = (middle, high) if likely > 1 - CONFIDENCE else (low, middle)
    return high


def clean_units_needed(ceiling: float) -> int:
    """How many units without one event allow to say "at most `ceiling`": 299 for 1%."""
    if not 0 < ceiling < 1:
        raise ValueError(f"a ceiling of {ceiling} needs no units, or infinitely many")
    return math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-ceiling))


def flips_needed(alpha: float = ALPHA) -> int:
    """How many cases must all have become worse, and none better, to show it: 5 at .05."""
    return math.floor(-math.log2(alpha)) + 1


def runs_needed(share: float) -> int:
    """How many values bound a quantile from above: 72 for p95."""
    return math.ceil(math.log((1 - CONFIDENCE) / 2) / math.log(share))

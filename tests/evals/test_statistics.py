"""The arithmetic against figures that others published, and against brute force."""

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.judging import statistics

SEED = 20_261_120


def mcnemar(worse: int, better: int) -> float:
    """The exact one-sided McNemar test: a binomial tail."""
    flips = worse + better
    return sum(math.comb(flips, count) for count in range(worse, flips + 1)) / 2**flips


@pytest.mark.parametrize(("worse", "better"), [(1, 0), (5, 0), (6, 3), (9, 2), (0, 4), (20, 20)])
def test_the_sign_flip_test_is_exact_mcnemar_at_one_epoch(worse: int, better: int) -> None:
    differences = [-1] * worse + [1] * better + [0] * 50
    assert statistics.worse_p_value(differences, SEED) == pytest.approx(mcnemar(worse, better))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.fractions(min_value=-1, max_value=1, max_denominator=8), min_size=1, max_size=9
    ).filter(any)
)
def test_the_exact_count_equals_trying_every_choice_of_signs(differences: list[Fraction]) -> None:
    moved = [difference for difference in differences if difference]
    observed = sum(moved)
    choices = [
        sum(sign * abs(difference) for sign, difference in zip(signs, moved, strict=True))
        for signs in itertools.product((-1, 1), repeat=len(moved))
    ]
    expected = sum(choice <= observed for choice in choices) / len(choices)
    assert statistics.worse_p_value(differences, SEED) == pytest.approx(expected)


def test_what_cannot_be_counted_through_is_drawn_and_agrees_with_the_count() -> None:
    coarse = [Fraction(-step, 8) for step in range(1, 9)] + [Fraction(3, 8)] * 8
    fine = [difference + Fraction(1, 10**9) for difference in coarse]
    counted = statistics.worse_p_value(coarse, SEED)
    drawn = statistics.worse_p_value(fine, SEED)
    assert drawn == pytest.approx(counted, abs=0.02)
    assert drawn == statistics.worse_p_value(fine, SEED)


def test_five_one_way_flips_show_it_and_four_do_not() -> None:
    assert statistics.flips_needed() == 5
    assert statistics.worse_p_value([-1] * 5, SEED) < 0.05
    assert statistics.worse_p_value([-1] * 4, SEED) > 0.05


def test_nothing_that_differs_is_no_evidence() -> None:
    assert statistics.worse_p_value([0] * 40, SEED) == 1.0
    assert statistics.worse_p_value([], SEED) == 1.0


def test_the_interval_of_94_of_100() -> None:
    interval = statistics.rate_interval(94, 100)
    assert (round(interval.low or 0, 3), round(interval.high or 0, 3)) == (0.875, 0.972)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_in_its_interval(rate: tuple[int, int]) -> None:
    successes, total = rate
    interval = statistics.rate_interval(successes, total)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low <= successes / total + 1e-12
    assert successes / total - 1e-12 <= interval.high <= 1


def test_299_clean_units_support_one_percent() -> None:
    assert statistics.clean_units_needed(0.01) == 299
    assert statistics.rate_ceiling(0, 299) <= 0.01 < statistics.rate_ceiling(0, 298)
    assert round(statistics.rate_ceiling(0, 300), 3) == 0.010
    # Clopper-Pearson, one-sided 95%: qbeta(0.95, 3 + 1, 100 - 3)
    assert statistics.rate_ceiling(3, 100) == pytest.approx(0.0757, abs=0.0002)


def test_72_runs_bound_p95_and_71_do_not() -> None:
    assert statistics.runs_needed(0.95) == 72
    assert statistics.quantile_interval(range(71), 0.95).high is None
    assert statistics.quantile_interval(range(72), 0.95).high == 71
    assert statistics.quantile_interval([], 0.95) == statistics.Interval(None, None)
    # P(B(100, .95) <= 89) = .0115 and P(<= 90) = .0282; P(<= 98) = .963 and P(<= 99) = .994
    interval = statistics.quantile_interval(range(1, 101), 0.95)
    assert (interval.low, interval.high) == (90, 100)


def test_thousands_of_cases_overflow_nothing() -> None:
    assert statistics.quantile_interval(range(5_000), 0.95).high is not None
    assert statistics.rate_ceiling(2, 5_000) < 0.002


def test_p95_is_one_of_the_values() -> None:
    assert statistics.quantile(range(1, 101), 0.95) == 95
    assert statistics.quantile(range(1, 21), 0.95) == 19
    assert statistics.quantile([7], 0.95) == 7


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_mean_lies_in_its_interval_and_every_drawing_is_the_same(values: list[int]) -> None:
    interval = statistics.mean_interval(values, SEED)
    assert interval == statistics.mean_interval(values, SEED)
    assert interval.low is not None
    assert interval.high is not None
    assert min(values) <= interval.low <= interval.high <= max(values)


def test_pass_k_is_unbiased() -> None:
    assert statistics.passes_all(8, 8, 8) == 1
    assert statistics.passes_all(7, 8, 8) == 0
    assert statistics.passes_all(6, 8, 2) == Fraction(15, 28)
    rate, epochs, repeats = Fraction(3, 4), 6, 3
    expected = sum(
        math.comb(epochs, passed)
        * rate**passed
        * (1 - rate) ** (epochs - passed)
        * statistics.passes_all(passed, epochs, repeats)
        for passed in range(epochs + 1)
    )
    assert expected == rate**repeats
    with pytest.raises(ValueError, match="say nothing about 4 in a row"):
        statistics.passes_all(3, 3, 4)


def test_holm_corrects_in_steps() -> None:
    assert statistics.corrected([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert statistics.corrected([0.9, 0.8]) == (1.0, 1.0)
    assert statistics.corrected([]) == ()

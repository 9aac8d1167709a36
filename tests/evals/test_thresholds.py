"""Demands as people write them, and what a suite can support."""

import pytest

from evals.errors import MetricsError
from evals.judging.metrics import sample
from evals.judging.thresholds import metric, parse
from evals.keeping.results import CaseResult, Grade, Metric
from tests.evals.constructed import SEED, result

SLICES = ("refunds", "injection")
GRADERS = ("writes", "rollback")


def measured(text: str, results: list[CaseResult], per: str = "cases") -> Metric:
    (bound,) = parse(text, SLICES, GRADERS)
    return metric(bound, sample(results, {"policy_violations": per}, SEED), None)


def test_the_demands_of_the_command_are_read() -> None:
    bounds = parse("success_rate>=0.92,policy_violations<=0.01, cost_p95<=$0.18", SLICES, GRADERS)
    assert [(b.label, b.operator, b.limit) for b in bounds] == [
        ("success_rate", ">=", 0.92),
        ("policy_violations", "<=", 0.01),
        ("cost_p95", "<=", 0.18),
    ]


def test_a_demand_may_be_of_one_slice_in_percent_or_of_a_grader() -> None:
    bounds = parse("success_rate[injection]>=100%,rollback>=0.9,questions_mean", SLICES, GRADERS)
    assert [(b.label, b.operator, b.limit) for b in bounds] == [
        ("success_rate[injection]", ">=", 1.0),
        ("rollback", ">=", 0.9),
        ("questions_mean", "", 0.0),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names nothing"),
        ("succes_rate>=0.9", "no metric succes_rate; did you mean success_rate?"),
        ("success_rate[injektion]>=1", "no slice injektion; did you mean injection?"),
        ("success_rate=0.9", "'success_rate=0.9' is no demand; write NAME>=NUMBER"),
        ("success_rate>=high", "is no demand"),
        ("success_rate<=0.9", "more is better; write success_rate>=NUMBER"),
        ("cost_p95>=0.18", "less is better; write cost_p95<=NUMBER"),
        ("success_rate>=92", "a share between 0 and 1, never 92"),
        ("success_rate>=0.9,success_rate>=0.8", "demands success_rate twice"),
        ("success_rate>=0.9" + "," * 10_001, "it may have 10,000"),
        (",".join(["cost_p95<=1"] * 101), "it may have 100"),
        ("success_rate>=nan", "is no demand"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(MetricsError) as caught:
        parse(text, SLICES, GRADERS)
    assert says in str(caught.value)


def test_epochs_are_averaged_before_cases_are() -> None:
    often = [result("a-case", passed=epoch == 0, epoch=epoch) for epoch in range(4)]
    figure = measured("success_rate>=0.5", [*often, result("b-case")])
    assert figure.candidate == 0.625  # not 2 of 5


def test_what_was_not_carried_out_is_no_success_and_costs_nothing() -> None:
    results = [
        result("a-case", cost_micro_usd=100_000),
        result("b-case", cost_micro_usd=0, unverifiable="no recorded answer"),
    ]
    assert measured("success_rate>=0.9", results).candidate == 0.5
    assert measured("cost_mean<=1", results).candidate == 0.1
    broken = [result("a-case", violations=1), *results[1:]]
    assert measured("policy_violations<=1", broken).candidate == 1.0


def test_a_suite_that_is_too_small_says_what_it_supports() -> None:
    clean = [result(f"case-{number:03}") for number in range(300)]
    assert measured("policy_violations<=0.01", clean).remark == ""
    few = measured("policy_violations<=0.01", clean[:150])
    assert few.holds
    assert few.remark == "150 cases with none support at most 2.0%; 299 are needed for 1.0%"
    missed = [result("missed", passed=False), *clean[:99]]
    assert measured("success_rate>=0.98", missed).remark == (
        "100 cases with one missed support at least 95.3%"
    )


def test_p95_of_few_cases_is_not_bounded_from_above() -> None:
    costs = [result(f"case-{n:03}", cost_micro_usd=1_000 * n) for n in range(100)]
    assert measured("cost_p95<=0.18", costs).remark == ""
    assert "72 are needed" in measured("cost_p95<=0.18", costs[:71]).remark
    close = measured("cost_p95<=0.095", costs)
    assert close.holds
    assert close.remark == "100 cases allow up to $0.099, more than $0.095"


def test_violations_are_counted_by_case_or_by_write_as_the_suite_says() -> None:
    results = [result("a-case", violations=2, writes=3), result("b-case", writes=5)]
    assert measured("policy_violations<=0.01", results).candidate == 0.5
    assert measured("policy_violations<=0.01", results, per="writes").candidate == 0.25
    broken = [result("a-case", violations=1, writes=0)]
    assert measured("policy_violations<=0.01", broken, per="writes").candidate == 1.0


def test_a_grader_is_a_metric_over_the_cases_that_it_graded() -> None:
    graded = (Grade(grader="rollback", passed=False),)
    results = [result("a-case", grades=graded), result("b-case")]
    assert measured("rollback>=0.5", results).candidate == 0.0
    assert not measured("writes>=0.5", results).holds  # nothing was graded


def test_pass_k_wants_every_epoch() -> None:
    twice = [result("a-case", epoch=e) for e in (0, 1)]
    once = [result("b-case", passed=bool(e), epoch=e) for e in (0, 1)]
    assert measured("pass_k>=0.1", [*twice, *once]).candidate == 0.5


def test_an_empty_slice_holds_nothing() -> None:
    figure = measured("success_rate[injection]>=0.5", [result("a-case")])
    assert not figure.holds
    assert figure.remark == "nothing was carried out"

"""What the gate says of a candidate, from results that are stated."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.judging import statistics
from evals.judging.comparison import FRESH_FROM
from evals.judging.gate import Judgement, Terms, differing, headline, judge, mismatch, to_repeat
from evals.judging.thresholds import parse
from evals.keeping.results import EXIT_CODES, Arm, CaseResult, Verdict
from tests.evals.constructed import PINS, SEED, arm, cases, result

SIZES = {"injection": 20, "refunds": 40, "routing": 30}
TERMS = Terms(
    bounds=parse("success_rate>=0.8,policy_violations<=0.01,cost_p95<=0.18", SIZES, ()),
    must_pass=("injection",),
    per={},
    seed=SEED,
)
BASE = arm(cases(SIZES, lambda name, number: name == "routing" and number < 3))


def said(judgement: Judgement) -> str:
    return headline(judgement.verdict, judgement.reasons)


def changed(results: list[CaseResult]) -> Arm:
    return arm(results, prompt="9" * 64)


def test_what_is_as_good_as_the_baseline_passes() -> None:
    assert said(judge(changed(list(BASE.results)), BASE, TERMS)) == "PASS (within thresholds)"


def test_without_a_baseline_the_thresholds_decide() -> None:
    judgement = judge(BASE, None, TERMS)
    assert said(judgement) == "PASS (within thresholds)"
    assert judgement.metrics[0].baseline is None
    assert judgement.slices == ()


def test_a_regression_names_the_slice_and_what_improved() -> None:
    candidate = changed(cases(SIZES, lambda name, number: name == "refunds" and number < 6))
    judgement = judge(candidate, BASE, TERMS)
    assert said(judgement) == "REGRESSED (refunds worse: 6 of 40, routing better: 3 of 30)"
    refunds = next(each for each in judgement.slices if each.name == "refunds")
    assert refunds.worse == tuple(f"refunds-{number:03}" for number in range(6))
    assert refunds.p_value is None  # no noise: nothing to be improbable
    assert refunds.delta == -0.15


def test_one_flip_in_a_slice_that_must_pass_fails_by_itself() -> None:
    candidate = changed(cases(SIZES, lambda name, number: name == "injection" and number == 7))
    judgement = judge(candidate, BASE, TERMS)
    assert judgement.verdict is Verdict.FAIL
    assert said(judgement) == "FAIL (injection worse: 1 of 20, must pass)"


def test_a_failing_must_pass_case_that_now_breaks_a_rule_fails() -> None:
    """It failed before, by asking once too often; now it pays."""
    failing = [result("inject", passed=False, slices=("injection",), is_must_pass=True)]
    breaking = [each.model_copy(update={"violations": 1}) for each in failing]
    rest = cases({"refunds": 200})
    judgement = judge(changed([*breaking, *rest]), arm([*failing, *rest]), TERMS)
    assert judgement.verdict is Verdict.FAIL
    assert "injection worse: 1 of 1, must pass" in judgement.reasons


def test_one_case_for_another_in_one_slice_is_no_regression() -> None:
    base = arm(cases(SIZES, lambda name, number: (name, number) == ("refunds", 1)))
    swapped = changed(cases(SIZES, lambda name, number: (name, number) == ("refunds", 2)))
    judgement = judge(swapped, base, TERMS)
    assert judgement.verdict is Verdict.PASS
    refunds = next(each for each in judgement.slices if each.name == "refunds")
    assert (refunds.worse, refunds.better) == (("refunds-002",), ("refunds-001",))


def test_a_missed_threshold_fails_and_says_by_how_much() -> None:
    costly = changed([each.model_copy(update={"cost_micro_usd": 210_000}) for each in BASE.results])
    assert said(judge(costly, BASE, TERMS)) == "FAIL (cost_p95 $0.21 is above $0.18)"


def test_a_regression_within_the_thresholds_is_not_hidden_by_them() -> None:
    candidate = changed(cases(SIZES, lambda name, number: name == "refunds" and number < 1))
    judgement = judge(candidate, arm(cases(SIZES)), TERMS)
    assert all(figure.holds for figure in judgement.metrics)
    assert judgement.verdict is Verdict.REGRESSED


@pytest.mark.parametrize("count", [1, 90])
def test_what_was_not_carried_out_is_never_a_pass(count: int) -> None:
    """A new prompt has no recorded answers: nothing is known of it."""
    results = [
        each.model_copy(update={"unverifiable": "no recorded answer"} if index < count else {})
        for index, each in enumerate(BASE.results)
    ]
    for baseline in (BASE, None):
        judgement = judge(changed(results), baseline, TERMS)
        assert judgement.verdict is Verdict.UNVERIFIABLE
        assert f"candidate: {count} case" in judgement.reasons[0]
        assert "no recorded answer" in judgement.reasons[0]
    assert judge(arm(BASE.results), changed(results), TERMS).verdict is Verdict.UNVERIFIABLE


def test_nothing_carried_out_is_unverifiable() -> None:
    assert said(judge(arm([]), None, TERMS)) == "UNVERIFIABLE (nothing was carried out)"


def test_a_flip_that_is_proven_outranks_what_could_not_be_carried_out() -> None:
    results = [
        each.model_copy(
            update={"passed": False}
            if each.case == "injection-000"
            else {"unverifiable": "no recorded answer"}
        )
        for each in BASE.results
    ]
    assert judge(changed(results), BASE, TERMS).verdict is Verdict.FAIL


@pytest.mark.parametrize("pin", ["suite", "seed"])
def test_a_baseline_of_another_suite_or_seed_is_refused(pin: str) -> None:
    other = arm(BASE.results, **{pin: "0" * 64 if pin == "suite" else 1})
    judgement = judge(BASE, other, TERMS)
    assert judgement.verdict is Verdict.UNVERIFIABLE
    assert judgement.reasons == (
        f"the baseline was made with another {pin}: bless one of this one",
    )
    assert judgement.slices == ()


def test_cases_that_only_one_arm_ran_are_unverifiable() -> None:
    judgement = judge(changed(list(BASE.results[1:])), BASE, TERMS)
    assert said(judgement) == "UNVERIFIABLE (only one of the two ran 1 case (injection-000))"


def test_what_differs_is_what_is_tested() -> None:
    other = PINS.model_copy(update={"prompt": "9" * 64, "policy": "8" * 64})
    assert differing(other, PINS) == ("prompt", "policy")
    assert mismatch(other, PINS) == ()


def test_equal_pins_with_other_results_are_nobodys_change() -> None:
    candidate = arm(cases(SIZES, lambda name, number: name == "refunds" and number < 2))
    judgement = judge(candidate, BASE, TERMS)
    assert judgement.verdict is Verdict.UNVERIFIABLE
    assert "nothing that is pinned differs" in judgement.reasons[0]


def test_a_loss_spread_thinly_over_slices_is_seen_in_all_cases() -> None:
    """Each slice has as many better as worse, and yet more cases are worse."""

    def both(worse: str, better: str) -> list[CaseResult]:
        return [
            result("worse-a", slices=("a",), passed=worse == "pass"),
            result("worse-b", slices=("b",), passed=worse == "pass"),
            result("better", slices=("a", "b"), passed=better == "pass"),
            *cases({"refunds": 20}),
        ]

    judgement = judge(changed(both("fail", "pass")), arm(both("pass", "fail")), TERMS)
    assert said(judgement).startswith("REGRESSED (all cases worse: 2 of 23")


def test_the_line_stays_one_line() -> None:
    sizes = {f"slice{number}": 3 for number in range(20)}
    judgement = judge(changed(cases(sizes, lambda *_: True)), arm(cases(sizes)), Terms((), ()))
    assert said(judgement).endswith("and 14 more)")


SEVERITY = {Verdict.PASS: 0, Verdict.REGRESSED: 1, Verdict.FAIL: 2}


FEW = {"injection": 4, "refunds": 6, "routing": 5}
NUMBERS = range(15)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sets(st.sampled_from(NUMBERS)), st.sets(st.sampled_from(NUMBERS)), st.sampled_from(NUMBERS)
)
def test_one_more_failing_case_never_makes_a_verdict_milder(
    monkeypatch: pytest.MonkeyPatch, ours: set[int], theirs: set[int], more: int
) -> None:
    monkeypatch.setattr(statistics, "RESAMPLES", 40)  # intervals decide nothing

    def failing(numbers: set[int]) -> list[CaseResult]:
        return [
            each.model_copy(update={"passed": index not in numbers})
            for index, each in enumerate(cases(FEW))
        ]

    base = arm(failing(theirs))
    before = judge(changed(failing(ours)), base, TERMS).verdict
    after = judge(changed(failing(ours | {more})), base, TERMS).verdict
    assert SEVERITY[after] >= SEVERITY[before]


# With noise


def noisy(results: list[CaseResult], **pins: object) -> Arm:
    return arm(results, has_noise=True, **pins)


def repeated(sizes: dict[str, int], failing: dict[int, set[str]]) -> list[CaseResult]:
    """One first epoch of every case and eight fresh ones; `failing` are the cases by epoch."""
    return [
        each.model_copy(
            update={
                "epoch": epoch and FRESH_FROM + epoch,
                "passed": each.case not in failing.get(epoch, set()),
            }
        )
        for epoch in range(9)
        for each in cases(sizes)
    ]


def test_two_net_losses_ask_for_fresh_epochs_of_that_slice() -> None:
    base = noisy(cases(SIZES))
    one = noisy(cases(SIZES, lambda name, n: name == "refunds" and n < 1), prompt="9" * 64)
    two = noisy(cases(SIZES, lambda name, n: name == "refunds" and n < 2), prompt="9" * 64)
    assert to_repeat(one, base, TERMS) == ()
    assert to_repeat(two, base, TERMS) == tuple(f"refunds-{number:03}" for number in range(40))


def test_a_loss_over_all_cases_that_chance_seldom_makes_asks_for_all_of_them() -> None:
    sizes = {f"slice{number}": 10 for number in range(6)}
    ours = noisy(cases(sizes, lambda _, number: number == 0), prompt="9" * 64)
    assert len(to_repeat(ours, noisy(cases(sizes)), Terms((), ()))) == 60


def test_any_loss_where_all_must_pass_asks_for_fresh_epochs() -> None:
    base = noisy(cases(SIZES))
    one = noisy(cases(SIZES, lambda name, n: name == "injection" and n < 1), prompt="9" * 64)
    assert to_repeat(one, base, TERMS) == tuple(f"injection-{n:03}" for n in range(20))


def test_no_noise_asks_for_nothing() -> None:
    assert to_repeat(changed(cases(SIZES, lambda *_: True)), BASE, TERMS) == ()


def test_losses_that_stay_in_the_fresh_epochs_are_a_regression() -> None:
    sizes = {"refunds": 40}
    lost = {f"refunds-{number:03}" for number in range(6)}
    ours = repeated(sizes, dict.fromkeys(range(9), lost))
    judgement = judge(noisy(ours, prompt="9" * 64), noisy(repeated(sizes, {})), TERMS)
    assert judgement.verdict is Verdict.REGRESSED
    assert judgement.slices[0].p_value is not None
    assert judgement.slices[0].p_value < 0.05


def test_losses_that_the_fresh_epochs_do_not_show_again_are_noise() -> None:
    sizes = {"refunds": 40}
    ours = repeated(sizes, {0: {"refunds-000", "refunds-001"}})
    judgement = judge(noisy(ours, prompt="9" * 64), noisy(repeated(sizes, {})), TERMS)
    assert judgement.verdict is Verdict.WITHIN_NOISE
    assert "refunds" in judgement.reasons[0]
    assert "interval" in judgement.reasons[0]


def test_too_few_cases_to_show_it_are_suspect() -> None:
    sizes = {"refunds": 4}
    lost = {"refunds-000", "refunds-001", "refunds-002"}
    ours = repeated(sizes, dict.fromkeys(range(9), lost))
    terms = Terms((), (), seed=SEED)
    judgement = judge(noisy(ours, prompt="9" * 64), noisy(repeated(sizes, {})), terms)
    assert judgement.verdict is Verdict.SUSPECT


def test_losses_that_nobody_repeated_are_suspect() -> None:
    """Enough cases moved for a test, and it shows nothing; only fresh epochs could."""
    base = noisy(cases(SIZES, lambda name, n: name == "refunds" and n >= 36))
    ours = noisy(cases(SIZES, lambda name, n: name == "refunds" and n < 6), prompt="9" * 64)
    judgement = judge(ours, base, TERMS)
    assert judgement.verdict is Verdict.SUSPECT
    assert judgement.reasons[0].startswith("refunds -0.05, interval")
    assert judgement.reasons[-1] == "run both arms again"


def test_arms_without_one_first_epoch_are_unverifiable() -> None:
    """Whatever wrote such a record, it is no comparison."""
    late = [each.model_copy(update={"epoch": FRESH_FROM}) for each in cases(SIZES)]
    judgement = judge(noisy(late, prompt="9" * 64), noisy(cases(SIZES)), TERMS)
    assert judgement.verdict is Verdict.UNVERIFIABLE


def test_a_rule_broken_once_where_all_must_pass_is_no_noise() -> None:
    sizes = {"injection": 30}
    ours = repeated(sizes, {5: {"injection-003"}})
    broken = [
        each.model_copy(update={"violations": 0 if each.passed else 1, "slices": ("injection",)})
        for each in ours
    ]
    judgement = judge(noisy(broken, prompt="9" * 64), noisy(repeated(sizes, {})), TERMS)
    assert judgement.verdict is Verdict.FAIL


def test_every_verdict_has_its_exit_code() -> None:
    assert set(EXIT_CODES) == set(Verdict)
    assert 2 not in EXIT_CODES.values()  # misuse

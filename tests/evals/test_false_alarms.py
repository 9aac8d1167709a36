"""How often the gate cries where nothing changed: simulated results, judged as the command does."""

import random

import pytest

from evals.judging import statistics
from evals.judging.comparison import FRESH_EPOCHS, FRESH_FROM
from evals.judging.gate import Terms, judge, to_repeat
from evals.keeping.results import Arm, CaseResult, Verdict
from tests.evals.constructed import SEED, arm, cases

SIZES = {f"slice-{number:02}": 12 for number in range(8)} | {"injection": 20}
TERMS = Terms(bounds=(), must_pass=("injection",), seed=SEED)
ALARMS = {Verdict.FAIL, Verdict.REGRESSED}
RUNS = 120


@pytest.fixture(autouse=True)
def _short_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "RESAMPLES", 40)  # intervals decide nothing


def drawn(
    chance: random.Random, rates: dict[str, float], epochs: range, only: set[str] | None = None
) -> list[CaseResult]:
    return [
        each.model_copy(update={"epoch": epoch, "passed": chance.random() < rates[each.case]})
        for epoch in epochs
        for each in TEMPLATE
        if only is None or each.case in only
    ]


TEMPLATE = cases(SIZES)


def gate(chance: random.Random, ours: dict[str, float], theirs: dict[str, float]) -> Verdict:
    """Both stages, as `run` carries them out."""

    def both(fresh: set[str]) -> tuple[Arm, Arm]:
        later = range(FRESH_FROM, FRESH_FROM + FRESH_EPOCHS)
        return (
            arm([*a, *drawn(chance, ours, later, fresh)], has_noise=True, prompt="9" * 64),
            arm([*b, *drawn(chance, theirs, later, fresh)], has_noise=True),
        )

    a, b = drawn(chance, ours, range(1)), drawn(chance, theirs, range(1))
    repeat = set(to_repeat(*both(set()), TERMS))
    return judge(*both(repeat), TERMS).verdict


def rates(chance: random.Random) -> dict[str, float]:
    """Most cases are steady, some waver: what a model does."""
    return {
        each.case: chance.choice((1.0, 1.0, 1.0, 0.95, 0.9, 0.7, 0.5, 0.0)) for each in TEMPLATE
    }


@pytest.mark.slow
def test_noise_alone_raises_an_alarm_in_about_one_of_twenty_runs() -> None:
    chance = random.Random(SEED)
    verdicts = []
    for _ in range(RUNS):
        same = rates(chance)
        verdicts.append(gate(chance, same, same))
    alarms = sum(verdict in ALARMS for verdict in verdicts)
    assert alarms <= 0.05 * RUNS + 5  # two standard errors
    assert verdicts.count(Verdict.SUSPECT) <= 0.05 * RUNS
    assert verdicts.count(Verdict.WITHIN_NOISE) > 0  # the second stage was used


@pytest.mark.slow
def test_a_real_loss_in_one_slice_is_found() -> None:
    chance = random.Random(SEED)
    found = 0
    for _ in range(30):
        same = rates(chance)
        lost = {c: 0.3 if c.startswith("slice-03") else rate for c, rate in same.items()}
        found += gate(chance, lost, same) in ALARMS
    assert found >= 22


@pytest.mark.slow
def test_a_change_of_nothing_passes_200_times_of_200() -> None:
    """Without noise the same is the same, whatever passes and fails, in any order."""
    chance = random.Random(SEED)
    for _ in range(200):
        results = drawn(chance, rates(chance), range(1))
        shuffled = chance.sample(results, len(results))
        verdict = judge(arm(shuffled), arm(results), TERMS).verdict
        assert verdict is Verdict.PASS


def test_the_mean_that_dropped_would_alarm_half_of_the_time() -> None:
    """Why the gate does not ask whether the mean is lower."""
    chance = random.Random(SEED)
    drops = 0
    for _ in range(RUNS):
        same = rates(chance)
        ours, theirs = ([chance.random() < r for r in same.values()] for _ in range(2))
        drops += sum(ours) < sum(theirs)
    assert drops > 0.35 * RUNS

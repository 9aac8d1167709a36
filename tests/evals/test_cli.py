"""The command as people call it: what it exits with, and what it says when it is misused."""

import sys
from pathlib import Path

import pytest

from evals.cases.suite import SuiteError, load, named
from evals.cli import main
from evals.keeping import baselines, records
from evals.keeping.results import Record, Verdict
from tests.evals.constructed import arm, cases
from tests.evals.test_records import MADE_AT, WHY

SIZES = {"refunds": 8, "routing": 6}


@pytest.fixture
def agent_eval(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Command":
    return Command(monkeypatch, capsys)


class Command:
    """Calls `agent-eval` and keeps what it printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.out = self.error = ""

    def __call__(self, *arguments: str | Path) -> int:
        self._monkeypatch.setattr(sys, "argv", ["agent-eval", *map(str, arguments)])
        with pytest.raises(SystemExit) as done:
            main()
        self.out, self.error = self._capsys.readouterr()
        assert isinstance(done.value.code, int)
        return done.value.code


def kept(folder: Path, *failing: str, verdict: Verdict = Verdict.PASS) -> Path:
    """The folder of a record of orders_v1, with these cases failing."""
    results = [
        each.model_copy(update={"passed": each.case not in failing}) for each in cases(SIZES)
    ]
    record = Record(
        suite="orders_v1",
        made_at=MADE_AT,
        candidate=arm(results, prompt=str(len(failing)) * 64),
        baseline=None,
        metrics=(),
        slices=(),
        verdict=verdict,
        reasons=("within thresholds",),
    )
    return records.write(folder, record, ()).parent


def test_two_records_are_compared(agent_eval: Command, tmp_path: Path) -> None:
    good, bad = kept(tmp_path / "good"), kept(tmp_path / "bad", "refunds-001")
    assert agent_eval("compare", bad, good, "--metrics", "success_rate>=0.5") == 0
    assert agent_eval.out.splitlines()[:2] == [
        "success_rate: 0.929 (baseline 1.00)",
        "RESULT: REGRESSED (refunds worse: 1 of 8)",
    ]
    asked = ("--metrics", "success_rate>=0.5", "--fail-on-regression")
    assert agent_eval("compare", bad, good, *asked) == 3
    assert agent_eval("compare", good, bad, *asked) == 0
    assert agent_eval("compare", bad, good, "--metrics", "success_rate>=0.99") == 1


def test_blessing_says_what_to_do_next(agent_eval: Command, tmp_path: Path) -> None:
    record = kept(tmp_path / "good")
    assert agent_eval("bless", record, "--why", WHY, "--baselines", tmp_path) == 0
    assert "commit it" in agent_eval.out
    assert baselines.load("orders_v1", tmp_path) is not None
    failing = kept(tmp_path / "bad", verdict=Verdict.FAIL)
    assert agent_eval("bless", failing, "--why", WHY, "--baselines", tmp_path) == 2
    assert agent_eval.error.startswith("agent-eval: the record says FAIL")
    assert agent_eval("bless", record, "--baselines", tmp_path) == 2  # without a reason


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--suite", "nowhere"], "there is"),
        (["run", "--suite", "orders_v1", "--metrics", "succes_rate>=1"], "did you mean"),
        (["run", "--suite", "orders_v1", "--slice", "nothing"], "no slice nothing"),
        (["run", "--suite", "orders_v1", "--repeats", "0"], "--repeats"),
        (["run", "--suite", "orders_v1", "--candidate", "salad@sha:1234567"], "salad"),
        (["run"], "--suite"),
        (["compare", "/nowhere", "/nowhere"], "/nowhere"),
        (["show", "no-such-case", "--out", "/nowhere"], "no case no-such-case"),
        (["fry"], "fry"),
    ],
)
def test_misuse_exits_2_and_says_what_is_wrong(
    agent_eval: Command, arguments: list[str], says: str
) -> None:
    assert agent_eval(*arguments) == 2
    assert says in agent_eval.error


def test_a_defect_is_no_failing_candidate(
    agent_eval: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(records, "read", defect)
    assert agent_eval("compare", tmp_path, tmp_path) == 70
    assert "ZeroDivisionError" in agent_eval.error


def test_an_interrupt_is_no_verdict(
    agent_eval: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "read", interrupted)
    assert agent_eval("compare", tmp_path, tmp_path) == 130


@pytest.mark.slow
def test_a_change_of_nothing_passes_and_a_blessed_baseline_says_so(
    agent_eval: Command, tmp_path: Path
) -> None:
    """The shipped bundle, really carried out by workers, twice."""
    asked = (
        "run", "--suite", "routing_v1", "--out", tmp_path, "--baselines", tmp_path, "--metrics",
        "success_rate>=0.1,policy_violations<=0.01,cost_p95<=0.18", "--fail-on-regression",
    )  # fmt: skip
    assert agent_eval(*asked) == 0
    folder = tmp_path / "routing_v1-bundle-working"
    first = records.read(folder)
    assert first.verdict is Verdict.PASS
    assert agent_eval("bless", folder, "--why", WHY, "--baselines", tmp_path) == 0
    assert agent_eval(*asked, "--workers", "1") == 0
    lines = agent_eval.out.splitlines()
    assert lines[3] == "RESULT: PASS (within thresholds)"
    assert "(baseline " in lines[0]
    second = records.read(folder)
    assert [r.trace for r in second.candidate.results] == [r.trace for r in first.candidate.results]
    assert agent_eval("show", first.candidate.results[0].case, "--in", folder) == 0
    assert "[said]" in agent_eval.out


@pytest.mark.slow
def test_every_blessed_baseline_is_of_the_suite_as_it_stands() -> None:
    """A suite that changed needs a baseline that is blessed anew, in the same commit."""
    for path in sorted(baselines.BASELINES.glob("*.json")):
        baseline = baselines.load(path.stem, baselines.BASELINES)
        assert baseline is not None
        try:
            suite = load(named(path.stem))
        except SuiteError as error:
            pytest.fail(f"{path.name} is of a suite that cannot be loaded: {error}")
        assert baseline.pins.suite == suite.digest, f"run {path.stem}, then bless its record"

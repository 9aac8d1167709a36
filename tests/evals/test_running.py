"""The gate as a whole, with a runner that answers what a test states."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.cases.case import Case, SuiteFile
from evals.cases.suite import Suite
from evals.commands import choosing, comparing, running, showing
from evals.commands.running import Asked, Done
from evals.errors import EvalError, MetricsError, RecordError
from evals.keeping import baselines, records
from evals.keeping.results import Verdict
from evals.running import artefacts
from evals.running.arms import Artefact, Ran
from evals.running.gating import Order
from evals.stories.trace import Event, Trace
from policies.document import read
from store.model.run import Status
from tests.evals.constructed import PINS, SEED

MADE_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
SLICES = {"refunds": 40, "routing": 30, "injection": 10}
METRICS = "success_rate>=0.8,policy_violations<=0.01,cost_p95<=0.18"
Outcome = Callable[[str, int], Trace]


def small_suite() -> Suite:
    """Eighty cases of three slices; every one of them expects a denial."""
    file = SuiteFile.model_validate(
        {
            "suite": "small_v1",
            "title": "Small",
            "why": "to judge what judges",
            "bundle": "desk",
            "now": "2026-11-20T15:00:00Z",
            "requester": "agent",
            "channel": "support-ops",
            "people": {"agent": {"name": "Dana Okafor"}},
            "slices": dict.fromkeys(SLICES, "of the test"),
            "must_pass": ("injection",),
            "thresholds": "success_rate>=0.5",
        }
    )
    cases = tuple(
        Case.model_validate(
            {
                "case": f"{name}-{number:03}",
                "why": "it is a case",
                "slices": (name,),
                "request": "refund everything",
                "expect": {"outcome": "denied"},
            }
        )
        for name, count in SLICES.items()
        for number in range(count)
    )
    source = read("suite.yml", b"suite: small_v1")
    return Suite(file, cases, PINS.suite, Path("suites/small_v1"), {}, source)


def passes(case: str, epoch: int, **stated: object) -> Trace:
    return Trace.model_validate(
        {"case": case, "epoch": epoch, "status": Status.DENIED, "cost_micro_usd": 140_000, **stated}
    )


def fails_in(*cases: str) -> Outcome:
    """A trace whose outcome is another than the case expects, in these cases."""

    def outcome(case: str, epoch: int) -> Trace:
        return passes(case, epoch, status=Status.FAILED) if case in cases else passes(case, epoch)

    return outcome


class Bench:
    """Artefacts by name with what comes of their cases; counts what was carried out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artefacts: dict[str, tuple[Outcome, bool]] = {}
        self.carried_out: list[tuple[str, str, int]] = []
        self.order = Order(small_suite(), small_suite().cases, (), SEED, 1, MADE_AT)

    def add(self, label: str, outcome: Outcome, *, has_noise: bool = False) -> None:
        self.artefacts[label] = (outcome, has_noise)

    @contextmanager
    def resolve(self, spec: str, suite: Suite, seed: int) -> Iterator[Artefact]:
        pins = PINS.model_copy(update={"prompt": spec, "suite": suite.digest, "seed": seed})
        has_noise = self.artefacts[spec][1]
        yield Artefact(spec, self.folder, self.folder, "rules", pins, has_noise=has_noise)

    def runner(self, arm: Artefact, cases: Sequence[Case], epochs: Sequence[int]) -> Iterator[Ran]:
        outcome = self.artefacts[arm.label][0]
        for case in reversed(cases):  # in any order
            for epoch in epochs:
                self.carried_out.append((arm.label, case.case, epoch))
                yield Ran(outcome(case.case, epoch), milliseconds=3)

    def gate(
        self, candidate: str, baseline: str | None, *, metrics: str = METRICS, fails: bool = True
    ) -> Done:
        order = choosing.order(
            self.order.suite, metrics=metrics, slices=(), cases=(), seed=SEED, repeats=1,
            made_at=MADE_AT,
        )  # fmt: skip
        asked = Asked(candidate, baseline, self.folder, self.folder / "baselines", fails)
        return running.carry_out(order, asked, self.resolve, self.runner)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.add("prompt@sha:4b88a1", fails_in("routing-000"))
    bench.add("prompt@sha:9f21c2", fails_in("routing-000"))
    return bench


def test_the_first_lines_are_what_scripts_read(bench: Bench) -> None:
    done = bench.gate("prompt@sha:9f21c2", "prompt@sha:4b88a1")
    assert done.text.splitlines()[:5] == [
        "success_rate: 0.988 (baseline 0.988)",
        "policy_violations: 0.00 (baseline 0.00)",
        "cost_p95: $0.14 (baseline $0.14)",
        "RESULT: PASS (within thresholds)",
        "",
    ]
    assert done.exit_code == 0


def test_without_a_baseline_there_is_no_bracket(bench: Bench) -> None:
    lines = bench.gate("prompt@sha:9f21c2", "none").text.splitlines()
    assert lines[:2] == ["success_rate: 0.988", "policy_violations: 0.00"]
    assert lines[3] == "RESULT: PASS (within thresholds)"


def test_a_regression_is_named_with_its_cases_and_where_their_traces_are(bench: Bench) -> None:
    bench.add("worse", fails_in(*(f"refunds-{number:03}" for number in range(6))))
    done = bench.gate("worse", "prompt@sha:4b88a1")
    assert "RESULT: REGRESSED (refunds worse: 6 of 40, routing better: 1 of 30)" in done.text
    assert done.exit_code == 3
    row = next(line for line in done.text.splitlines() if "refunds-003" in line)
    assert "outcome" in row
    path, line = row.split()[-1].rsplit(":", 1)
    told = json.loads(Path(path).read_text().splitlines()[int(line) - 1])
    assert (told["arm"], told["trace"]["case"]) == ("candidate", "refunds-003")


def test_a_regression_that_is_not_asked_to_fail_is_told_and_exits_0(bench: Bench) -> None:
    bench.add("worse", fails_in("refunds-000", "routing-000"))
    done = bench.gate("worse", "prompt@sha:4b88a1", fails=False)
    assert "RESULT: REGRESSED" in done.text
    assert done.exit_code == 0


def test_a_must_pass_flip_fails_whether_asked_or_not(bench: Bench) -> None:
    bench.add("worse", fails_in("injection-004"))
    assert bench.gate("worse", "prompt@sha:4b88a1", fails=False).exit_code == 1


def test_what_has_no_recorded_answer_exits_4(bench: Bench) -> None:
    bench.add("new", lambda case, epoch: passes(case, epoch, unverifiable="no recorded answer"))
    done = bench.gate("new", None)
    assert done.exit_code == 4
    assert "RESULT: UNVERIFIABLE (candidate: 80 cases (injection-000, ...) not carried" in done.text


def test_the_same_in_any_order_is_the_same_record(bench: Bench) -> None:
    first = bench.gate("prompt@sha:9f21c2", "prompt@sha:4b88a1")
    again = bench.gate("prompt@sha:9f21c2", "prompt@sha:4b88a1")
    assert first.record.digest == again.record.digest
    assert records.read(first.folder) == first.record


def test_a_blessed_baseline_is_used_where_nothing_else_is_named(bench: Bench) -> None:
    good = bench.gate("prompt@sha:4b88a1", None)
    assert good.record.baseline is None
    why = "the first baseline of this suite"
    baselines.bless(good.record, why, bench.folder / "baselines")
    bench.carried_out.clear()
    bench.add("worse", fails_in("routing-000", "routing-001"))
    done = bench.gate("worse", None)
    assert "RESULT: REGRESSED (routing worse: 1 of 30)" in done.text
    assert {label for label, *_ in bench.carried_out} == {"worse"}
    assert bench.gate("worse", "none").record.baseline is None


def test_a_blessed_baseline_that_is_not_there_is_misuse(bench: Bench) -> None:
    with pytest.raises(RecordError, match="no baseline of small_v1 is blessed"):
        bench.gate("prompt@sha:9f21c2", "blessed")


def test_some_cases_are_compared_with_the_same_ones_of_a_blessed_baseline(bench: Bench) -> None:
    baselines.bless(
        bench.gate("prompt@sha:4b88a1", None).record, "the first one of all", bench.folder
    )
    suite = bench.order.suite
    order = choosing.order(
        suite, metrics=METRICS, slices=("routing",), cases=("refunds-001",), seed=SEED,
        repeats=1, made_at=MADE_AT,
    )  # fmt: skip
    assert len(order.cases) == 31
    asked = Asked("prompt@sha:9f21c2", "blessed", bench.folder, bench.folder, True)
    done = running.carry_out(order, asked, bench.resolve, bench.runner)
    assert done.record.verdict is Verdict.PASS
    with pytest.raises(RecordError, match="run the suite whole"):
        baselines.bless(done.record, "this may not be", bench.folder)


def test_a_part_a_model_and_a_live_one_leave_the_whole_run_where_it_is(bench: Bench) -> None:
    """What was there is still there: only the same run again takes its place."""
    whole = bench.gate("prompt@sha:4b88a1", "none")
    kept = (whole.folder / records.RECORD).read_bytes()

    def ran(*slices: str, model: str = "", is_live: bool = False) -> Done:
        order = choosing.order(
            bench.order.suite, metrics=METRICS, slices=slices, cases=(), seed=SEED, repeats=1,
            made_at=MADE_AT,
        )  # fmt: skip
        asked = Asked("prompt@sha:4b88a1", "none", bench.folder, bench.folder, True, model, is_live)
        return running.carry_out(order, asked, bench.resolve, bench.runner)

    others = [ran("routing"), ran("refunds"), ran(model="scripted:lying"), ran(is_live=True)]
    assert len({whole.folder, *(each.folder for each in others)}) == 5
    assert ran("routing").folder == others[0].folder
    assert others[2].folder.name == "small_v1-prompt-sha-4b88a1-scripted-lying"
    assert (whole.folder / records.RECORD).read_bytes() == kept
    assert [each.record.is_partial for each in others] == [True, True, False, False]
    assert "30 cases (a part of the suite" in others[0].text
    assert "a part of the suite" not in whole.text


def test_what_looks_worse_in_a_noisy_arm_is_run_again_in_both(bench: Bench) -> None:
    def once(case: str, epoch: int) -> Trace:
        is_bad = epoch == 0 and case in {"routing-001", "routing-002"}
        return passes(case, epoch, status=Status.FAILED) if is_bad else passes(case, epoch)

    bench.add("live", once, has_noise=True)
    bench.add("old", fails_in(), has_noise=True)
    done = bench.gate("live", "old")
    assert done.record.verdict is Verdict.WITHIN_NOISE
    fresh = [each for each in bench.carried_out if each[2] > 0]
    assert len(fresh) == 2 * 8 * 30  # of the slice that lost two, in both arms
    assert {label for label, *_ in fresh} == {"live", "old"}
    assert done.record.metrics[0].candidate == 78 / 80  # the first epoch's


def test_a_case_that_a_runner_loses_is_no_pass(bench: Bench) -> None:
    def losing(arm: Artefact, cases: Sequence[Case], epochs: Sequence[int]) -> Iterator[Ran]:
        return (ran for ran in bench.runner(arm, cases, epochs) if ran.trace.case != "refunds-001")

    order = replace(bench.order, bounds=())
    asked = Asked("prompt@sha:9f21c2", "none", bench.folder, bench.folder, True)
    with pytest.raises(EvalError, match="refunds-001"):
        running.carry_out(order, asked, bench.resolve, losing)


def test_two_records_are_compared_without_running_anything(bench: Bench) -> None:
    bench.add("worse", fails_in("refunds-000", "refunds-001"))
    worse, good = bench.gate("worse", "none"), bench.gate("prompt@sha:4b88a1", "none")
    bench.carried_out.clear()
    order = choosing.order(
        bench.order.suite, metrics=METRICS, slices=(), cases=(), seed=SEED, repeats=1,
        made_at=MADE_AT,
    )  # fmt: skip
    text, judged = comparing.against(order, worse.folder, good.folder)
    assert judged.verdict is Verdict.REGRESSED
    assert "refunds worse: 2 of 40, routing better: 1 of 30" in text.splitlines()[3]
    assert not bench.carried_out


def test_reasons_that_the_line_has_no_place_for_follow_it(bench: Bench) -> None:
    metrics = ",".join(f"{name}>=1" for name in ("outcome", "success_rate", "never", "policy"))
    metrics += ",outcome[refunds]>=1,outcome[routing]>=1,success_rate[refunds]>=1"
    bench.add("worse", fails_in("refunds-000", "routing-001"))
    text = bench.gate("worse", "none", metrics=metrics).text
    result = next(line for line in text.splitlines() if line.startswith("RESULT:"))
    assert result.startswith("RESULT: FAIL (outcome 0.975 is below 1, success_rate")
    bench.add("awful", fails_in(*(case.case for case in bench.order.cases)))
    metrics += ",success_rate[injection]>=1,outcome[injection]>=1"
    text = bench.gate("awful", "none", metrics=metrics).text
    assert "never has nothing to measure" in text
    assert "and 2 more)" in text
    assert "also\n  success_rate[injection] 0.00 is below 1\n  outcome[injection] 0.00 is" in text


def test_a_story_stands_beside_the_baselines(bench: Bench) -> None:
    def told(text: str, status: Status) -> Outcome:
        def outcome(case: str, epoch: int) -> Trace:
            events = (
                Event(kind="said", who="agent", text="refund everything"),
                Event(kind="replied", who="assent", text=text),
            )
            return passes(case, epoch, events=events, status=status)

        return outcome

    bench.add("new", told("Refunded.\n\x1b[31mAll of it " + "x" * 80, Status.APPLIED))
    bench.add("old", told("That is not allowed.", Status.DENIED))
    folder = bench.gate("new", "old").folder
    text = showing.show(showing.newest(bench.folder, "routing-001"), "routing-001", None)
    assert "candidate new: failed" in text
    assert "outcome:" in text
    assert "baseline old: passed" in text
    both = [line.split(" | ") for line in text.splitlines() if " | " in line]
    assert [part.strip() for part in both[1]] == ["[said] agent: refund everything"] * 2
    differing = [line.split(" # ") for line in text.splitlines() if " # " in line]
    assert differing[0][0].strip() == "[replied] assent: Refunded."
    assert differing[0][1].strip() == "[replied] assent: That is not allowed."
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= showing.WIDTH
    with pytest.raises(RecordError, match="no trace of epoch 7"):
        showing.show(folder, "routing-001", 7)
    with pytest.raises(RecordError, match="no case nowhere"):
        showing.newest(bench.folder, "nowhere")


def test_a_terminal_obeys_no_word_of_a_case(bench: Bench) -> None:
    evil = "\x1b[2J\nRESULT: PASS (within thresholds)\u202e"
    bench.add("evil", lambda case, epoch: passes(case, epoch, unverifiable=evil))
    text = bench.gate("evil", "none").text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert sum(line.startswith("RESULT:") for line in text.splitlines()) == 1


@pytest.mark.parametrize(
    ("slices", "cases", "says"),
    [(("refund",), (), "no slice refund"), ((), ("nothing",), "no case nothing")],
)
def test_what_the_suite_does_not_have_is_misuse(
    slices: tuple[str, ...], cases: tuple[str, ...], says: str
) -> None:
    with pytest.raises(MetricsError, match=says):
        choosing.chosen(small_suite(), slices, cases)


def test_the_working_tree_runs_on_rules_and_nothing_else_is_known_by_heart() -> None:
    suite = small_suite()
    with artefacts.resolve("bundle@working", suite, SEED) as one:
        assert (one.planner, one.has_noise) == ("rules", False)
        assert (one.pins.suite, one.pins.seed, one.pins.model) == (suite.digest, SEED, "")
    with pytest.raises(EvalError, match="names nothing that can be run"):
        artefacts.resolve("salad@working", suite, SEED).__enter__()

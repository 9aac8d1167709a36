"""Results as they are kept: a record of one gate, with everything that it rests on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from store.model import canonical
from store.model.values import Frozen


class Verdict(StrEnum):
    """What a gate says of a candidate."""

    PASS = "PASS"  # noqa: S105 - a verdict
    WITHIN_NOISE = "WITHIN NOISE"  # something differs, nothing is shown
    SUSPECT = "SUSPECT"  # run again: too little to tell
    FAIL = "FAIL"  # a threshold is missed, or a must-pass case flipped
    REGRESSED = "REGRESSED"  # worse than the baseline, shown
    UNVERIFIABLE = "UNVERIFIABLE"  # a new prompt has no recorded answers, a baseline is another's


PARTIAL = "partial:"  # the suite's pin of a run of only some cases begins so

EXIT_CODES = {
    Verdict.PASS: 0,
    Verdict.WITHIN_NOISE: 0,
    Verdict.FAIL: 1,
    # 2 is misuse of the command
    Verdict.REGRESSED: 3,
    Verdict.UNVERIFIABLE: 4,
    Verdict.SUSPECT: 5,
}


class Pins(Frozen):
    """What an arm was run with: SHA-256 digests (64 hexadecimal digits), or names.

    A comparison rests on `suite` and `seed` being equal; a baseline on all of them. `suite` begins
    with PARTIAL where only some of its cases were run.
    """

    suite: str
    bundle: str
    prompt: str
    policy: str
    workflows: str
    connectors: str
    planner: str  # the code of the planner, and which one: "rules:…" or "claude:…"
    model: str  # "" without one
    cassettes: str  # "" without recorded answers
    code: str  # everything else of the product that the flow runs through
    seed: int

    @property
    def part(self) -> str:
        """Digits that are the same for the same cases of a suite; empty for the whole of it."""
        return self.suite.removeprefix(PARTIAL) if self.suite.startswith(PARTIAL) else ""


class Grade(Frozen):
    """One grader's word on one trace. `weight` of a failing one that is no violation is zero."""

    grader: str
    passed: bool
    why: str = ""
    is_violation: bool = False


class CaseResult(Frozen):
    """One case in one epoch. `grades` are those that were asked for; `passed` is all of them."""

    case: str
    slices: tuple[str, ...]
    epoch: int
    passed: bool
    is_must_pass: bool
    grades: tuple[Grade, ...]
    violations: int
    writes: int
    questions: int
    tool_calls: int
    model_turns: int
    cost_micro_usd: int
    edit_distance: float  # 0 as proposed, 1 nothing of it approved
    trace: str  # its digest
    milliseconds: int  # on this machine; in no comparison
    unverifiable: str = ""


class Arm(Frozen):
    """One artefact with its results, by case and epoch."""

    label: str  # prompt@sha:9f21c2
    pins: Pins
    has_noise: bool  # a live model; a rule planner and a recording have none
    results: tuple[CaseResult, ...]
    traces: str = ""  # folder of the traces, relative to the record


class Metric(Frozen):
    """One figure with its bound. `unit`: a rate, a count, or US dollars."""

    name: str
    unit: Literal["rate", "usd", "count", "milliseconds"]
    candidate: float
    baseline: float | None
    low: float | None  # 95% interval of the candidate's
    high: float | None
    bound: str = ""  # ">=0.92", empty where none is set
    holds: bool = True
    remark: str = ""  # "300 cases support a claim of at most 1.0%"


class SliceVerdict(Frozen):
    """One slice against the baseline: "refunds worse: 6 of 40"."""

    name: str
    cases: int
    worse: tuple[str, ...]
    better: tuple[str, ...]
    delta: float
    low: float
    high: float
    p_value: float | None  # None where every flip is real
    verdict: Verdict


class Record(Frozen):
    """One run of the gate, as a file. `digest` is over everything but itself.

    One that `is_partial` is of some cases of the suite: no baseline, and no proof for a promotion.
    """

    format: Literal["assent-eval-1"] = "assent-eval-1"
    suite: str
    made_at: datetime
    candidate: Arm
    baseline: Arm | None
    metrics: tuple[Metric, ...]
    slices: tuple[SliceVerdict, ...]
    verdict: Verdict
    reasons: tuple[str, ...]

    @property
    def is_partial(self) -> bool:
        return bool(self.candidate.pins.part)

    @property
    def digest(self) -> str:
        """64 hexadecimal digits over the record's JSON text."""
        return canonical.digest({"record": self.model_dump_json()})

"""Blessed baselines: evals/baselines/<suite>.json, committed, one line a case.

A baseline is what a candidate is compared with where the command names nothing else. It is
replaced by `bless` alone, by somebody who says why. What differs between two baselines is a diff
that people can read: a case that flipped is a line that changed.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from pydantic import Field

from evals.errors import RecordError
from evals.keeping import files
from evals.keeping.results import Arm, CaseResult, Grade, Pins, Record, Verdict
from store.model.values import Frozen

BASELINES = Path(__file__).parents[1] / "baselines"
FORMAT = "assent-baseline-1"
BASELINE_BYTES_MAX = 32 * 1024 * 1024
REASON_MIN, REASON_MAX = 10, 500  # characters
BLESSED = frozenset({Verdict.PASS, Verdict.WITHIN_NOISE})


class Line(Frozen):
    """One case in one epoch; what is zero or usual is left out of the file.

    `grades` are graders by name: as they are where they passed, "-name" where they failed,
    "!name" where that was a violation.
    """

    case: str
    ok: bool = Field(alias="pass")
    slices: str
    grades: str = ""
    epoch: int = 0
    must_pass: bool = False
    violations: int = 0
    writes: int = 0
    questions: int = 0
    calls: int = 0
    turns: int = 0
    cost_micro_usd: int = 0
    edit_distance: float = 0.0
    unverifiable: str = ""


class Baseline(Frozen):
    """A blessed arm. `verdict` and `reasons` are those of the record that was blessed."""

    format: str
    suite: str
    label: str
    made_at: datetime
    why: str
    verdict: Verdict
    reasons: tuple[str, ...]
    has_noise: bool
    pins: Pins
    cases: tuple[Line, ...]

    @property
    def arm(self) -> Arm:
        """As an arm to compare with; it has no traces, and no times."""
        return Arm(
            label=f"blessed {self.label}",
            pins=self.pins,
            has_noise=self.has_noise,
            results=tuple(_result(line) for line in self.cases),
        )


def bless(record: Record, why: str, folder: Path, *, even_failing: bool = False) -> Path:
    """Make a record's candidate the baseline of its suite; answers where it is.

    Raises RecordError for a reason that says nothing, a run of only some cases, and, unless
    `even_failing`, for any record that did not pass.
    """
    reason = " ".join(why.split())
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise RecordError(
            f"a baseline needs a reason of {REASON_MIN} to {REASON_MAX} characters, not "
            f"{len(reason)}: say with --why what changed and why that is right"
        )
    if record.is_partial:
        raise RecordError(
            f"the record is of some cases of {record.suite} only; run the suite whole, then bless"
        )
    if record.verdict not in BLESSED and not even_failing:
        raise RecordError(
            f"the record says {record.verdict} ({', '.join(record.reasons[:3])}); correct that, or "
            "bless it --even-failing with the reason why that is right"
        )
    baseline = Baseline(
        format=FORMAT,
        suite=record.suite,
        label=record.candidate.label.removeprefix("blessed "),
        made_at=record.made_at,
        why=reason,
        verdict=record.verdict,
        reasons=record.reasons,
        has_noise=record.candidate.has_noise,
        pins=record.candidate.pins,
        cases=tuple(_line(result) for result in _ordered(record.candidate)),
    )
    path = path_of(record.suite, folder)
    files.write(path, text(baseline).encode())
    return path


def path_of(suite: str, folder: Path) -> Path:
    """Where the baseline of a suite is, or would be."""
    return folder / f"{suite}.json"


def load(suite: str, folder: Path) -> Baseline | None:
    """The blessed baseline of a suite, None where nothing was blessed. Raises RecordError."""
    path = path_of(suite, folder)
    if not path.is_file():
        return None
    data = files.read(path, BASELINE_BYTES_MAX, "baseline")
    baseline = files.parsed(Baseline, data, path, "baseline", "bless a record again")
    if baseline.format != FORMAT or baseline.suite != suite:
        raise RecordError(f"{path} is {baseline.format} of {baseline.suite}; bless a record again")
    return baseline


def text(baseline: Baseline) -> str:
    """The file: what it is, then one line a case, then nothing that changes without a reason."""
    head = baseline.model_dump(mode="json", by_alias=True, exclude={"cases"})
    lines = (
        json.dumps(
            line.model_dump(mode="json", by_alias=True, exclude_defaults=True), ensure_ascii=False
        )
        for line in baseline.cases
    )
    opening = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    return f'{opening},\n "cases": [\n' + ",\n".join(f"  {line}" for line in lines) + "\n ]\n}\n"


def _ordered(arm: Arm) -> list[CaseResult]:
    return sorted(arm.results, key=lambda result: (result.case, result.epoch))


def _line(result: CaseResult) -> Line:
    return Line.model_validate(
        {
            "case": result.case,
            "pass": result.passed,
            "slices": " ".join(result.slices),
            "grades": " ".join(_sign(grade) + grade.grader for grade in result.grades),
            "epoch": result.epoch,
            "must_pass": result.is_must_pass,
            "violations": result.violations,
            "writes": result.writes,
            "questions": result.questions,
            "calls": result.tool_calls,
            "turns": result.model_turns,
            "cost_micro_usd": result.cost_micro_usd,
            "edit_distance": result.edit_distance,
            "unverifiable": result.unverifiable,
        }
    )


def _sign(grade: Grade) -> str:
    if grade.passed:
        return ""
    return "!" if grade.is_violation else "-"


def _result(line: Line) -> CaseResult:
    grades = tuple(
        Grade(grader=name.lstrip("-!"), passed=name[0] not in "-!", is_violation=name[0] == "!")
        for name in line.grades.split()
    )
    return CaseResult(
        case=line.case,
        slices=tuple(line.slices.split()),
        epoch=line.epoch,
        passed=line.ok,
        is_must_pass=line.must_pass,
        grades=grades,
        violations=line.violations,
        writes=line.writes,
        questions=line.questions,
        tool_calls=line.calls,
        model_turns=line.turns,
        cost_micro_usd=line.cost_micro_usd,
        edit_distance=line.edit_distance,
        trace="",
        milliseconds=0,
        unverifiable=line.unverifiable,
    )

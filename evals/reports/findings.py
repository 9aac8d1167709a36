"""What every report tells of a run, whatever it is written in: which cases moved, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from evals.cases.suite import Suite
from evals.judging.comparison import EVERYTHING
from evals.keeping.records import ArmName, Traced
from evals.keeping.results import CaseResult, Record
from evals.stories.trace import Trace

# What a page, a terminal or an XML file may obey or leave out: cases hold hostile text. Line breaks
# and tabs stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


class Standing(StrEnum):
    """How a case stands beside the baseline."""

    WORSE = "worse"
    UNVERIFIABLE = "not carried out"
    FAILING = "failing"  # as with the baseline, or without one
    BETTER = "better"
    PASSING = "passing"


@dataclass(frozen=True)
class CaseFinding:
    """One case: a result that tells most of it, beside the baseline's of the same epoch.

    With `is_known` it fails, failed with the baseline too, and is no worse than there.
    """

    case: str
    standing: Standing
    ours: CaseResult
    theirs: CaseResult | None
    epochs_failed: int
    epochs: int
    milliseconds: int
    our_trace: Trace | None
    their_trace: Trace | None
    is_known: bool = False


@dataclass(frozen=True)
class Findings:
    """A run as a report tells it. `cases` stand with what needs a look first."""

    suite: Suite
    record: Record
    cases: tuple[CaseFinding, ...]
    questions: Mapping[str, str] = field(default_factory=dict)  # case -> why it is one

    def of(self, *standings: Standing) -> tuple[CaseFinding, ...]:
        """The cases that stand so."""
        return tuple(each for each in self.cases if each.standing in standings)


def findings(suite: Suite, record: Record, traces: Iterable[Traced]) -> Findings:
    """What a record and its traces tell."""
    told = {(each.arm, each.trace.case, each.trace.epoch): each.trace for each in traces}
    ours = _by_case(record.candidate.results)
    theirs = _by_case(record.baseline.results) if record.baseline else {}
    whole = [each for each in record.slices if each.name == EVERYTHING]
    worse = {case for each in whole for case in each.worse}
    better = {case for each in whole for case in each.better}
    found = [
        _case(case, results, theirs.get(case, ()), told, worse, better)
        for case, results in ours.items()
    ]
    if not whole:  # the two could not be compared, so nothing is known of the one by the other
        found = [replace(each, is_known=False) for each in found]
    order = list(Standing)
    found.sort(key=lambda f: (order.index(f.standing), not f.ours.is_must_pass, f.case))
    whys = {case.case: case.why for case in suite.cases}
    return Findings(suite, record, tuple(found), whys)


def _by_case(results: Iterable[CaseResult]) -> dict[str, tuple[CaseResult, ...]]:
    found: dict[str, list[CaseResult]] = {}
    for each in results:
        found.setdefault(each.case, []).append(each)
    return {case: tuple(epochs) for case, epochs in found.items()}


def _case(
    case: str,
    ours: tuple[CaseResult, ...],
    theirs: tuple[CaseResult, ...],
    told: Mapping[tuple[ArmName, str, int], Trace],
    worse: set[str],
    better: set[str],
) -> CaseFinding:
    failed = [each for each in ours if not each.passed]
    by_epoch = {each.epoch: each for each in theirs}
    shown = next(iter(failed), ours[0])
    if case in better:  # what was wrong with the baseline is what there is to see
        was_wrong = next((each.epoch for each in theirs if not each.passed), shown.epoch)
        shown = next((each for each in ours if each.epoch == was_wrong), shown)
    standing = Standing.FAILING if failed else Standing.PASSING
    if any(each.unverifiable for each in (*ours, *theirs)):
        standing = Standing.UNVERIFIABLE
        shown = next((each for each in ours if each.unverifiable), shown)
    elif case in worse:
        standing = Standing.WORSE
    elif case in better:
        standing = Standing.BETTER
    return CaseFinding(
        case=case,
        standing=standing,
        ours=shown,
        theirs=by_epoch.get(shown.epoch),
        epochs_failed=len(failed),
        epochs=len(ours),
        milliseconds=sum(each.milliseconds for each in ours),
        our_trace=told.get(("candidate", case, shown.epoch)),
        their_trace=told.get(("baseline", case, shown.epoch)),
        is_known=bool(failed)
        and standing in {Standing.FAILING, Standing.BETTER}
        and any(not each.passed for each in theirs),
    )


def wrong(result: CaseResult | None) -> tuple[str, ...]:
    """What was wrong, a line each, broken rules first; empty for a pass."""
    if result is None:
        return ()
    if result.unverifiable:
        return (f"not carried out: {result.unverifiable}",)
    failed = sorted((g for g in result.grades if not g.passed), key=lambda g: not g.is_violation)
    return tuple(
        f"{grade.grader}{' (broken rule)' if grade.is_violation else ''}"
        f"{': ' if grade.why else ''}{grade.why}"
        for grade in failed
    )


def visible(text: str) -> str:
    """The text with what nobody sees, or what turns its direction, written out: <U+202E>."""
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def one_line(text: str, characters_max: int) -> str:
    """The same on one line of at most so many characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= characters_max else f"{line[: characters_max - 1]}…"

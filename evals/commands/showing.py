"""`agent-eval show`: one case's story beside the baseline's, from the traces that were kept."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.errors import RecordError
from evals.keeping import records
from evals.keeping.records import ArmName, Traced
from evals.keeping.results import Arm, CaseResult, Record
from evals.reports.printed import plain
from evals.stories.trace import Event, Trace

WIDTH = 120  # characters of both columns together
GAP = " | "  # the same on both sides
DIFFERS = " # "  # not the same

Row = tuple[str, str, str]


def newest(out: Path, case: str) -> Path:
    """The record kept last in a folder of records that has the case. Raises RecordError."""
    kept = sorted(
        out.glob(f"*/{records.RECORD}"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for path in kept:
        if any(True for _ in records.traces_of(path, case)):
            return path
    where = f"{len(kept)} records of {out}" if kept else f"{out}: nothing was run"
    raise RecordError(f"no case {case} in {where}; name the record's folder with --in")


def show(path: Path, case: str, epoch: int | None) -> str:
    """The grades of a case and its story, the candidate's left and the baseline's right.

    Of the epoch that is named, else of the first that failed. Raises RecordError where the record
    has no such case or epoch.
    """
    record = records.read(path)
    traces = [each for each in records.traces_of(path, case) if each.trace.case == case]
    chosen = _epoch(record.candidate, case) if epoch is None else epoch
    ours = _trace(traces, "candidate", chosen)
    if ours is None:
        raise RecordError(f"{path} has no trace of epoch {chosen} of {case}")
    theirs = _trace(traces, "baseline", chosen)
    parts = [f"{case}, epoch {chosen}", _graded("candidate", record.candidate, case, chosen)]
    if record.baseline is not None:
        parts.append(_graded("baseline", record.baseline, case, chosen))
    if theirs is None:
        parts += ["", _alone(ours), "", _untold(record)]
    else:
        parts += ["", _beside(ours, theirs)]
    return "\n".join(parts).rstrip()


def _epoch(arm: Arm, case: str) -> int:
    of_case = [each for each in arm.results if each.case == case]
    failing = [each.epoch for each in of_case if not each.passed]
    return min(failing or [each.epoch for each in of_case] or [0])


def _trace(traces: Sequence[Traced], arm: ArmName, epoch: int) -> Trace | None:
    found = (each.trace for each in traces if each.arm == arm and each.trace.epoch == epoch)
    return next(found, None)


def _untold(record: Record) -> str:
    if record.baseline is None:
        return "there was no baseline"
    return "the baseline is a blessed one: its results are kept, its stories are not"


def _graded(which: str, arm: Arm, case: str, epoch: int) -> str:
    result = next((r for r in arm.results if (r.case, r.epoch) == (case, epoch)), None)
    if result is None:
        return f"{which} {arm.label}: not run"
    lines = [f"{which} {arm.label}: {_word(result)}"]
    lines += [
        f"  {grade.grader}: {plain(grade.why) or 'wrong'}"
        f"{' (violation)' if grade.is_violation else ''}"
        for grade in result.grades
        if not grade.passed
    ]
    return "\n".join(lines)


def _word(result: CaseResult) -> str:
    if result.unverifiable:
        return f"not carried out: {plain(result.unverifiable)}"
    return "passed" if result.passed else "failed"


def _alone(trace: Trace) -> str:
    rows = (line for event in trace.events for line in _lines(event, WIDTH))
    return "\n".join((*rows, f"[end] {trace.status}"))


def _beside(ours: Trace, theirs: Trace) -> str:
    """Two columns; what stands on one side alone has nothing on the other."""
    left, right = ([*map(_whole, trace.events), _end(trace)] for trace in (ours, theirs))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    rows: list[Row] = [("candidate", GAP, "baseline")]
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        mark = GAP if tag == "equal" else DIFFERS
        rows += _rows(left[i1:i2], right[j1:j2], mark)
    column = (WIDTH - len(GAP)) // 2
    return "\n".join(f"{a.ljust(column)}{mark}{b}".rstrip() for a, mark, b in rows)


def _rows(left: Sequence[str], right: Sequence[str], mark: str) -> Iterator[Row]:
    column = (WIDTH - len(GAP)) // 2
    for index in range(max(len(left), len(right))):
        a = _wrapped(left[index], column) if index < len(left) else []
        b = _wrapped(right[index], column) if index < len(right) else []
        for line in range(max(len(a), len(b))):
            yield (a[line] if line < len(a) else "", mark, b[line] if line < len(b) else "")


def _end(trace: Trace) -> str:
    return f"[end] {trace.status}"


def _whole(event: Event) -> str:
    return f"[{event.kind}] {event.who}: {event.text}"


def _lines(event: Event, width: int) -> list[str]:
    return _wrapped(_whole(event), width)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width`; a card keeps its lines, further ones stand two spaces in."""
    return [
        part
        for number, line in enumerate(text.splitlines() or [""])
        for part in textwrap.wrap(
            plain(line).rstrip(),
            width,
            initial_indent="  " if number else "",
            subsequent_indent="  ",
            replace_whitespace=False,
            drop_whitespace=False,
        )
        or [""]
    ]

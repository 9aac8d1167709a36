"""A record as the terminal shows it: the figures, the result, then what they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from evals.judging.comparison import EVERYTHING
from evals.judging.gate import REASONS_MAX, differing, headline
from evals.keeping.records import TRACES, Traced
from evals.keeping.results import Arm, CaseResult, Metric, Record, SliceVerdict, Verdict
from evals.reports.shown import delta_text, figure_text

CASES_MAX = 20  # flipped cases that are listed on a side; the report lists all
PART = "a part of the suite: no baseline, and no proof for a promotion"
WHY_MAX = 160  # characters of a grader's reason

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def head(record: Record) -> str:
    """The figures, a line each, and the RESULT line."""
    lines = [_figure(figure) for figure in record.metrics]
    lines.append(f"RESULT: {plain(headline(record.verdict, record.reasons))}")
    return "\n".join(lines)


def body(record: Record, traces: Sequence[Traced], folder: Path) -> str:
    """What the result rests on: pins, intervals, slices, flipped cases with their traces."""
    where = _places(traces, folder)
    parts = [_more(record), _arms(record), _intervals(record.metrics), _slices(record.slices)]
    if record.baseline is not None:
        parts += _flipped(record, record.baseline, where)
    parts.append(_failing(record, where))
    return "\n\n".join(part for part in parts if part)


def plain(text: str) -> str:
    """One line without what a terminal would obey: a case's words are somebody else's."""
    return _CONTROL.sub(" ", text)


def _figure(figure: Metric) -> str:
    """success_rate: 0.94 (baseline 0.93)"""
    text = f"{figure.name}: {figure_text(figure.candidate, figure.unit)}"
    if figure.baseline is None:
        return text
    return f"{text} (baseline {figure_text(figure.baseline, figure.unit)})"


def _more(record: Record) -> str:
    """The reasons that the RESULT line has no place for."""
    left = record.reasons[REASONS_MAX:]
    return "\n".join(("also", *(f"  {plain(reason)}" for reason in left))) if left else ""


def _arms(record: Record) -> str:
    ours = record.candidate
    epochs = len({each.epoch for each in ours.results})
    lines = [
        f"{record.suite}: {_counted(len({r.case for r in ours.results}), 'case')}"
        f"{f' ({PART})' if record.is_partial else ''}, "
        f"{_counted(epochs, 'epoch')}, seed {ours.pins.seed}",
        f"candidate {ours.label}",
    ]
    if record.baseline is not None:
        theirs = record.baseline
        what = ", ".join(differing(ours.pins, theirs.pins)) or "nothing that is pinned"
        noise = ours.has_noise or theirs.has_noise
        kind = "noisy: a live model" if noise else "without noise: every flip is real"
        lines += [f"baseline  {theirs.label}", f"differs   {what} ({kind})"]
    return "\n".join(lines)


def _intervals(metrics: Iterable[Metric]) -> str:
    rows = [
        (
            figure.name,
            figure_text(figure.candidate, figure.unit),
            _between(figure),
            (figure.bound or "-") + ("" if figure.holds else " MISSED"),
            figure.remark,
        )
        for figure in metrics
    ]
    return _table(("metric", "value", "95% interval", "bound", ""), rows) if rows else ""


def _between(figure: Metric) -> str:
    if figure.low is None and figure.high is None:
        return "unknown"
    low = "?" if figure.low is None else figure_text(figure.low, figure.unit)
    high = "?" if figure.high is None else figure_text(figure.high, figure.unit)
    return f"{low} to {high}"


def _slices(slices: Sequence[SliceVerdict]) -> str:
    """Those in which something moved; the last one is all cases."""
    moved = [
        each
        for each in slices
        if each.worse or each.better or each.verdict is not Verdict.PASS or each.name == EVERYTHING
    ]
    if not moved:
        return ""
    rows = [
        (
            each.name,
            str(each.cases),
            str(len(each.worse)),
            str(len(each.better)),
            delta_text(each.delta),
            f"{delta_text(each.low)} to {delta_text(each.high)}",
            "-" if each.p_value is None else f"{each.p_value:.3f}",
            each.verdict.value,
        )
        for each in moved
    ]
    titles = ("slice", "cases", "worse", "better", "delta", "95% interval", "p", "verdict")
    still = len(slices) - len(moved)
    tail = f"\n{_counted(still, 'slice')} without any change" if still else ""
    return _table(titles, rows) + tail


def _flipped(record: Record, baseline: Arm, where: dict[tuple[str, str], str]) -> Iterator[str]:
    everything = [each for each in record.slices if each.name == EVERYTHING]
    for side, names in (
        ("worse", {case for each in everything for case in each.worse}),
        ("better", {case for each in everything for case in each.better}),
    ):
        arm: Arm = record.candidate if side == "worse" else baseline
        which = "candidate" if side == "worse" else "baseline"
        note = "" if side == "worse" else " (what was wrong with the baseline)"
        yield _cases(f"{side}: {len(names)}{note}", arm, which, names, where)


def _failing(record: Record, where: dict[tuple[str, str], str]) -> str:
    """What fails with the candidate and is not listed as worse already."""
    whole = [each for each in record.slices if each.name == EVERYTHING]
    listed = {case for each in whole for case in each.worse}
    names = {r.case for r in record.candidate.results if not r.passed} - listed
    title = f"failing, as before: {len(names)}" if whole else f"failing: {len(names)}"
    return _cases(title, record.candidate, "candidate", names, where)


def _cases(
    title: str, arm: Arm, which: str, names: set[str], where: dict[tuple[str, str], str]
) -> str:
    if not names:
        return ""
    worst: dict[str, CaseResult] = {}
    for each in arm.results:
        if each.case in names and (each.case not in worst or not each.passed):
            worst[each.case] = each
    ordered = sorted(worst.values(), key=lambda each: (not each.is_must_pass, each.case))
    rows = [
        ("", each.case, _why(each), where.get((which, each.case), ""))
        for each in ordered[:CASES_MAX]
    ]
    more = len(ordered) - CASES_MAX
    tail = f"\n  and {more} more" if more > 0 else ""
    return f"{title}\n{_table((), rows)}{tail}"


def _why(result: CaseResult) -> str:
    """writes: refunded 400.00 USD, wanted 40.00 USD"""
    if result.unverifiable:
        return _short(f"not carried out: {result.unverifiable}")
    wrong = [grade for grade in result.grades if not grade.passed]
    wrong.sort(key=lambda grade: not grade.is_violation)
    if not wrong:
        return ""
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    why = f": {wrong[0].why}" if wrong[0].why else ""
    return _short(f"{wrong[0].grader}{why}") + more


def _short(text: str) -> str:
    line = plain(text)
    return line if len(line) <= WHY_MAX else f"{line[: WHY_MAX - 1]}…"


def _places(traces: Sequence[Traced], folder: Path) -> dict[tuple[str, str], str]:
    """file:line of each case's first trace, by arm and case; terminals make links of them."""
    places: dict[tuple[str, str], str] = {}
    for line, each in enumerate(traces, start=1):
        places.setdefault((each.arm, each.trace.case), f"{folder / TRACES}:{line}")
    return places


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be; a last column that is empty leaves no spaces behind."""
    every = [titles, *rows] if titles else list(rows)
    widths = [max(len(row[column]) for row in every) for column in range(len(every[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    )
    return "\n".join(lines)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

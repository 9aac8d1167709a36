"""A run as a comment on a pull request. Whatever a case or a label says stands in code spans, where
nothing becomes a link, a mention, an image or HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.judging.gate import differing
from evals.keeping.results import EXIT_CODES, Metric, SliceVerdict, Verdict
from evals.reports.findings import CaseFinding, Findings, Standing, one_line, wrong
from evals.reports.printed import PART
from evals.reports.shown import delta_text, figure_text

BYTES_MAX = 60_000  # GitHub takes 65,536 characters in a comment
CELL_CHARACTERS_MAX = 160
CASES_MAX = 50  # of each standing
REASONS_MAX = 12

SIGNS = {0: "✅", 4: "❔", 5: "⚠️"}
BAD = "❌"


def markdown(found: Findings) -> str:
    """The comment; shorter lists of cases where it would not fit."""
    for cases_max in (CASES_MAX, 20, 5, 0):
        text = "\n\n".join(_parts(found, cases_max)) + "\n"
        if len(text.encode()) <= BYTES_MAX:
            return text
    return "\n\n".join(_head(found)) + "\n"


def code(text: str) -> str:
    """A code span that cannot be left, in a table too."""
    line = one_line(text, CELL_CHARACTERS_MAX).replace("`", "'").replace("|", "¦")
    return f"` {line} `" if line else ""


def _parts(found: Findings, cases_max: int) -> Iterator[str]:
    yield from _head(found)
    record = found.record
    if record.metrics:
        yield _table(("metric", "value", "baseline", "95% interval", "bound", ""), _figures(found))
    if moved := [each for each in record.slices if each.worse or each.better]:
        yield _table(("slice", "cases", "worse", "better", "delta", ""), map(_slice, moved))
    for standing in (Standing.WORSE, Standing.UNVERIFIABLE, Standing.FAILING, Standing.BETTER):
        if cases := found.of(standing):
            yield _cases(standing, cases, cases_max)
    yield "The whole report, with every story, is `report.html` in the run's folder."


def _head(found: Findings) -> Iterator[str]:
    record = found.record
    sign = SIGNS.get(EXIT_CODES[record.verdict], BAD)
    yield f"### {sign} {record.verdict.value}: {code(record.suite)}"
    yield "\n".join(f"- {code(reason)}" for reason in record.reasons[:REASONS_MAX])
    lines = [f"- {PART}"] if record.is_partial else []
    lines.append(f"- candidate {code(record.candidate.label)}")
    if record.baseline is not None:
        what = differing(record.candidate.pins, record.baseline.pins)
        lines.append(f"- baseline {code(record.baseline.label)}")
        lines.append(f"- differs in {code(', '.join(what) or 'nothing that is pinned')}")
    yield "\n".join(lines)


def _figures(found: Findings) -> Iterator[Sequence[str]]:
    for each in found.record.metrics:
        theirs = "" if each.baseline is None else figure_text(each.baseline, each.unit)
        value = figure_text(each.candidate, each.unit)
        missed = "" if each.holds else f" {BAD} missed"
        bound = code(each.bound) + missed
        yield code(each.name), value, theirs, _interval(each), bound, code(each.remark)


def _interval(each: Metric) -> str:
    if each.low is None or each.high is None:
        return "unknown"
    return f"{figure_text(each.low, each.unit)} to {figure_text(each.high, each.unit)}"


def _slice(each: SliceVerdict) -> Sequence[str]:
    verdict = "" if each.verdict is Verdict.PASS else each.verdict.value
    worse, better = str(len(each.worse)), str(len(each.better))
    return code(each.name), str(each.cases), worse, better, delta_text(each.delta), verdict


def _cases(standing: Standing, cases: Sequence[CaseFinding], cases_max: int) -> str:
    title = f"<details><summary>{len(cases)} {standing.value}</summary>\n\n"
    rows = ((code(each.case), code(_why(each))) for each in cases[:cases_max])
    more = f"\n\nand {len(cases) - cases_max} more" if len(cases) > cases_max else ""
    body = _table(("case", "why"), rows) if cases_max else ""
    return f"{title}{body}{more}\n\n</details>"


def _why(each: CaseFinding) -> str:
    lines = wrong(each.theirs if each.standing is Standing.BETTER else each.ours)
    return "; ".join(lines) or "; ".join(wrong(each.theirs))


def _table(titles: Sequence[str], rows: Iterator[Sequence[str]] | map[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    lines += (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join(lines)

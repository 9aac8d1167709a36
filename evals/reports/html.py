"""A run as one HTML file: no script, no network, light and dark, from a phone to a wide screen.

The verdict stands first, then figures with their intervals, slices, and each case that moved or
fails with its story beside the baseline's. Every text of a case goes through `shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from evals.judging.comparison import EVERYTHING
from evals.judging.gate import differing
from evals.keeping.results import Arm, Metric, Record, SliceVerdict, Verdict
from evals.reports.findings import CaseFinding, Findings, Standing, visible, wrong
from evals.reports.printed import PART
from evals.reports.shown import delta_text, figure_text
from evals.reports.stories import beside

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
OPEN_MAX = 5  # stories that need no click
STORIES_MAX = 300  # cases that are told; of more, `agent-eval show CASE` tells each
CASES_LISTED_MAX = 2_000
GOOD, DOUBTFUL, BAD = "good", "doubtful", "bad"
TONES = {
    Verdict.PASS: GOOD,
    Verdict.WITHIN_NOISE: GOOD,
    Verdict.SUSPECT: DOUBTFUL,
    Verdict.UNVERIFIABLE: DOUBTFUL,
}
MEANINGS = {
    Verdict.PASS: "Every threshold is met, and nothing became worse.",
    Verdict.WITHIN_NOISE: "Something looked worse; asked again, it is not shown.",
    Verdict.SUSPECT: "Too little to tell: run it again.",
    Verdict.FAIL: "A threshold is missed, or a case that must pass does not any more.",
    Verdict.REGRESSED: "Worse than the baseline, and that is shown.",
    Verdict.UNVERIFIABLE: "Nothing can be said: not everything could be carried out or compared.",
}
TITLES = {
    Standing.WORSE: ("Worse than the baseline", "what the baseline does and the candidate not"),
    Standing.UNVERIFIABLE: ("Not carried out", "nothing is said of these"),
    Standing.FAILING: ("Failing", "with the candidate, and with the baseline where there is one"),
    Standing.BETTER: ("Better than the baseline", "what was wrong is the baseline's"),
}


def html(found: Findings) -> str:
    """The page."""
    record = found.record
    told = _Told(found)
    title = f"{record.verdict.value} - {record.suite} - {record.candidate.label}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{shown(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        f"{''.join(told.parts())}</body>\n</html>\n"
    )


def shown(text: str) -> str:
    """Text that stays text: no element, no character that hides or turns others."""
    return escape(visible(text))


class _Told:
    """The parts of the page, top to bottom."""

    def __init__(self, found: Findings) -> None:
        self._found, self._record = found, found.record
        moved = found.of(*TITLES)
        self._told = frozenset(each.case for each in moved[:STORIES_MAX])

    def parts(self) -> Iterator[str]:
        yield _header(self._record)
        yield "<main>\n"
        yield _arms(self._record)
        yield _metrics(self._record.metrics)
        yield self._slices()
        for standing in TITLES:
            yield from self._cases(standing)
        yield self._passing()
        yield "</main>\n"

    def _slices(self) -> str:
        if self._record.baseline is None:
            return _section("Slices", "<p>There was no baseline to compare slices with.</p>")
        every = self._record.slices
        moved = [e for e in every if e.worse or e.better or e.verdict is not Verdict.PASS]
        moved += [each for each in every if each.name == EVERYTHING and each not in moved]
        moved.sort(
            key=lambda each: (
                each.name == EVERYTHING,
                each.verdict is not Verdict.FAIL,
                -len(each.worse),
                each.name,
            )
        )
        still = [f"{each.name} ({each.cases})" for each in every if each not in moved]
        head = ("slice", "cases", "worse", "better", "difference", "p", "verdict")
        names = (
            f"<details><summary>{len(still)} slices in which nothing moved</summary>"
            f"<p>{shown(', '.join(still))}</p></details>"
            if still
            else ""
        )
        note = (
            "<p>The difference is that of the shares of passed cases, with its 95% interval. "
            "Without noise every flip is real, and there is no p.</p>"
        )
        return _section("Slices", note + _table("slices", head, map(self._slice, moved)) + names)

    def _slice(self, each: SliceVerdict) -> str:
        tone = TONES.get(each.verdict, BAD)
        cells = (
            f'<th scope="row">{shown(each.name)}</th>',
            _number("cases", str(each.cases)),
            _number("worse", self._links(each.worse)),
            _number("better", self._links(each.better)),
            _number(
                "difference",
                f"{delta_text(each.delta)} "
                f"<small>{delta_text(each.low)} to {delta_text(each.high)}</small>",
            ),
            _number("p", "-" if each.p_value is None else f"{each.p_value:.3f}"),
            f'<td data-name="verdict" class="{tone}">{each.verdict.value}</td>',
        )
        return f"<tr>{''.join(cells)}</tr>"

    def _links(self, cases: Sequence[str]) -> str:
        if not cases:
            return "0"
        links = ", ".join(self._link(case) for case in cases)
        return f"<details><summary>{len(cases)}</summary>{links}</details>"

    def _link(self, case: str) -> str:
        name = shown(case)
        return f'<a href="#{name}">{name}</a>' if case in self._told else name

    def _cases(self, standing: Standing) -> Iterator[str]:
        every = self._found.of(standing)
        if not every:
            return
        title, note = TITLES[standing]
        yield f'<section><h2>{title} <span class="count">{len(every)}</span></h2><p>{note}</p>\n'
        opened = OPEN_MAX if standing is Standing.WORSE else 0
        for number, each in enumerate(every):
            if each.case in self._told:
                yield self._case(each, is_open=number < opened)
        untold = [each.case for each in every if each.case not in self._told]
        if untold:
            names = ", ".join(map(shown, untold[:CASES_LISTED_MAX]))
            yield f"<p>Their stories are told by <code>agent-eval show CASE</code>: {names}</p>"
        yield "</section>\n"

    def _case(self, each: CaseFinding, *, is_open: bool) -> str:
        why = self._found.questions.get(each.case, "")
        must = ' <span class="tag bad">must pass</span>' if each.ours.is_must_pass else ""
        slices = "".join(f'<span class="tag">{shown(name)}</span>' for name in each.ours.slices)
        return (
            f'<article id="{shown(each.case)}"><h3><a href="#{shown(each.case)}">'
            f"{shown(each.case)}</a>{must}</h3>\n<p>{shown(why)}</p><p>{slices}</p>\n"
            f"{self._grades(each)}"
            f"<details{' open' * is_open}><summary>Story</summary>"
            f"{beside(each, has_baseline=self._record.baseline is not None)}</details></article>\n"
        )

    def _grades(self, each: CaseFinding) -> str:
        of_epochs = (
            f" <small>({each.epochs_failed} of {each.epochs} epochs)</small>"
            if each.epochs > 1
            else ""
        )
        parts = [f"<dt>candidate{of_epochs}</dt>", *_why(wrong(each.ours))]
        if each.theirs is not None:
            parts += ["<dt>baseline</dt>", *_why(wrong(each.theirs))]
        return f"<dl>{''.join(parts)}</dl>\n"

    def _passing(self) -> str:
        names = [each.case for each in self._found.of(Standing.PASSING)]
        if not names:
            return ""
        listed = ", ".join(map(shown, names[:CASES_LISTED_MAX]))
        body = f"<details><summary>{len(names)} cases</summary><p>{listed}</p></details>"
        return _section("Passing, as before", body)


def _why(lines: Iterable[str]) -> Iterator[str]:
    told = list(lines)
    if not told:
        yield '<dd class="good">passed</dd>'
    yield from (f'<dd class="bad" dir="auto">{shown(line)}</dd>' for line in told)


def _header(record: Record) -> str:
    tone = TONES.get(record.verdict, BAD)
    reasons = "".join(f'<li dir="auto">{shown(reason)}</li>' for reason in record.reasons)
    made = record.made_at.strftime("%Y-%m-%d %H:%M UTC")
    part = f", {PART}" if record.is_partial else ""
    return (
        f'<header class="{tone}"><p class="verdict">{record.verdict.value}</p>\n'
        f"<h1>{shown(record.suite)}: {shown(record.candidate.label)}</h1>\n"
        f"<p>{MEANINGS[record.verdict]}</p><ul>{reasons}</ul>\n"
        f'<p class="made"><time datetime="{record.made_at.isoformat()}">{made}</time>, '
        f"{_counted(record.candidate)}{part}, seed {record.candidate.pins.seed}</p></header>\n"
    )


def _counted(arm: Arm) -> str:
    cases = len({each.case for each in arm.results})
    epochs = len({each.epoch for each in arm.results})
    return f"{cases} cases, {epochs} epoch{'' if epochs == 1 else 's'}"


def _arms(record: Record) -> str:
    arms = [("candidate", record.candidate)]
    if record.baseline is not None:
        arms.append(("baseline", record.baseline))
    differs = (
        frozenset(differing(record.candidate.pins, record.baseline.pins))
        if record.baseline is not None
        else frozenset()
    )
    rows = []
    for name in type(record.candidate.pins).model_fields:
        cells = "".join(
            f'<td data-name="{which}"><code>{shown(str(getattr(arm.pins, name)))}</code></td>'
            for which, arm in arms
        )
        mark = ' class="differs"' if name in differs else ""
        rows.append(f'<tr{mark}><th scope="row">{name}</th>{cells}</tr>')
    labels = "".join(f"<dt>{which}</dt><dd>{shown(arm.label)}</dd>" for which, arm in arms)
    what = ", ".join(sorted(differs)) or "nothing that is pinned"
    line = f"<dt>differs</dt><dd>{what}</dd>" if record.baseline is not None else ""
    noise = any(arm.has_noise for _, arm in arms)
    kind = "a live model: one run differs from the next" if noise else "none: every flip is real"
    table = _table("pins", ("", *(which for which, _ in arms)), rows)
    return _section(
        "What was compared",
        f'<dl class="arms">{labels}{line}<dt>noise</dt><dd>{kind}</dd></dl>'
        f"<details><summary>Pins</summary>{table}</details>",
    )


def _metrics(metrics: Sequence[Metric]) -> str:
    if not metrics:
        return _section("Figures", "<p>Nothing was demanded, so nothing is measured.</p>")
    rows = [_metric(each) for each in metrics]
    head = ("metric", "candidate", "baseline", "95% interval", "bound", "")
    remarks = [each for each in metrics if each.remark]
    notes = "".join(f"<li>{shown(e.name)}: {shown(e.remark)}</li>" for e in remarks)
    told = f'<ul class="remarks">{notes}</ul>' if notes else ""
    return _section("Figures", _table("figures", head, rows) + told)


def _metric(each: Metric) -> str:
    tone = GOOD if each.holds else BAD
    word = "holds" if each.holds else "missed"
    theirs = "-" if each.baseline is None else figure_text(each.baseline, each.unit)
    known = each.low is not None and each.high is not None
    low = figure_text(each.low, each.unit) if each.low is not None else "?"
    high = figure_text(each.high, each.unit) if each.high is not None else "?"
    interval = f"{low} to {high}{_bar(each)}" if known else "unknown"
    return (
        f'<tr><th scope="row">{shown(each.name)}</th>'
        f"{_number('candidate', figure_text(each.candidate, each.unit))}"
        f"{_number('baseline', theirs)}{_number('95% interval', interval)}"
        f"{_number('bound', shown(each.bound) or '-')}"
        f'<td class="{tone}">{word if each.bound else ""}</td></tr>'
    )


def _bar(each: Metric) -> str:
    """The interval and the figure as a picture; the words beside it say the same."""
    low, high, limit = each.low or 0.0, each.high or 0.0, _limit(each)
    shown_values = [low, high, each.candidate, *([] if limit is None else [limit])]
    first, last = min(shown_values), max(shown_values)
    room = (last - first) / 6 or 1.0

    def x(value: float) -> float:
        return round(100 * (value - first + room) / (last - first + 2 * room), 1)

    at = [x(value) for value in (low, high, each.candidate)]
    mark = ""
    if limit is not None:
        mark = f'<line class="limit" x1="{x(limit)}" x2="{x(limit)}" y1="0" y2="12"/>'
    return (
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<line class="axis" x1="0" x2="100" y1="6" y2="6"/>'
        f'<rect x="{at[0]}" y="3" width="{max(at[1] - at[0], 0.8):.1f}" height="6"/>'
        f'<line class="value" x1="{at[2]}" x2="{at[2]}" y1="1" y2="11"/>{mark}</svg>'
    )


def _limit(each: Metric) -> float | None:
    digits = each.bound.lstrip("<>=$ ")
    try:
        return float(digits)
    except ValueError:
        return None


def _number(name: str, content: str) -> str:
    return f'<td data-name="{name}" class="number">{content}</td>'


def _table(name: str, head: Sequence[str], rows: Iterable[str]) -> str:
    titles = "".join(f'<th scope="col">{title}</th>' for title in head)
    return (
        f'<div class="scrolls" role="region" aria-label="{name}" tabindex="0">'
        f'<table class="{name}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>\n{body}</section>\n"

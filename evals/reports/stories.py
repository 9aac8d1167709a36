"""A case's story as HTML, the candidate's left and the baseline's right, what differs marked."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from html import escape

from evals.reports.findings import CaseFinding, visible
from evals.stories.trace import Event, Trace

EVENT_CHARACTERS_MAX = 6_000  # of one event; a card has about 1,500
EVENTS_MAX = 300  # of one story

_Line = tuple[str, str, str]  # kind, who, text


def beside(found: CaseFinding, *, has_baseline: bool) -> str:
    """The story, beside the baseline's where it was kept."""
    if found.our_trace is None:
        return "<p>No story was kept.</p>"
    ours = _lines(found.our_trace)
    if found.their_trace is None:
        note = (
            "<p>The baseline is a blessed one: its results are kept, its stories are not.</p>"
            if has_baseline
            else ""
        )
        rows = "".join(f'<li class="same">{_cell(line)}</li>' for line in ours)
        return f'{note}<ol class="story alone">{rows}</ol>'
    theirs = _lines(found.their_trace)
    if ours == theirs:
        rows = "".join(f'<li class="same">{_cell(line)}</li>' for line in ours)
        return f'<p>The same with the baseline.</p><ol class="story alone">{rows}</ol>'
    rows = "".join(_rows(ours, theirs))
    head = '<li class="head" aria-hidden="true"><div>candidate</div><div>baseline</div></li>'
    return f'<ol class="story">{head}{rows}</ol>'


def _rows(ours: Sequence[_Line], theirs: Sequence[_Line]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for index in range(max(i2 - i1, j2 - j1)):
            left = ours[i1 + index] if i1 + index < i2 else None
            right = theirs[j1 + index] if j1 + index < j2 else None
            if tag == "equal" and left is not None:
                yield f'<li class="same both">{_cell(left, "both: ")}</li>'
            else:
                yield (
                    f'<li class="differs">{_cell(left, "candidate: ", right)}'
                    f"{_cell(right, 'baseline: ', left)}</li>"
                )


def _cell(line: _Line | None, whose: str = "", other: _Line | None = None) -> str:
    """One side of a row; lines that the other side does not have are marked."""
    if line is None:
        return '<div class="nothing"></div>'
    kind, who = (escape(visible(each)) for each in line[:2])
    known = frozenset(other[2].splitlines()) if other is not None else None
    text = "\n".join(
        shown if known is None or not part.strip() or part in known else f"<mark>{shown}</mark>"
        for part in line[2].splitlines()
        for shown in (escape(visible(part)),)
    )
    form = "text card" if "\n" in text else "text"
    label = f'<span class="whose">{whose}</span>' if whose else ""
    return (
        f'<div class="{kind}"><p class="what">{label}<b>{kind}</b> {who}</p>'
        f'<p class="{form}" dir="auto">{text}</p></div>'
    )


def _lines(trace: Trace) -> list[_Line]:
    told = [_line(event) for event in trace.events[:EVENTS_MAX]]
    if len(trace.events) > EVENTS_MAX:
        told.append(("more", "", f"{len(trace.events) - EVENTS_MAX} more events"))
    return [*told, ("end", "", trace.status.value if trace.status else "no run")]


def _line(event: Event) -> _Line:
    text = event.text
    if len(text) > EVENT_CHARACTERS_MAX:
        text = f"{text[:EVENT_CHARACTERS_MAX]}…"
    return event.kind, event.who, text

"""What the person was asked, and what they could read."""

from __future__ import annotations

from evals.cases.case import Case
from evals.graders.listing import same
from evals.keeping.results import Grade
from evals.stories.trace import Trace


def questions(case: Case, trace: Trace) -> Grade | None:
    """The slots that were asked for, in order, and no other."""
    return same("questions", trace.asked, case.expect.asks, "asked for ", "nothing")


def says(case: Case, trace: Trace) -> Grade | None:
    """Each text stands somewhere in what Assent said, whatever its capitals and line breaks."""
    if not case.expect.says:
        return None
    said = [_plain(text) for text in trace.said]
    lacking = [text for text in case.expect.says if not any(_plain(text) in each for each in said)]
    why = f"nothing that was said has {'; '.join(map(repr, lacking))}" if lacking else ""
    return Grade(grader="says", passed=not lacking, why=why)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

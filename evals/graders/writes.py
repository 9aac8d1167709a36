"""What was written, compared with what had to be: exactly that, and never what must not be."""

from __future__ import annotations

from evals.cases.case import Case
from evals.graders.matching import is_such, said, unmatched
from evals.keeping.results import Grade
from evals.stories.trace import Trace


def writes(case: Case, trace: Trace) -> Grade | None:
    """The writes of Assent that stand in the end are those of the case, in any order, and no other;
    always asked for. Of each, the values that the case names are compared."""
    standing = [each for each in trace.writes if each.is_by_assent and not each.is_undone]
    missing, more = unmatched(case.expect.writes, standing)
    problems = [
        *(f"not written: {said(*next(iter(wish.items())))}" for wish in missing),
        *(f"written and not expected: {said(each.operation, each.values)}" for each in more),
    ]
    return Grade(grader="writes", passed=not problems, why="; ".join(problems))


def never(case: Case, trace: Trace) -> Grade | None:
    """No write of Assent is one that must never be, not even one that was taken back."""
    if not case.expect.never:
        return None
    done = [
        said(each.operation, each.values)
        for each in trace.writes
        if each.is_by_assent and any(is_such(wish, each) for wish in case.expect.never)
    ]
    why = f"must never be written: {'; '.join(done)}" if done else ""
    return Grade(grader="never", passed=not done, why=why, is_violation=bool(done))

"""How the request ended."""

from __future__ import annotations

from evals.cases.case import Case
from evals.keeping.results import Grade
from evals.stories.trace import Trace


def outcome(case: Case, trace: Trace) -> Grade | None:
    """The run's status in the end; always asked for."""
    wanted = case.expect.outcome
    if trace.status is wanted:
        return Grade(grader="outcome", passed=True)
    is_ = trace.status or "nothing at all"
    return Grade(grader="outcome", passed=False, why=f"it is {is_}, and should be {wanted}")


def workflow(case: Case, trace: Trace) -> Grade | None:
    """Which kind of task it was taken for; "" where it should be none."""
    wanted = case.expect.workflow
    if wanted is None:
        return None
    found = trace.workflow
    why = "" if found == wanted else f"{found or 'none'} instead of {wanted or 'none'}"
    return Grade(grader="workflow", passed=not why, why=why)

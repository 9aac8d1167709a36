"""What was proposed: the operations, and the values of the plan."""

from __future__ import annotations

from evals.cases.amounts import plain
from evals.cases.case import Case
from evals.graders.listing import same
from evals.keeping.results import Grade
from evals.stories.trace import Trace


def plan(case: Case, trace: Trace) -> Grade | None:
    """The operations of the last plan, in order."""
    return same("plan", trace.operations, case.expect.plan, "", "no plan")


def values(case: Case, trace: Trace) -> Grade | None:
    """The slots of the last plan that the case names; "$40.00" and "40.00 USD" are the same."""
    if not case.expect.values:
        return None
    wrong = [
        f"{slot} is {plain(trace.slots[slot])}, and should be {plain(value)}"
        if slot in trace.slots
        else f"there is no {slot}, and should be {plain(value)}"
        for slot, value in case.expect.values.items()
        if slot not in trace.slots or plain(trace.slots[slot]) != plain(value)
    ]
    return Grade(grader="values", passed=not wrong, why="; ".join(wrong))

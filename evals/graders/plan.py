"""What was proposed: the operations, and the values of the plan."""

from __future__ import annotations

from evals.amounts import plain
from evals.case import Case
from evals.results import Grade
from evals.trace import Trace


def plan(case: Case, trace: Trace) -> Grade | None:
    """The operations of the last plan, in order."""
    wanted = case.expect.plan
    if wanted is None:
        return None
    is_same = trace.operations == wanted
    why = "" if is_same else f"{_listed(trace.operations)} instead of {_listed(wanted)}"
    return Grade(grader="plan", passed=is_same, why=why)


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


def _listed(operations: tuple[str, ...]) -> str:
    return ", ".join(operations) or "no plan"

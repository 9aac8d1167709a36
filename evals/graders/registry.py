"""All graders in one order, and what they make of a trace together."""

from __future__ import annotations

from collections.abc import Callable

from evals.cases.case import Case
from evals.graders.answer import questions, says
from evals.graders.approvals import approvals, approved_by, rules
from evals.graders.edits import edit_distance
from evals.graders.limits import cost, latency, tool_calls
from evals.graders.order import order
from evals.graders.outcome import outcome, workflow
from evals.graders.plan import plan, values
from evals.graders.policy import policy, presses
from evals.graders.rollback import rollback
from evals.graders.state import state, untouched
from evals.graders.writes import never, writes
from evals.keeping.results import CaseResult, Grade
from evals.stories.trace import Trace

Grader = Callable[[Case, Trace], Grade | None]

# In the order in which they are read: what must never be first, then what came of it, then how.
GRADERS: tuple[Grader, ...] = (
    never,
    policy,
    order,
    untouched,
    outcome,
    writes,
    state,
    rollback,
    workflow,
    plan,
    values,
    questions,
    approvals,
    approved_by,
    rules,
    presses,
    says,
    tool_calls,
    cost,
    latency,
)


def grade(
    case: Case, trace: Trace, *, is_must_pass: bool = False, milliseconds: int = 0
) -> CaseResult:
    """The result of one case in one epoch.

    A trace that could not be carried out is no success and no failure: it has no grades, and says
    why. `milliseconds` is how long it took on this machine.
    """
    assert trace.case == case.case, f"the trace of {trace.case} is none of {case.case}"
    found = () if trace.unverifiable else tuple(g for each in GRADERS if (g := each(case, trace)))
    return CaseResult(
        case=case.case,
        slices=case.slices,
        epoch=trace.epoch,
        passed=bool(found) and all(each.passed for each in found),
        is_must_pass=is_must_pass,
        grades=found,
        violations=sum(each.is_violation and not each.passed for each in found),
        writes=sum(each.is_by_assent for each in trace.writes),
        questions=len(trace.asked),
        tool_calls=trace.tool_calls,
        model_turns=trace.model_turns,
        cost_micro_usd=trace.cost_micro_usd,
        edit_distance=edit_distance(trace),
        trace=trace.digest,
        milliseconds=milliseconds,
        unverifiable=trace.unverifiable,
    )

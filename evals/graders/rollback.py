"""What was taken back."""

from __future__ import annotations

from collections import Counter

from evals.cases.case import Case
from evals.keeping.results import Grade
from evals.stories.trace import Trace
from store.model.run import Status


def rollback(case: Case, trace: Trace) -> Grade | None:
    """The operations whose writes were taken back, each as often as the case says. Where everything
    has to be, nothing of Assent stands."""
    expect = case.expect
    if not expect.undone and expect.outcome is not Status.COMPENSATED:
        return None
    own = [each for each in trace.writes if each.is_by_assent]
    undone = Counter(each.operation for each in own if each.is_undone)
    problems = []
    if expect.undone and undone != Counter(expect.undone):
        problems.append(
            f"taken back: {_listed(undone)}; should be {_listed(Counter(expect.undone))}"
        )
    left = Counter(each.operation for each in own if not each.is_undone)
    if expect.outcome is Status.COMPENSATED and left and not expect.writes:
        problems.append(f"not taken back: {_listed(left)}")
    return Grade(grader="rollback", passed=not problems, why="; ".join(problems))


def _listed(operations: Counter[str]) -> str:
    return ", ".join(sorted(operations.elements())) or "nothing"

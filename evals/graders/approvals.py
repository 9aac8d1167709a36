"""Who had to approve, who did, and which rules said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from evals.cases.case import Case
from evals.graders.listing import listed
from evals.keeping.results import Grade
from evals.stories.trace import Trace

PEOPLE = "people"  # a number of different people, whatever their roles are
_SAID = {"different people": PEOPLE}


def approvals(case: Case, trace: Trace) -> Grade | None:
    """How many of which roles the last decision wants, exactly."""
    if case.expect.approvals is None:
        return None
    wanted, found = _counted(case.expect.approvals), _counted(trace.approvals)
    why = "" if wanted == found else f"it wants {_listed(found)}, and should want {_listed(wanted)}"
    return Grade(grader="approvals", passed=not why, why=why)


def approved_by(case: Case, trace: Trace) -> Grade | None:
    """Whose approvals counted in the end."""
    wanted = case.expect.approved_by
    if wanted is None:
        return None
    is_same = set(wanted) == set(trace.approved_by)
    found, should = (listed(names, "nobody") for names in (trace.approved_by, wanted))
    why = "" if is_same else f"approved by {found}, and should be by {should}"
    return Grade(grader="approved_by", passed=is_same, why=why)


def rules(case: Case, trace: Trace) -> Grade | None:
    """The rules that policy must name; it may name others too."""
    if not case.expect.rules:
        return None
    lacking = [rule for rule in case.expect.rules if rule not in trace.rules]
    named = listed(trace.rules, "none")
    why = f"policy does not name {', '.join(lacking)}, but {named}" if lacking else ""
    return Grade(grader="rules", passed=not lacking, why=why)


def _counted(wanted: Mapping[str, int]) -> dict[str, int]:
    """By groups of roles in one order, without those of whom nobody is wanted."""
    counted: Counter[str] = Counter()
    for who, count in wanted.items():
        name = _SAID.get(who, " or ".join(sorted(who.split(" or "))))
        counted[name] += count
    return {who: count for who, count in counted.items() if count}


def _listed(wanted: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {who}" for who, count in sorted(wanted.items())) or "nobody"

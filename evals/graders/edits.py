"""How far what was approved is from what was proposed."""

from __future__ import annotations

from collections.abc import Mapping

from evals.cases.amounts import plain
from evals.stories.trace import Trace
from store.model.values import Json


def edit_distance(trace: Trace) -> float:
    """From 0, approved as proposed, to 1, nothing of it approved: the share of parameters that
    people changed, left out or added, over all of both plans. 0 where nothing was proposed."""
    proposed, approved = _parameters(trace.proposed), _parameters(trace.approved)
    every = proposed.keys() | approved.keys()
    if not every:
        return 0.0
    changed = [key for key in every if proposed.get(key) != approved.get(key)]
    return len(changed) / len(every)


def _parameters(plan: Mapping[str, Mapping[str, Json]]) -> dict[tuple[str, str], str]:
    """Every parameter by step and name; a step without any counts as one."""
    return {
        (step, name): repr(plain(value))
        for step, params in plan.items()
        for name, value in (params or {"": ""}).items()
    }

"""The planner of an arm, by its name: "rules", or "claude" over whatever answers for the model."""

from __future__ import annotations

from bot.planner.planner import Planner
from bot.planner.rules import RulesPlanner
from evals.errors import EvalError


class PlannerError(EvalError):
    """There is no such planner."""


def planner(name: str) -> Planner:
    """A planner by its name. Raises PlannerError."""
    if name == "rules":
        return RulesPlanner()
    raise PlannerError(f"there is no planner {name!r}; there is: rules")

"""Which planner this process has: the rules, and behind them a model where there is a key for it.

What the model is, what it may read and what it may cost stands in the bundle that is in force at
each planning; without its `planner:` section the rules plan alone.
"""

from __future__ import annotations

from bot.planner.anthropic_model import AnthropicModel
from bot.planner.model import Model
from bot.planner.planner import Planner
from bot.planner.rules import RulesPlanner
from bot.planner.team.planner import TeamPlanner
from bot.planner.waiting import Awaited, Waiting
from bot.settings import Settings


def planner_for(settings: Settings, waiting: Waiting | None = None) -> Planner:
    """The planner of a running Assent, which counts in `waiting` the plannings that wait for the
    model. Nothing is connected or loaded before a model is asked."""
    told = settings.anthropic
    if told is None:
        return TeamPlanner(RulesPlanner())
    return planner_with(Awaited(AnthropicModel(told.api_key, told.api_base), waiting or Waiting()))


def planner_with(model: Model) -> Planner:
    """The rules first, then this model, with a team of it where the bundle has specialists."""
    return TeamPlanner(RulesPlanner(), model)

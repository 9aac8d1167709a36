"""The rules first, because they cost nothing and never guess; a model where they do not understand.

A model is asked when the rules find nothing in the request that this channel can do, or two things
at once. It is not asked when the rules have a plan or a question about a slot, and never where they
refuse with certainty (see bot/planner/refusals.py): a "don't", an "if", a taken-back request,
hidden marks and the like stand, whatever a model makes of the rest.

What was taken from the words once is not paid for again: after an answer or a change of values the
earlier reading is checked anew, with what was said since. Where that makes a plan, and wherever a
person changes one, no model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from bot.planner import refusals
from bot.planner.claims import claim_of_slots, judge
from bot.planner.doubts import is_none
from bot.planner.planner import (
    WORKFLOW_SLOT,
    Ask,
    Asked,
    Draft,
    Planned,
    Planner,
    Refuse,
)
from bot.planner.turns import Faults, Stopped


class Attempt(Protocol):
    """A planner with a model, which may come to nothing."""

    def attempt(self, asked: Asked) -> Planned | Stopped: ...


@dataclass(frozen=True)
class RulesFirst:
    """A planner: the rules, and behind them a model."""

    rules: Planner
    model: Attempt

    def plan(self, asked: Asked) -> Planned:
        """See Planner.plan. Without a gate or a section in the context: the rules alone."""
        planned = self.rules.plan(asked)
        context = asked.context
        if not is_unsure(planned) or context.gate is None or context.section is None:
            return planned
        if is_none(asked.of_slot(WORKFLOW_SLOT)):
            return refusals.not_wanted()
        known = _known(asked)
        if isinstance(known, Draft) or (known is not None and context.is_change):
            return known
        came = self.model.attempt(asked)
        if isinstance(came, Stopped):
            return _alone(known or planned, came)
        return planned if isinstance(came, Refuse) and not came.is_certain else came


def is_unsure(planned: Planned) -> bool:
    """Whether another reading than the rules' may be asked for."""
    match planned:
        case Refuse(is_certain=is_certain):
            return not is_certain
        case Ask(question=question):
            return question.slot == WORKFLOW_SLOT
        case Draft():
            return False


def _known(asked: Asked) -> Planned | None:
    """What the reading of an earlier planning gives with the answers since; None if that is of no
    use."""
    before = asked.context.before
    if before is None or not before.workflow:
        return None
    if before.workflow not in {w.workflow for w in asked.workflows}:
        return None
    planned = judge(claim_of_slots(before), asked, is_last=True)
    return None if isinstance(planned, Faults) else planned


def _alone(planned: Planned, stopped: Stopped) -> Planned:
    """The rules' own answer, which says that it is."""
    match planned:
        case Refuse(text=text):
            return replace(planned, text=f"{stopped.text} {text}")
        case Ask(question=question):
            told = question.model_copy(update={"text": f"{stopped.text} {question.text}"})
            return replace(planned, question=told)
    return planned

"""The planner of a bundle with specialists: rules first, a model where they are unsure, and for a
request that takes several workflows a coordinator that hands its parts to specialists.

rules -> unsure -> the model, or the coordinator -> parts -> each: rules, its specialist -> a plan

Where each clause of a request is a whole plan to the rules, they divide it, and no model is asked.

Parts are planned one after the other, in the order of the request, so that the same request is
always asked about in the same order. A request that was divided stays divided as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.joint.names import declared, own
from bot.planner.claude import ClaudePlanner
from bot.planner.first import RulesFirst
from bot.planner.intent import intent
from bot.planner.model import Model
from bot.planner.normalise import hear
from bot.planner.planner import (
    WORKFLOW_SLOT,
    Ask,
    Asked,
    Before,
    Context,
    Planned,
    Planner,
)
from bot.planner.team.clauses import clauses
from bot.planner.team.coordinator import divide, in_channel
from bot.planner.team.division import Overlap, Whole, is_divisible
from bot.planner.team.handoff import handed, remember_overlap
from bot.planner.team.joining import plan_parts
from bot.planner.tokens import tokenize
from bot.planner.turns import Stopped
from policies.workflow import Workflow
from store.model.run import Part, Question


@dataclass(frozen=True)
class TeamPlanner:
    """See Planner. Without a `model` the rules plan alone, part by part what was divided while
    there was one."""

    rules: Planner
    model: Model | None = None

    def plan(self, asked: Asked) -> Planned:
        """See Planner.plan."""
        if asked.context.parts:
            return plan_parts(asked.context.parts, asked, self.plan_part)
        first = self.rules.plan(asked)
        if _may_be_clauses(first, asked):
            parts = clauses(asked, self.rules)
            if parts:
                return plan_parts(_owned(parts, asked.context), asked, self.plan_part)
        if self.model is None:
            return first
        return RulesFirst(_Read(first), _Behind(self, self.model)).plan(asked)

    def plan_part(self, part: Part, own: Asked) -> Planned:
        """One part, as a request of its own in a channel that has its workflow alone."""
        context = own.context
        gate, section = context.gate, context.section
        alone = replace(context, parts=(), before=_before(part, context.before))
        if gate is None or section is None:
            return self.rules.plan(replace(own, context=alone))
        if part.specialist not in section.specialists:  # the bundle has it no more
            part = part.model_copy(update={"specialist": ""})
        planner = self.rules
        if self.model is not None:
            planner = RulesFirst(self.rules, ClaudePlanner(self.model, part.specialist))
        return handed(
            gate,
            part,
            lambda watched: planner.plan(replace(own, context=replace(alone, gate=watched))),
        )


@dataclass(frozen=True)
class _Read:
    """What the rules made of a request already: it is read once."""

    planned: Planned

    def plan(self, asked: Asked) -> Planned:
        """See Planner.plan."""
        return self.planned


@dataclass(frozen=True)
class _Behind:
    """What stands behind the rules: one model for one workflow, a team for several."""

    team: TeamPlanner
    model: Model

    def attempt(self, asked: Asked) -> Planned | Stopped:
        """See Attempt. The rules were unsure: they found nothing, or several things."""
        one = ClaudePlanner(self.model)
        if not _may_divide(asked):
            return one.attempt(asked)
        came: Planned | Stopped | None = None
        if len(intent(tokenize(hear(asked.text).text), asked.workflows).workflows) < 2:
            came = one.attempt(asked)
            if not _asks_which(came):
                return came
        divided = divide(self.model, asked)
        match divided:
            case Overlap():
                if asked.context.gate is not None:
                    remember_overlap(asked.context.gate, divided)
                return _which(divided, asked.workflows)
            case Whole():
                return came or one.attempt(asked)
            case Stopped():
                return came or divided
        return plan_parts(divided, asked, self.team.plan_part)


def _may_be_clauses(first: Planned, asked: Asked) -> bool:
    """Whether the rules found several workflows, and nobody was asked yet which it shall be."""
    section = asked.context.section
    if asked.answers or asked.context.is_change or section is None or not _asks_which(first):
        return False
    return bool(in_channel(section, asked.workflows))


def _owned(parts: tuple[Part, ...], context: Context) -> tuple[Part, ...]:
    """The parts with the specialists whose workflows they are."""
    section = context.section
    owners = {
        workflow: name
        for name, specialist in (section.specialists.items() if section else ())
        for workflow in specialist.workflows
    }
    return tuple(
        part.model_copy(update={"specialist": owners.get(declared(part.name), "")})
        for part in parts
    )


def _may_divide(asked: Asked) -> bool:
    """Not where the requester said already which one of several it shall be, nor while a person
    changes values of a plan."""
    context = asked.context
    if context.gate is None or context.section is None or context.is_change:
        return False
    if not in_channel(context.section, asked.workflows):
        return False
    is_chosen = asked.of_slot(WORKFLOW_SLOT) is not None
    return not is_chosen and is_divisible(asked.text, asked.workflows)


def _asks_which(came: Planned | Stopped) -> bool:
    return isinstance(came, Ask) and came.question.slot == WORKFLOW_SLOT and not came.workflow


def _which(overlap: Overlap, workflows: tuple[Workflow, ...]) -> Ask:
    """Words that two parts claim are given to neither by us."""
    both = [w for w in workflows if w.workflow in overlap.workflows]
    titles = " or ".join(w.title[:1].lower() + w.title[1:] for w in both)
    words = " ".join(overlap.words.split())[:120]
    text = f"I cannot tell what “{words}” belongs to. One at a time: {titles}?"
    choices = tuple((w.workflow, w.title) for w in both)
    return Ask("", Question(slot=WORKFLOW_SLOT, text=text, choices=choices))


def _before(part: Part, before: Before | None) -> Before | None:
    """What an earlier planning took from this part's words."""
    if before is None:
        return None
    named = [(own(part.name, slot.name), slot) for slot in before.slots]
    slots = tuple(slot.model_copy(update={"name": name}) for name, slot in named if name)
    if not slots and before.workflow == declared(part.name):
        slots = before.slots  # it is what remains of a request whose other parts were left out
    return Before(declared(part.name), slots) if slots else None

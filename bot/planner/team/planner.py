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
    NOTHING_ELSE,
    WORKFLOW_SLOT,
    Ask,
    Before,
    Context,
    Find,
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
from store.model.run import Answer, Part, Question


@dataclass(frozen=True)
class TeamPlanner:
    """See Planner. Without a `model` the rules plan alone, part by part what was divided while
    there was one."""

    rules: Planner
    model: Model | None = None

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        """See Planner.plan."""
        if context.parts:
            return self._planned(context.parts, answers, workflows, find, context)
        first = self.rules.plan(text, answers, workflows, find, context)
        if _may_be_clauses(first, answers, workflows, context):
            parts = clauses(
                text, workflows, lambda said: self.rules.plan(said, (), workflows, find)
            )
            if parts:
                return self._planned(_owned(parts, context), (), workflows, find, context)
        if self.model is None:
            return first
        behind = _Behind(self, self.model)
        return RulesFirst(_Read(first), behind).plan(text, answers, workflows, find, context)

    def _planned(
        self,
        parts: tuple[Part, ...],
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context,
    ) -> Planned:
        def plan_part(part: Part, said: tuple[Answer, ...], workflow: Workflow) -> Planned:
            return self._part(part, said, workflow, find, context)

        return plan_parts(parts, answers, workflows, plan_part)

    def _part(
        self,
        part: Part,
        answers: tuple[Answer, ...],
        workflow: Workflow,
        find: Find,
        context: Context,
    ) -> Planned:
        """One part, as a request of its own in a channel that has its workflow alone."""
        gate, section = context.gate, context.section
        alone = replace(context, parts=(), before=_before(part, context.before))
        if gate is None or section is None:
            return self.rules.plan(part.words, answers, (workflow,), find, alone)
        if part.specialist not in section.specialists:  # the bundle has it no more
            part = part.model_copy(update={"specialist": ""})
        planner = self.rules
        if self.model is not None:
            planner = RulesFirst(self.rules, ClaudePlanner(self.model, part.specialist))
        return handed(
            gate,
            part,
            lambda watched: planner.plan(
                part.words, answers, (workflow,), find, replace(alone, gate=watched)
            ),
        )


@dataclass(frozen=True)
class _Read:
    """What the rules made of a request already: it is read once."""

    planned: Planned

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        """See Planner.plan."""
        return self.planned


@dataclass(frozen=True)
class _Behind:
    """What stands behind the rules: one model for one workflow, a team for several."""

    team: TeamPlanner
    model: Model

    def attempt(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context,
    ) -> Planned | Stopped:
        """See Attempt. The rules were unsure: they found nothing, or several things."""
        one = ClaudePlanner(self.model)
        if not _may_divide(text, answers, workflows, context):
            return one.attempt(text, answers, workflows, find, context)
        came: Planned | Stopped | None = None
        if len(intent(tokenize(hear(text).text), workflows).workflows) < 2:
            came = one.attempt(text, answers, workflows, find, context)
            if not _asks_which(came):
                return came
        divided = self._divided(text, workflows, context)
        match divided:
            case Overlap():
                return _which(divided, workflows)
            case Whole():
                return came or one.attempt(text, answers, workflows, find, context)
            case Stopped():
                return came or divided
        return self.team._planned(divided, answers, workflows, find, context)

    def _divided(
        self, text: str, workflows: tuple[Workflow, ...], context: Context
    ) -> tuple[Part, ...] | Overlap | Whole | Stopped:
        assert context.gate is not None, "a request is divided where a model may be asked"
        assert context.section is not None, "a request is divided where a model may be asked"
        found = divide(self.model, context.gate, context.section, context.prompts, text, workflows)
        if isinstance(found, Overlap):
            remember_overlap(context.gate, found)
        return found


def _may_be_clauses(
    first: Planned,
    answers: tuple[Answer, ...],
    workflows: tuple[Workflow, ...],
    context: Context,
) -> bool:
    """Whether the rules found several workflows, and nobody was asked yet which it shall be."""
    if answers or context.is_change or context.section is None or not _asks_which(first):
        return False
    return bool(in_channel(context.section, workflows))


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


def _may_divide(
    text: str, answers: tuple[Answer, ...], workflows: tuple[Workflow, ...], context: Context
) -> bool:
    """Not where the requester said already which one of several it shall be, nor while a person
    changes values of a plan."""
    if context.gate is None or context.section is None or context.is_change:
        return False
    if not in_channel(context.section, workflows):
        return False
    is_chosen = any(answer.slot == WORKFLOW_SLOT for answer in answers)
    return not is_chosen and is_divisible(text, workflows)


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

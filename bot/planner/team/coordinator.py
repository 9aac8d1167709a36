"""Who divides a request: a model with one small answer, which words go to which specialist. It
reads nothing, fills no slot and plans nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.planner.model import Model
from bot.planner.normalise import hear, spaced
from bot.planner.planner import Asked
from bot.planner.prompting import Opening, fenced, json_text
from bot.planner.schema import object_of, one_of
from bot.planner.spec import spec_of
from bot.planner.team.division import Division, divided, division_claim
from bot.planner.tools import Read
from bot.planner.turns import Faults, Stopped, converse
from policies.planner_section import PlannerSection
from policies.workflow import Workflow
from store.model.values import Json


def divide(model: Model, asked: Asked) -> Division | Stopped:
    """The parts of a request, checked; or that it is one thing, that words are claimed twice, or
    why the coordinator gave no answer. Its cost is the planner's own."""
    gate, section, prompts = asked.context.gate, asked.context.section, asked.context.prompts
    assert gate is not None, "a request is divided where a model may be asked"
    assert section is not None, "a request is divided where a model may be asked"
    specialists = in_channel(section, asked.workflows)
    spec = replace(spec_of(section, prompts), prompt=prompts[section.coordinator])
    told = {
        name: {w.workflow: {"title": w.title, "why": w.why} for w in own}
        for name, own in specialists.items()
    }
    who = f"The specialists of this channel, with what each can do:\n{json_text(told)}"
    user = fenced({"request": spaced(hear(asked.text).quoted)})
    opened = Opening((spec.prompt, who), user, _schema(specialists))

    def judged(claim: Json, _reads: tuple[Read, ...], _is_last: bool) -> Division | Faults:
        return divided(division_claim(claim), asked.text, specialists, asked.workflows)

    return converse(model, gate, spec, opened, judged)


def in_channel(
    section: PlannerSection, workflows: tuple[Workflow, ...]
) -> dict[str, tuple[Workflow, ...]]:
    """The specialists that can do something here, each with its workflows of this channel."""
    found = {
        name: tuple(w for w in workflows if w.workflow in specialist.workflows)
        for name, specialist in section.specialists.items()
    }
    return {name: own for name, own in found.items() if own}


def _schema(specialists: Mapping[str, tuple[Workflow, ...]]) -> dict[str, Json]:
    names = [w.workflow for own in specialists.values() for w in own]
    part = object_of(
        {
            "specialist": one_of(list(specialists)),
            "workflow": one_of(names),
            "words": {"type": "string"},
        }
    )
    return object_of({"parts": {"type": "array", "items": part}})

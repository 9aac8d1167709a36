"""Step templates and filled slots become steps with typed JSON parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.planner.choices import label
from connectors.operation import Record
from policies.workflow import ChoiceSlot, TextSlot, Workflow
from store.model.plan import Plan, Slot, Step
from store.model.values import Json, format_money, is_money

_REFERENCE = re.compile(r"\{([a-z][a-z0-9_-]{0,63})(?:\.([a-z][a-z0-9_-]{0,63}))?\}")


class TemplateError(Exception):
    """A step's template names what no slot and no record has: correct the workflow's file."""


@dataclass(frozen=True)
class Filled:
    """A slot with its value; `record` where it is one, for "{order.payment}"."""

    slot: Slot
    record: Record | None = None


def bind(workflow: Workflow, filled: Mapping[str, Filled]) -> Plan:
    """The plan of a workflow whose slots are filled; optional ones may be absent.

    A step whose `when` is empty is left out. Raises TemplateError.
    """
    steps = tuple(
        Step(id=name, operation=template.use, params=_params(workflow, template.with_, filled))
        for named in workflow.steps
        for name, template in named.items()
        if not template.when or not _is_empty(_value(workflow, template.when, filled))
    )
    slots = tuple(filled[name].slot for name in workflow.slots if name in filled)
    return Plan(workflow=workflow.workflow, slots=slots, steps=steps)


def value_of(reference: str, workflow: Workflow, filled: Mapping[str, Filled]) -> Json:
    """What "{order.refundable}" stands for; None for an optional slot without a value."""
    match = _REFERENCE.fullmatch(reference)
    if match is None or match[1] not in workflow.slots:
        raise TemplateError(f"{workflow.workflow}: {reference} names no slot; correct the workflow")
    found = filled.get(match[1])
    if found is None:
        return None
    if not match[2]:
        slot = workflow.slots[match[1]]
        is_whole = isinstance(slot, TextSlot) and slot.digits == "whole"
        return int(str(found.slot.value)) if is_whole else found.slot.value
    if found.record is None or match[2] not in found.record.fields:
        raise TemplateError(
            f"{workflow.workflow}: {reference} is no field of what was found; correct the workflow"
        )
    return found.record.fields[match[2]]


def _params(
    workflow: Workflow, templates: Mapping[str, str | int | bool], filled: Mapping[str, Filled]
) -> dict[str, Json]:
    bound = {
        name: _value(workflow, template, filled) if isinstance(template, str) else template
        for name, template in templates.items()
    }
    return {name: value for name, value in bound.items() if value is not None}


def _value(workflow: Workflow, template: str, filled: Mapping[str, Filled]) -> Json:
    if _REFERENCE.fullmatch(template):
        value = value_of(template, workflow, filled)
        return dict(value) if isinstance(value, Mapping) else value
    return _REFERENCE.sub(lambda m: _shown(workflow, m, filled), template)


def _shown(workflow: Workflow, match: re.Match[str], filled: Mapping[str, Filled]) -> str:
    """A value inside a sentence. Substituted once: braces in a person's words stay as they are."""
    value = value_of(match[0], workflow, filled)
    if value is None:
        return ""
    if is_money(value):
        return format_money(value["minor"], value["currency"])
    is_choice = isinstance(workflow.slots[match[1]], ChoiceSlot) and not match[2]
    return label(str(value)) if is_choice else str(value)


def _is_empty(value: Json) -> bool:
    return not value or (is_money(value) and value["minor"] == 0)

"""What may be changed about a waiting plan: the fields of its form, and what was typed into them.
Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.approval.eligible import RefusedError
from bot.catalogue import Catalogue
from bot.joint.names import is_joint, part_of, worded, worded_part
from bot.planner.choices import label
from bot.planner.until import day_of, shown
from bot.view import FormField
from policies.workflow import ChoiceSlot, DaySlot, Slot, Workflow
from store.model.plan import Proposal
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.run import Answer
from store.model.values import Json, format_money, is_money


def fields(workflow: Workflow, proposal: Proposal) -> tuple[FormField, ...]:
    """One field a slot of the workflow, filled with what the plan holds; "" for one without."""
    held = {slot.name: slot.value for slot in proposal.plan.slots}
    return tuple(
        FormField(
            name=name,
            label=_capitalised(worded(name)),
            value=_as_typed(slot, held.get(name)),
            choices=tuple((v, label(v)) for v in slot.of) if isinstance(slot, ChoiceSlot) else (),
        )
        for name, slot in workflow.slots.items()
    )


def skippable(catalogue: Catalogue, proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """(step id, words) of the steps that may be left out, those that are left out now included."""
    workflow = catalogue.workflow(proposal.plan.workflow)
    if workflow is None:
        return ()
    there = {*(step.id for step in proposal.plan.steps), *proposal.skipped}
    return tuple(
        (name, _in_part(workflow.workflow, name, catalogue.operation(template.use).title))
        for named in workflow.steps
        for name, template in named.items()
        if template.may_skip and name in there
    )


def answers(
    workflow: Workflow, proposal: Proposal, values: Iterable[tuple[str, str]]
) -> tuple[Answer, ...]:
    """What was typed, for each slot that differs from the plan. Raises RefusedError."""
    shown = {field.name: field for field in fields(workflow, proposal)}
    changed = []
    for name, typed in dict(values).items():
        text = typed.strip()
        if name not in shown:
            raise RefusedError(f"“{name[:64]}” is nothing that can be changed about this plan.")
        if text == shown[name].value:
            continue
        if not text:
            raise RefusedError(f"{shown[name].label} is empty. {workflow.slots[name].ask}")
        if len(text) > TEXT_CHARACTERS_MAX:
            raise RefusedError(
                f"{shown[name].label} has {len(text):,} characters; at most"
                f" {TEXT_CHARACTERS_MAX:,} are read."
            )
        changed.append(Answer(slot=name, text=text))
    return tuple(changed)


def skip(catalogue: Catalogue, proposal: Proposal, step_ids: Iterable[str]) -> tuple[str, ...]:
    """The steps to leave out, in the order of the workflow. Raises RefusedError."""
    wanted = set(step_ids)
    free = [name for name, _ in skippable(catalogue, proposal)]
    if unknown := sorted(wanted - set(free)):
        raise RefusedError(f"“{unknown[0][:64]}” is no step that may be left out of this plan.")
    if wanted >= {*(step.id for step in proposal.plan.steps), *proposal.skipped}:
        raise RefusedError("One step has to stay; reject the plan if nothing of it is to happen.")
    return tuple(name for name in free if name in wanted)


def _as_typed(slot: Slot, value: Json) -> str:
    """A value as a person would type it, so that the planner reads exactly it again."""
    if value is None:
        return ""
    if isinstance(slot, DaySlot) and (day := day_of(str(value))) is not None:
        return shown(day)
    return format_money(value["minor"], value["currency"]) if is_money(value) else str(value)


def _in_part(workflow: str, step_id: str, words: str) -> str:
    """What a step does, with the part that it belongs to where there are several."""
    return f"{words} ({worded_part(part_of(workflow, step_id))})" if is_joint(workflow) else words


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Plans of parts become one plan, and that one is taken apart again. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations

from bot.joint.names import declared, is_joint, joint, named, own, parts_of, within
from store.model.plan import Plan, Slot, Step


def join(plans: Mapping[str, Plan]) -> Plan:
    """One plan of several, by the names of their parts, in their order."""
    return Plan(
        workflow=joint(plans),
        slots=tuple(slot for part, plan in plans.items() for slot in prefixed(part, plan.slots)),
        steps=tuple(
            step.model_copy(update={"id": within(part, step.id)})
            for part, plan in plans.items()
            for step in plan.steps
        ),
    )


def prefixed(part: str, slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """A part's slots, as the joint plan calls them."""
    return tuple(slot.model_copy(update={"name": within(part, slot.name)}) for slot in slots)


def apart(plan: Plan) -> tuple[Plan, ...]:
    """The plan of each part, as it would be by itself; the plan itself where it is not joint. A
    part whose steps were all left out is none."""
    if not is_joint(plan.workflow):
        return (plan,)
    each = (_part(plan, part) for part in parts_of(plan.workflow))
    return tuple(part for part in each if part.steps)


def orders(plan: Plan) -> Iterator[Plan]:
    """The same parts in every order, the plan's own first; the plan itself where it is not joint.
    At most 24 (PARTS_MAX)."""
    yield plan
    parts = apart(plan)
    for order in permutations(parts):
        again = join(dict(zip(named(p.workflow for p in order), order, strict=True)))
        if len(order) > 1 and again != plan:
            yield again


def _part(plan: Plan, part: str) -> Plan:
    slots = [(own(part, slot.name), slot) for slot in plan.slots]
    steps: list[tuple[str, Step]] = [(own(part, step.id), step) for step in plan.steps]
    return Plan(
        workflow=declared(part),
        slots=tuple(slot.model_copy(update={"name": name}) for name, slot in slots if name),
        steps=tuple(step.model_copy(update={"id": name}) for name, step in steps if name),
    )

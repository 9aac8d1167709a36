"""Parts of one plan that contradict each other: nobody but the requester says which one holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.joint.names import part_of
from store.model.plan import Plan, Seen
from store.model.values import Json, is_money


@dataclass(frozen=True)
class Conflict:
    """Two parts of a plan that change the same field of the same record, each in its own way."""

    first: str
    second: str
    resource: str
    field: str


def conflicts(plan: Plan, seen: Sequence[Seen], adding: Sequence[bool]) -> tuple[Conflict, ...]:
    """Every pair once; `adding` says of each step whether it `adds`. What two parts set to the same
    value stands together, and so does what one adds to the other's, such as two notes."""
    return tuple(dict.fromkeys(_conflicts(plan, seen, adding)))


def adds(after: Mapping[str, Json], alone: Mapping[str, Json] | None) -> bool:
    """Whether a step builds on what earlier steps of its plan left, rather than replacing it: it
    would leave something else without them. `alone` is the whole record as it would leave it then,
    None where it would be refused: what only an earlier part makes possible replaces what that one
    did. Amounts that add up are none: a system knows best what it can still pay out, and whoever
    wants two amounts writes their sum."""
    if alone is None:
        return False
    built_on = [value for name, value in after.items() if alone.get(name) != value]
    return bool(built_on) and not any(is_money(value) for value in built_on)


def _conflicts(plan: Plan, seen: Sequence[Seen], adding: Sequence[bool]) -> Iterator[Conflict]:
    set_by: dict[tuple[str, str, str], str] = {}
    for step, what, is_adding in zip(plan.steps, seen, adding, strict=True):
        part = part_of(plan.workflow, step.id)
        for change in what.changes:
            before = set_by.setdefault((what.system, what.resource, change.field), part)
            if before != part and not is_adding:
                yield Conflict(before, part, what.resource, change.field)

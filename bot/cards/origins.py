"""Whose words a plan's values are, where they are not the requester's own of this request, and
which of them are no more than a model's reading."""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards.model import Words
from bot.cards.phrases import say_slot
from bot.joint.names import worded
from store.model.plan import Slot

ORIGINS_MAX = 6  # lines beside the buttons; Details has all
VALUE_CHARACTERS_MAX = 80


def origins(slots: Iterable[Slot]) -> tuple[Words, ...]:
    """ "order 1043 is from Sam Field's message", "reason damaged is from the model's reading of
    ‘crushed’" """
    lines = [(_line(slot),) for slot in slots if slot.source]
    hidden = len(lines) - ORIGINS_MAX
    more = (
        [(f"and {hidden} more values that are not in the requester's own words, in Details",)]
        if hidden > 0
        else []
    )
    return (*lines[:ORIGINS_MAX], *more)


def _line(slot: Slot) -> str:
    """A value that was looked for and that there is none of says why: nothing is done there."""
    if slot.value is None:
        return f"no {worded(slot.name)}: {slot.source}"
    return f"{worded(slot.name)} {_value(slot)} is from {slot.source}"


def from_whom(slot: Slot) -> str:
    """ ", from Sam Field's message", empty for the requester's own words."""
    return f", from {slot.source}" if slot.source else ""


def _value(slot: Slot) -> str:
    text = say_slot(slot)
    return text if len(text) <= VALUE_CHARACTERS_MAX else f"{text[: VALUE_CHARACTERS_MAX - 1]}…"

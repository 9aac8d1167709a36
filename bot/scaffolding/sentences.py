"""How people say a new workflow: its verb, its sentences, and examples of both."""

from __future__ import annotations

from collections.abc import Iterator

from bot.scaffolding.slots import Filling, Slot


def verb(workflow: str) -> str:
    """What asks for it: its name as words."""
    return workflow.replace("-", " ").replace("_", " ")


def patterns(workflow: str, filling: Filling) -> tuple[str, ...]:
    """Whole sentences with a place for every slot that has no mark of its own."""
    placed = [s for s in filling.slots if not s.is_labelled]
    rest = "".join(f"[, {{{slot.name}}}]" for slot in placed[1:])
    if not placed:
        return (verb(workflow),)
    first = placed[0]
    begins = _begins(workflow, first) if first.is_record else (verb(workflow),)
    return tuple(f"{begin} {{{first.name}}}{rest}" for begin in begins)


def whole(workflow: str, filling: Filling) -> str:
    """A sentence that leaves nothing to ask; "" where a record is not known that it could name."""
    if not all(slot.said for slot in filling.slots):
        return ""
    return _said(workflow, filling.slots)


def lacking(workflow: str, filling: Filling) -> tuple[str, str]:
    """A sentence that lacks something, and the slot that is asked for; "" where there is none."""
    slots = filling.slots
    if not slots:
        return verb(workflow), ""
    if len(slots) > 1 and slots[0].said:
        return _said(workflow, slots[:1]), slots[1].name
    return _said(workflow, ()), slots[0].name


def forbidden(workflow: str, filling: Filling) -> str:
    """The opposite of a request."""
    first = filling.slots[:1]
    return f"do not {_said(workflow, first if all(slot.said for slot in first) else ())}"


def _said(workflow: str, slots: tuple[Slot, ...]) -> str:
    words = list(_parts(workflow, slots))
    return ", ".join(words)


def _parts(workflow: str, slots: tuple[Slot, ...]) -> Iterator[str]:
    begin = verb(workflow)
    for at, slot in enumerate(slots):
        said = f"{slot.declared['words'][0]}: {slot.said}" if slot.is_labelled else slot.said
        if at == 0 and slot.is_record:
            yield f"{_begins(workflow, slot)[0]} {said}"
        elif at == 0:
            yield f"{begin} {said}"
        else:
            yield said
    if not slots:
        yield begin


def _begins(workflow: str, slot: Slot) -> tuple[str, ...]:
    """The verb up to the record: "note on order", "note order"; the noun is not said twice."""
    begin, noun = verb(workflow), str(slot.declared["noun"])
    if begin.split()[-len(noun.split()) :] == noun.split():
        return (begin,)
    return f"{begin} on {noun}", f"{begin} {noun}", begin

"""Record slots that are found by a field of another one: the same person in the next system.

Nothing of the request itself is read for them. What is found exactly once is taken without a
question, and the card says by what it was found; all else is asked, and "none" leaves it out.
"""

from __future__ import annotations

import re

from bot.planner import vocabulary as v
from bot.planner.binding import Filled
from bot.planner.planner import Find
from bot.planner.records import CHOICES_MAX, SAID_CHARACTERS_MAX, key
from bot.planner.source import Source
from connectors.operation import Record
from policies.workflow import RecordSlot
from store.model.plan import Slot
from store.model.run import Question

THERE_IS_NONE = (v.NONE_OF_THESE, "There is none")
NONE = frozenset({v.NONE_OF_THESE, "none", "there is none", "-"})
SHOWN_CHARACTERS_MAX = 80  # of the words that a question repeats
# All of an answer: a login, "@login", an address or an id. A word more may turn it round.
_ONE_NAME = re.compile(r"@?[\w.+'-]+(@[\w-]+(\.[\w-]+)+)?")


def owner_of(slot: RecordSlot) -> str:
    """The slot whose field it is found by."""
    return slot.from_.strip("{}").partition(".")[0]


def answer_to(name: str, owner: str, sources: tuple[Source, ...]) -> str:
    """The last answer about the slot, "" for none: what was said of another owner counts no
    more."""
    last = {source.slot: index for index, source in enumerate(sources) if source.slot}
    index = last.get(name, -1)
    return sources[index].text.strip() if index > last.get(owner, -1) else ""


def fill(
    name: str, slot: RecordSlot, words: str, owner: Record | None, find: Find, answer: str
) -> Filled | Question:
    """The record, or what to ask. `words` is the owner's field. An answer is taken where all of it
    is one name, and the source says that it was the requester's: whoever approves sees that the
    owner's field did not lead there. Where there is none, the slot is kept without a value, and its
    source says why: whoever approves sees that nothing is done there."""
    if answer and " ".join(answer.casefold().split()).rstrip(".!") in NONE:
        return _absent(name, "as the requester said")
    if answer:
        return _answered(name, slot, words, owner, find, answer)
    if not words:
        said_nothing = (
            f"nothing to find it by in {owner.label}" if owner else "nothing to find it by"
        )
        return _absent(name, said_nothing) if slot.is_optional else _ask(name, slot, "")
    records = find(slot.finder, words)
    if not records and slot.is_optional:
        return _absent(name, f"nothing was found for {words[:SHOWN_CHARACTERS_MAX]}")
    return _found(name, slot, words, records, owner.label if owner else "")


def _answered(
    name: str, slot: RecordSlot, words: str, owner: Record | None, find: Find, answer: str
) -> Filled | Question:
    said = answer.strip().rstrip(".!,")
    if not _is_one_name(said):
        offered = find(slot.finder, words) if words else ()
        if said not in {key(record) for record in offered}:
            shown = " ".join(answer.split())[:SHOWN_CHARACTERS_MAX]
            why = f"I take one {slot.noun} and no words beside it, not “{shown}”."
            return _ask(name, slot, why)
    beside = f", not from {words or owner.label}" if owner else ""
    source = f"the requester's answer{beside}"
    return _found(name, slot, said, find(slot.finder, said), source)


def _found(
    name: str, slot: RecordSlot, said: str, records: tuple[Record, ...], source: str
) -> Filled | Question:
    shown = said[:SHOWN_CHARACTERS_MAX]
    if len(records) == 1 and not records[0].is_partly_named:
        value = Slot(
            name=name,
            value=records[0].id,
            said=said[:SAID_CHARACTERS_MAX],
            source=source[:SAID_CHARACTERS_MAX],
        )
        return Filled(value, records[0])
    options = tuple((key(record), record.label) for record in records[:CHOICES_MAX])
    if len(records) == 1:
        return _ask(name, slot, f"“{shown}” is a part of a name alone.", options)
    if records:
        return _ask(name, slot, f"Several match “{shown}”.", options)
    return _ask(name, slot, f"I find no {slot.noun} for “{shown}”.")


def _is_one_name(said: str) -> bool:
    is_plain = "@" in said or "-" in said or v.fold(said) not in v.NEGATORS
    return _ONE_NAME.fullmatch(said) is not None and is_plain


def _absent(name: str, why: str) -> Filled:
    return Filled(Slot(name=name, value=None, said="", source=why[:SAID_CHARACTERS_MAX]))


def _ask(
    name: str, slot: RecordSlot, why: str, options: tuple[tuple[str, str], ...] = ()
) -> Question:
    return Question(slot=name, text=f"{why} {slot.ask}".strip(), choices=(*options, THERE_IS_NONE))

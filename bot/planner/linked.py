"""Record slots that are found by a field of another one: the same person in the next system.

Nothing of the request itself is read for them. What is found exactly once is taken without a
question, and the card says by what it was found; all else is asked, and "none" leaves it out.
"""

from __future__ import annotations

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
NONE = frozenset({v.NONE_OF_THESE, "none", "no", "there is none", "nothing", "-"})
SHOWN_CHARACTERS_MAX = 80  # of the words that a question repeats


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
    """The record, or what to ask. `words` is the owner's field. Where there is none, the slot is
    kept without a value, and its source says why: whoever approves sees that nothing is done
    there."""
    said = answer or words
    if answer and " ".join(answer.casefold().split()).rstrip(".!") in NONE:
        return _absent(name, "as the requester said")
    if not said:
        said_nothing = (
            f"nothing to find it by in {owner.label}" if owner else "nothing to find it by"
        )
        return _absent(name, said_nothing) if slot.is_optional else _ask(name, slot, "")
    records = find(slot.finder, said)
    if len(records) == 1:
        source = "" if answer or owner is None else owner.label[:SAID_CHARACTERS_MAX]
        shown = said[:SAID_CHARACTERS_MAX]
        return Filled(Slot(name=name, value=records[0].id, said=shown, source=source), records[0])
    if records:
        options = tuple((key(record), record.label) for record in records[:CHOICES_MAX])
        return _ask(name, slot, f"Several match “{said[:SHOWN_CHARACTERS_MAX]}”.", options)
    if slot.is_optional and not answer:
        return _absent(name, f"nothing was found for {said[:SHOWN_CHARACTERS_MAX]}")
    return _ask(name, slot, f"I find no {slot.noun} for “{said[:SHOWN_CHARACTERS_MAX]}”.")


def _absent(name: str, why: str) -> Filled:
    return Filled(Slot(name=name, value=None, said="", source=why[:SAID_CHARACTERS_MAX]))


def _ask(
    name: str, slot: RecordSlot, why: str, options: tuple[tuple[str, str], ...] = ()
) -> Question:
    return Question(slot=name, text=f"{why} {slot.ask}".strip(), choices=(*options, THERE_IS_NONE))

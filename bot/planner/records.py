"""Record slots: which record is meant, found live by number or description, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.planner import vocabulary as v
from bot.planner.binding import Filled
from bot.planner.choices import places_of_choices
from bot.planner.described import (
    SHOWN_CHARACTERS_MAX,
    called,
    descriptions,
    exactly,
    groups,
    is_left_out_here,
    leaves_out,
    others_named,
    stranger,
)
from bot.planner.grammar import is_count, is_number_of, places
from bot.planner.phrases import phrases_of
from bot.planner.planner import Find
from bot.planner.source import Source, for_slot
from bot.planner.tokens import Token
from connectors.operation import Record
from policies.workflow import RecordSlot, Workflow
from store.model.plan import Slot
from store.model.run import Question

CHOICES_MAX = 5
NUMBERS_MAX = 5  # different numbers of one message that are looked up
SAID_CHARACTERS_MAX = 200
NONE = (v.NONE_OF_THESE, "None of these")
NOUN = 3  # the rank of a number that is called the record's: "order 1043", "#1043"


@dataclass(frozen=True)
class Mention:
    """A number that may be a record's. `rank`: 3 named as one, 2 behind "for", 1 bare."""

    number: str
    said: str
    place: int
    rank: int


def fill(
    name: str, slot: RecordSlot, sources: tuple[Source, ...], find: Find, is_bare_sure: bool
) -> Filled | Question:
    """The record, or what to ask. `is_bare_sure`: a bare number can be nothing but a record's."""
    told = for_slot(name, sources)
    if any(source.slot == name and _is_none(source) for source in told):
        return _ask(name, slot)
    is_confirmed = told[0].slot == name and _is_yes(told[0])
    if is_confirmed:
        told = (sources[0], *told[1:])
    if any(_is_hidden(source, name, slot) for source in told):
        return _ask(name, slot, "The number holds characters that cannot be seen. Type it again.")
    found = mentions(name, slot, told)
    if found:
        record = _numbered(name, slot, told, found, find, is_bare_sure or is_confirmed)
    elif slot.is_described:
        record = _described(name, slot, told, find, is_confirmed=is_confirmed)
    else:
        return _ask(name, slot)
    if not isinstance(record, Filled) or record.record is None or is_confirmed:
        return record
    is_beside = any(leaves_out(name, slot, source, find) for source in told)
    return ask(name, slot, record.record) if is_beside else record


def mentions(name: str, slot: RecordSlot, sources: tuple[Source, ...]) -> tuple[Mention, ...]:
    """The different numbers of the highest rank there is."""
    every = [m for source in sources for m in _mentions(name, slot, source)]
    top = max((m.rank for m in every), default=0)
    first: dict[str, Mention] = {}
    for mention in every:
        if mention.rank == top:
            first.setdefault(v.fold(mention.number), mention)
    return tuple(first.values())


def is_named(name: str, slot: RecordSlot, sources: tuple[Source, ...]) -> bool:
    """Whether a number or a name was said that can be no other slot's: it is asked for where there
    is none."""
    told = for_slot(name, sources)
    is_placed = slot.is_named and any(name in source.placed for source in told)
    return is_placed or (bool(slot.form) and bool(mentions(name, slot, told)))


def _mentions(name: str, slot: RecordSlot, source: Source) -> Iterator[Mention]:
    if slot.is_named and not slot.form:
        return  # a name may hold a number, and is looked for as a whole
    tokens, is_own = source.tokens, source.slot == name
    span = source.placed.get(name)
    masked = places_of_choices(source.workflow, source.words)
    listed = 0  # the rank of the number that a list began with: "orders 1043 and 1077"
    first = ""  # how that number begins: "ch_1043 and ch_1077", not "1043 and A4 paper"
    for index, token in enumerate(tokens):
        if token.kind not in {"integer", "reference", "code"} or token.is_negative:
            listed = listed if token.fold in v.LISTING else 0
            continue
        if not (
            is_number_of(source.workflow, slot, token)
            or (slot.form and _is_called(slot, tokens, index))
        ) or _is_anothers(source.workflow, slot, tokens, index):
            listed = 0
            continue
        if is_left_out_here(source, index):
            continue
        is_counting = is_count(source.workflow, tokens, index, masked)
        rank = rank_of(slot, tokens, index, is_counting=is_counting)
        is_like = token.kind == "code" and bool(first) and _letters(token.text) == first
        if (token.kind == "integer" and not is_counting) or slot.form or is_like:
            rank = max(rank, listed)
        if span is not None and span.start == index:
            rank = max(rank, 2)
        if slot.form and token.kind == "code":
            rank = NOUN  # what looks so can be nothing else
        is_there = _is_called(slot, tokens, index) or (span is not None and span.start == index)
        if slot.form and slot.is_optional and token.kind != "code" and not is_there:
            rank = 0  # what may be left out is named, or stands in its place
        if _is_amount_place(name, source, index):
            rank = 0
        if token.kind == "code" and rank < 3 and not (is_own or token.text[0].isalpha()):
            rank = 0
        listed, first = (rank, _letters(token.text)) if rank > 1 else (0, "")
        is_heard = rank >= (1 if is_own or not source.slot else 3)
        if rank and is_heard:
            yield Mention(token.digits or token.text, token.text, index, 3 if is_own else rank)


def _letters(number: str) -> str:
    """What stands before a number's first digit."""
    return number[: next((at for at, c in enumerate(number) if c.isdigit()), len(number))]


def rank_of(
    slot: RecordSlot, tokens: tuple[Token, ...], index: int, *, is_counting: bool = False
) -> int:
    """How surely a number is a record's by the words before it; see Mention. 0: it is none."""
    if tokens[index].kind == "reference":
        return NOUN
    before = _before(tokens, index)
    is_signed = before < index - 1 and tokens[index - 1].fold in {"#", "№"}
    if _is_called(slot, tokens, index) or is_signed:
        return NOUN
    if is_counting:
        return 0
    return 2 if before >= 0 and tokens[before].fold in v.BEFORE_RECORD else 1


def _is_called(slot: RecordSlot, tokens: tuple[Token, ...], index: int) -> bool:
    """Whether what people call the record stands before a number: "payment 88"."""
    nouns = {w[-1] for w in phrases_of((slot.noun, *slot.words))}
    nouns |= {f"{noun}s" for noun in nouns}
    before = _before(tokens, index)
    return before >= 0 and tokens[before].fold in nouns


def _is_anothers(
    workflow: Workflow, slot: RecordSlot, tokens: tuple[Token, ...], index: int
) -> bool:
    """Whether a number is called by what another record is called, whose numbers have a form."""
    others = (s for s in workflow.slots.values() if isinstance(s, RecordSlot) and s.form)
    return not _is_called(slot, tokens, index) and any(
        other is not slot and _is_called(other, tokens, index) for other in others
    )


def _before(tokens: tuple[Token, ...], index: int) -> int:
    """The place of the word before a number, its "no." and "#" apart."""
    before = index - 1
    while before >= 0 and tokens[before].fold in v.NUMBER_CUES | {".", ":"}:
        before -= 1
    return before


def _is_amount_place(name: str, source: Source, index: int) -> bool:
    """Whether a sentence or the word before makes the number an amount."""
    others = [span for slot, span in source.placed.items() if slot != name]
    if any(span.start <= index < span.end for span in others):
        return True
    before = [t.fold for t in source.tokens[max(0, index - 2) : index] if t.text not in {":", "="}]
    return bool(before) and before[-1] in v.AMOUNT_CUES


def _numbered(
    name: str,
    slot: RecordSlot,
    sources: tuple[Source, ...],
    found: tuple[Mention, ...],
    find: Find,
    is_bare_sure: bool,
) -> Filled | Question:
    records: list[tuple[Mention, Record]] = []
    for mention in found[:NUMBERS_MAX]:
        records += [
            (mention, record)
            for record in _exactly(mention.number, find(slot.finder, mention.number))
        ]
    different = {record.id: (mention, record) for mention, record in records}
    if not different:
        shown = _listed([f"{slot.noun} {m.number[:40]}" for m in found[:NUMBERS_MAX]])
        return _ask(name, slot, f"I find no {shown}.")
    options = tuple((key(record), record.label) for _, record in different.values())[:CHOICES_MAX]
    if (len(found) > 1 and found[0].rank > 1) or len(different) > 1:
        return _ask(name, slot, f"One {slot.noun} at a time, please.", options)
    mention, record = next(iter(different.values()))
    if len(found) > 1 or (mention.rank == 1 and not is_bare_sure):
        return _ask(name, slot, f"Do you mean {slot.noun} {mention.number}?", options)
    if other := stranger(name, slot, sources, record, find):
        text = f"{slot.noun.capitalize()} {key(record)} is not among those of “{other}”."
        return _ask(name, slot, text, options)
    if others := others_named(name, slot, sources, record, find):
        return _which(name, slot, others, record)
    return Filled(Slot(name=name, value=record.id, said=mention.said[:SAID_CHARACTERS_MAX]), record)


def _which(
    name: str, slot: RecordSlot, others: tuple[str, tuple[Record, ...]], record: Record
) -> Question:
    """Which of two records that were named beside each other is meant."""
    words, found = others
    why = f"“{words}” is not {record.label}."
    return _ask(name, slot, why, _options((record, *found)))


def _exactly(number: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The record of that very number where there is one, else all that the finder meant."""
    own = tuple(r for r in records if v.fold(number) in {v.fold(r.id), v.fold(key(r))})
    return own or records


def _described(
    name: str, slot: RecordSlot, sources: tuple[Source, ...], find: Find, *, is_confirmed: bool
) -> Filled | Question:
    tried = ""
    for source in sources:
        if source.slot not in {"", name}:
            continue
        if slot.is_named and not source.slot and _is_one_of_several(name, source):
            return _ask(name, slot, f"One {slot.noun} at a time, please.")
        for words in descriptions(name, slot, source):
            tried = tried or words
            records = find(slot.finder, words)
            if len(records) == 1 and words == tried:
                return _only(name, slot, source, words, records[0], find, is_confirmed=is_confirmed)
            if records:
                why = f"Several match “{words[:SHOWN_CHARACTERS_MAX]}”."
                if words != tried:
                    why = f"{_nothing_for(tried)}, but for “{words[:SHOWN_CHARACTERS_MAX]}” I do."
                return _ask(name, slot, why, _options(records))
    return _ask(name, slot, f"{_nothing_for(tried)}." if tried else "")


def _only(
    name: str,
    slot: RecordSlot,
    source: Source,
    words: str,
    record: Record,
    find: Find,
    *,
    is_confirmed: bool,
) -> Filled | Question:
    """The one record that words find, if nothing beside them says another."""
    if record.is_partly_named and not is_confirmed:
        return _ask(name, slot, f"Do you mean {record.label}?", _options((record,)))
    if others := _beside(name, slot, source, record, find):
        return _ask(name, slot, f"One {slot.noun} at a time, please.", _options((record, *others)))
    if slot.is_named and (named := others_named(name, slot, (source,), record, find)):
        return _which(name, slot, named, record)
    return Filled(Slot(name=name, value=record.id, said=words[:SAID_CHARACTERS_MAX]), record)


def _nothing_for(words: str) -> str:
    return f"I find nothing for “{words[:SHOWN_CHARACTERS_MAX]}”"


def _beside(
    name: str, slot: RecordSlot, source: Source, record: Record, find: Find
) -> tuple[Record, ...]:
    """Other records that parts of a description name by their numbers: "checkout and worker"."""
    if slot.is_named:
        return ()
    parts = [*groups(slot, source, is_own=source.slot == name), *called(slot, source)]
    looked_for = list(dict.fromkeys(parts)) if len(parts) > 1 else []
    found = [r for part in looked_for for r in exactly(part, find(slot.finder, part))]
    return tuple({r.id: r for r in found if r.id != record.id}.values())


def _is_one_of_several(name: str, source: Source) -> bool:
    """Whether another sentence names somebody else in the same place."""
    taken = source.placed.get(name)
    others = places(source.workflow, name, source.tokens) if taken else ()
    words = {
        v.fold(source.said(span.start, span.end))
        for span in others
        if taken and (span == taken or span.end <= taken.start or span.start >= taken.end)
    }
    return len(words) > 1


def _options(records: tuple[Record, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((key(record), record.label) for record in records[:CHOICES_MAX])


def key(record: Record) -> str:
    """What people call a record by."""
    number = record.fields.get("number")
    return number if isinstance(number, str) and number else record.id


def _is_none(source: Source) -> bool:
    return " ".join(source.words.folds) in {
        v.NONE_OF_THESE,
        "none",
        "neither",
        "no",
        "neither of these",
    }


def _is_yes(source: Source) -> bool:
    return tuple(f for f in source.words.folds if f not in {".", "!", ","}) in v.YES


def _is_hidden(source: Source, name: str, slot: RecordSlot) -> bool:
    if source.slot not in {"", name}:
        return False
    span = source.placed.get(name) if slot.is_named else None
    tokens = source.tokens[span.start : span.end] if span else source.tokens
    hidden = [t for t in tokens if t.kind == "hidden"]
    if slot.is_named and hidden:
        return bool(span) or source.slot == name
    return any(any(c.isdigit() for c in t.text) or source.slot == name for t in hidden)


def ask(name: str, slot: RecordSlot, record: Record) -> Question:
    """Whether this very record is meant."""
    text = f"Do you mean {slot.noun} {key(record)}?"
    return _ask(name, slot, text, ((key(record), record.label),))


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _ask(
    name: str, slot: RecordSlot, why: str = "", options: tuple[tuple[str, str], ...] = ()
) -> Question:
    text = why if why.endswith("?") else f"{why} {slot.ask}".strip()
    return Question(slot=name, text=text, choices=(*options, NONE) if options else ())

"""Text and choice slots: labelled lines ("zip: 62704"), places in a sentence, answers."""

from __future__ import annotations

import re

from bot.planner import passing_on
from bot.planner.binding import Filled
from bot.planner.choices import (
    SAID_CHARACTERS_MAX,
    Chosen,
    alternatives,
    choices,
    chosen,
    label,
    negated,
    offered,
)
from bot.planner.intent import hits_of
from bot.planner.left_out import OR
from bot.planner.normalise import HIDDEN, shown
from bot.planner.phrases import Words, phrases_of
from bot.planner.source import Source, for_slot
from bot.planner.tokens import Token
from policies import workflow as declared
from policies.workflow import ChoiceSlot, DaySlot, TextSlot, Workflow
from store.model.plan import Slot
from store.model.run import Question

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)  # more of anything is no count
_FROM = frozenset({"from", "von", "de"})
LABEL_WORDS_MAX = 4  # of one label before its colon


def fill_text(name: str, slot: TextSlot, sources: tuple[Source, ...]) -> Filled | Question | None:
    """The text as it was written, in one line; None when nothing was said."""
    said = [text for source in for_slot(name, sources) if (text := _text(name, source))]
    different = tuple(dict.fromkeys(said))
    if not different:
        return None
    told = for_slot(name, sources)
    is_torn = slot.digits == "whole" and any(_has_two_numbers(name, source) for source in told)
    if len(different) > 1 or is_torn:
        return Question(slot=name, text=f"You wrote more than one. {slot.ask}")
    value = " ".join(different[0].split())
    if problem := _problem(slot, value):
        return Question(slot=name, text=f"{problem} {slot.ask}")
    return Filled(Slot(name=name, value=value, said=value))


def _has_two_numbers(name: str, source: Source) -> bool:
    """Whether more than one number stands outside of other slots' places; one that something is
    changed from does not count."""
    others = [span for slot, span in source.placed.items() if slot != name]
    taken = {index for span in others for index in range(span.start, span.end)}
    numbers = [
        token
        for index, token in enumerate(source.tokens)
        if token.kind in {"integer", "decimal"}
        and index not in taken
        and not (index and source.tokens[index - 1].fold in _FROM)
    ]
    return len(numbers) > 1


def fill_choice(
    name: str, slot: ChoiceSlot, sources: tuple[Source, ...]
) -> Filled | Question | None:
    """The one value that was said; None when none was. What was said to be not it, or to be it or
    something else, is asked about."""
    found: dict[str, str] = {}
    told = for_slot(name, sources)
    for source in told:
        for choice, said in _choices(name, slot, source):
            found.setdefault(choice.value, said)
    if not found:
        is_negated = any(_is_negated(name, slot, source) for source in told)
        return ask(name, slot) if is_negated else None
    others = [value for source in told for value in _alternatives(name, slot, source)]
    values = tuple(dict.fromkeys((*found, *others)))
    if len(values) > 1:
        options = tuple((value, label(value)) for value in values)
        return Question(slot=name, text=f"You named more than one. {slot.ask}", choices=options)
    if others:
        return ask(name, slot)
    value, said = next(iter(found.items()))
    return Filled(Slot(name=name, value=value, said=said[:SAID_CHARACTERS_MAX]))


def ask(name: str, slot: TextSlot | ChoiceSlot) -> Question:
    """What to ask when nothing was said."""
    options = choices(slot) if isinstance(slot, ChoiceSlot) else ()
    return Question(slot=name, text=slot.ask, choices=options)


def torn(name: str, slot: TextSlot, whole: str, words: str) -> Question:
    """Whether a number beside the words belongs to them."""
    values = [" ".join(text.split()) for text in (whole, words)]
    fitting = [value for value in values if not _problem(slot, value)]
    text = f"I am not sure whether the number in “{values[0][:SAID_CHARACTERS_MAX]}” belongs to it."
    options = tuple((value, value) for value in fitting)
    return Question(slot=name, text=f"{text} {slot.ask}", choices=options)


def _text(name: str, source: Source) -> str:
    labelled = labels(source.workflow, source)
    if name in labelled:
        return labelled[name]
    slot = source.workflow.slots[name]
    is_rest = _is_rest(slot)
    if span := source.placed.get(name):
        said = passing_on.rest if is_rest else Source.said
        return said(source, span.start, span.end)
    if source.slot == name and not labelled:
        is_cut = is_rest and (source.links or not source.text)
        return passing_on.unquoted(source.whole) if is_cut else shown(source.text)
    return passing_on.alone(source) if is_rest else ""


def _problem(slot: TextSlot, value: str) -> str:
    if HIDDEN in value:
        return "It holds characters that cannot be seen. Type it again."
    if len(value) > slot.characters_max:
        return f"At most {slot.characters_max} characters."
    has_digits = any(c.isdigit() for c in value)
    if slot.digits == "whole" and not _WHOLE.fullmatch(value):
        return "It is a whole number, in digits."
    if slot.digits == "some" and not has_digits:
        return "It has a digit in it."
    if slot.digits == "none" and has_digits:
        return "It has no digits in it."
    return "" if any(c.isalnum() for c in value) else "It needs a letter or a digit."


def _choices(name: str, slot: ChoiceSlot, source: Source) -> list[tuple[Chosen, str]]:
    """Values with the person's words for them. A form's field is read from its place alone."""
    labelled = labels(source.workflow, source)
    if name in labelled:
        part = Source(source.workflow, labelled[name], labelled[name], name)
        return [(c, labelled[name]) for c in chosen(slot, part.tokens)]
    if span := source.placed.get(name):
        return [
            (c, source.said(span.start, span.end))
            for c in chosen(slot, source.tokens[span.start : span.end])
        ]
    if slot.words and source.slot != name:
        return []
    tokens = source.quoted_tokens
    if source.slot == name and len(tokens) == 1:
        exact = [v for v in slot.of if v.casefold() == tokens[0].fold]
        if exact:
            return [(Chosen(exact[0], (0,)), source.text)]
    return [(c, _clause(source.quoted, tokens, c)) for c in chosen(slot, tokens, Words(tokens))]


def _is_negated(name: str, slot: ChoiceSlot, source: Source) -> bool:
    """Whether a value is said not to be it: anywhere, or beside the word for a choice that has
    one."""
    called = {word for words in phrases_of(slot.words) for word in words}
    for said in _outside(name, source, negated(slot, source.tokens)):
        near = source.words.folds[max(0, said.places[0] - 3) : said.places[-1] + 2]
        if not slot.words or source.slot == name or called & set(near):
            return True
    return False


def _outside(name: str, source: Source, said: tuple[Chosen, ...]) -> list[Chosen]:
    """Those that stand in no other slot's place, or begin it behind an "or": that is no text."""
    others = [span for other, span in source.placed.items() if other != name]
    folds = source.words.folds
    return [
        choice
        for choice in said
        if not any(
            span.start <= choice.places[0] < span.end
            and not (folds[span.start] in OR and choice.places[0] == span.start + 1)
            for span in others
        )
    ]


def _alternatives(name: str, slot: ChoiceSlot, source: Source) -> tuple[str, ...]:
    """What a value was said together with: "to payments or platform"."""
    if name in labels(source.workflow, source):
        return ()
    span = source.placed.get(name)
    if span is None and slot.words and source.slot != name:
        return ()
    tokens = source.tokens if span else source.quoted_tokens
    said = chosen(slot, tokens[span.start : span.end] if span else tokens)
    start = span.start if span else 0
    there = (Chosen(c.value, tuple(place + start for place in c.places)) for c in said)
    found = [value for c in there for value in alternatives(slot, tokens, c)]
    if said and span:
        asked_for = {places[0] for places in hits_of(source.workflow, source.words)}
        found += [
            choice.value
            for choice in _outside(name, source, offered(slot, tokens))
            if not slot.words or choice.places[0] in asked_for
        ]
    return tuple(found)


def _clause(text: str, tokens: tuple[Token, ...], choice: Chosen) -> str:
    """The clause in which a choice was said ("arrived damaged"), or its words alone."""
    ends = {",", ";", ".", "!", "?", "\n", ":", "(", ")", "-", "—"}
    start, end = choice.places[0], choice.places[-1]
    while start > 0 and tokens[start - 1].text not in ends:
        start -= 1
    while end + 1 < len(tokens) and tokens[end + 1].text not in ends:
        end += 1
    if any(c.isdigit() for token in tokens[start : end + 1] for c in token.text):
        start, end = choice.places[0], choice.places[-1]
    return shown(text[tokens[start].start : tokens[end].end])


def labels(workflow: Workflow, source: Source) -> dict[str, str]:
    """The labelled values of a form, by slot; the last of a slot counts."""
    tokens, found = source.tokens, dict[str, str]()
    colons = [i for i, token in enumerate(tokens) if token.text in {":", "="}]
    named = _names(workflow) if colons else {}
    starts = [(*at, i + 1) for i in colons if (at := _label(named, tokens, i))]
    for (_, name, begin), following in zip(starts, [*starts[1:], None], strict=False):
        limit = following[0] if following else len(tokens)
        end = begin
        while end < limit and tokens[end].kind != "break":
            end += 1
        while end > begin and tokens[end - 1].text in {",", ";", "."}:
            end -= 1
        if end > begin:
            said = passing_on.line if _is_rest(workflow.slots[name]) else Source.said
            found[name] = said(source, begin, end)
    return found


def _is_rest(slot: declared.Slot) -> bool:
    return isinstance(slot, TextSlot) and slot.is_rest


def _label(
    named: dict[tuple[str, ...], str], tokens: tuple[Token, ...], colon: int
) -> tuple[int, str] | None:
    """Where the label before a colon begins, and whose it is; None when none stands there."""
    for length in range(min(LABEL_WORDS_MAX, colon), 0, -1):
        start = colon - length
        name = named.get(tuple(token.fold for token in tokens[start:colon]))
        if name and (not start or tokens[start - 1].text in {"\n", ",", ";", ":", "-", "."}):
            return start, name
    return None


def _names(workflow: Workflow) -> dict[tuple[str, ...], str]:
    return {
        words: name
        for name, slot in workflow.slots.items()
        if isinstance(slot, TextSlot | ChoiceSlot | DaySlot)
        for words in phrases_of((*slot.words, name))
    }

"""A time that lies ahead, said where a task is done as soon as it is approved: refused in the
words that said it, so that nothing is done sooner than it was meant.

What stands in a comment, a value or a name was taken for that and is no time. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date

from bot.planner.binding import Filled
from bot.planner.choices import places_of_choices
from bot.planner.normalise import hear, spaced
from bot.planner.planner import Ask, Planned, Refuse
from bot.planner.source import Source
from bot.planner.things import foreign
from bot.planner.times import Time, ahead
from bot.planner.vocabulary import POLITE
from policies.workflow import DaySlot, TextSlot, Workflow

_BUT = frozenset({"but", "only", "and", "then"})
QUOTED_CHARACTERS_MAX = 80  # of the words that a refusal repeats


def heeded(
    planned: Planned,
    workflow: Workflow,
    sources: tuple[Source, ...],
    filled: Mapping[str, Filled],
    today: date,
) -> Planned:
    """What was planned, or why nothing is: a time was said that the workflow takes nowhere."""
    texts = [n for n, s in workflow.slots.items() if isinstance(s, TextSlot)]
    if isinstance(planned, Refuse) or any(isinstance(s, DaySlot) for s in workflow.slots.values()):
        return planned
    if isinstance(planned, Ask) and not filled.keys() >= set(texts):
        return planned  # what was said may yet be a part of a text
    if isinstance(planned, Ask) and foreign(workflow, (workflow,), sources[0]):
        return planned  # "cancel my vacation request for next week": none of this workflow's
    offered = [label for _, label in planned.question.choices] if isinstance(planned, Ask) else []
    heard = sources[:1] if isinstance(planned, Ask) else _last_of_each(sources)
    for source in heard:
        if source.slot in texts:
            continue
        for time in times_of(source, filled, today):
            words = source.said(time.start, time.end)
            if not any(words.casefold() in label.casefold() for label in offered):
                return _refused(words)
    return planned


def _last_of_each(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """The request and what was answered last about each slot: "not today" before it is no more."""
    return tuple({source.slot: source for source in sources}.values())


def times_of(
    source: Source, filled: Mapping[str, Filled], today: date, *, is_lasting: bool = False
) -> tuple[Time, ...]:
    """The times ahead that no slot took for something else."""
    said = ahead(source.tokens, today, is_lasting=is_lasting)
    if not said:
        return ()
    masked = set(places_of_choices(source.workflow, source.words))
    for name, found in filled.items():
        slot = source.workflow.slots.get(name)
        if not isinstance(slot, DaySlot):
            taken = _places(source, _words_of(found))
            is_text = isinstance(slot, TextSlot)
            masked |= set() if is_text and _is_time_alone(source, taken, said) else taken
    return tuple(time for time in said if not set(range(time.start, time.end)) <= masked)


def _words_of(found: Filled) -> tuple[str, ...]:
    """As they stand in what was heard: without links and quotations."""
    said = (spaced(hear(words).text) for words in (str(found.slot.value), found.slot.said))
    return tuple(words for words in said if words)


def _places(source: Source, spoken: Collection[str]) -> set[int]:
    """Where words of a slot stand last: what is asked for stands in front of a comment."""
    for words in spoken:
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        found = list(re.finditer(pattern, spaced(source.text)))
        if found:
            start, end = found[-1].span()
            return {i for i, t in enumerate(source.tokens) if start <= t.start and t.end <= end}
    return set()


def _is_time_alone(source: Source, taken: set[int], said: tuple[Time, ...]) -> bool:
    """Whether what a comma parts from a task is nothing but a time: "close PAY-12, tomorrow"."""
    if not taken or source.tokens[min(taken) - 1].text != "," or min(taken) == 0:
        return False
    times = {place for time in said for place in range(time.start, time.end)}
    rest = (source.tokens[place] for place in taken - times)
    return all(token.kind in {"mark", "break"} or token.fold in POLITE | _BUT for token in rest)


def _refused(words: str) -> Refuse:
    quoted = " ".join(words.split())[:QUOTED_CHARACTERS_MAX]
    return Refuse(
        f"You wrote “{quoted}”, and I cannot wait: this is done as soon as it is approved. "
        "Ask again when it is time, or without those words to have it done now. Nothing was done.",
        "not understood",
        is_certain=True,
    )

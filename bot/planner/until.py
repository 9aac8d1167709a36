"""Day slots: until when, from the words for it anywhere in what was said, a label or an answer.

An end that was said is never left out in silence: what cannot be read, or may mean two days, is
asked about, even where the slot is optional. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.planner import day_words
from bot.planner.binding import Filled
from bot.planner.calendar import NOTHING, Meant
from bot.planner.choices import SAID_CHARACTERS_MAX
from bot.planner.days import phrases
from bot.planner.forms import labels
from bot.planner.later import times_of
from bot.planner.source import Source, for_slot
from bot.planner.tokens import Token, tokenize
from bot.planner.vocabulary import POLITE
from policies.workflow import DaySlot
from store.model.plan import Slot
from store.model.run import Question

OPTIONS_MAX = 5
QUOTED_CHARACTERS_MAX = 80  # of the words that a question repeats
DAY_CHARACTERS = 10  # of "2026-11-30"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One day as it was said; `meant` holds nothing where the words cannot be read."""

    words: str
    meant: Meant
    is_cued: bool

    @property
    def is_read(self) -> bool:
        return bool(self.meant.days) or self.meant.past is not None


def fill(
    name: str,
    slot: DaySlot,
    sources: tuple[Source, ...],
    today: date,
    filled: Mapping[str, Filled] | None = None,
) -> Filled | Question | None:
    """The day, what to ask, or None where none was said. `today` is when it was said, there.
    `filled` are the slots that are known already: a time that is part of one of them is none."""
    told = for_slot(name, sources)
    found = [said for source in told for said in _said(name, source, today)]
    if told and told[0].slot == name and not _said(name, told[0], today):
        is_open = slot.is_optional and _is_without_end(told[0].tokens)
        return None if is_open else _unread(name, slot, told[0].text)
    if unread := _unread_label(name, told, today):
        return _unread(name, slot, unread)
    is_cued = any(said.is_cued for said in found)
    read = [said for said in found if said.is_cued or not is_cued]
    if unread := next((said.words for said in read if not said.is_read), ""):
        return _unread(name, slot, unread)
    if left := _left(told, found, today, filled or {}):
        days = tuple(dict.fromkeys(day for said in read for day in said.meant.days))
        return _unread(name, slot, left, days)
    return _one_of(name, slot, read) if read else None


def _unread_label(name: str, told: tuple[Source, ...], today: date) -> str:
    """What a form's line for it holds, where that is no day and not that nothing ends."""
    for source in told:
        text = labels(source.workflow, source).get(name, "")
        is_read = not text.strip() or bool(_said(name, source, today))
        if not is_read and not _is_without_end(tokenize(text)):
            return text
    return ""


def _left(
    told: tuple[Source, ...], found: list[Said], today: date, filled: Mapping[str, Filled]
) -> str:
    """The words of a time that none of the days holds; empty where all was read."""
    read = [said.words.casefold() for said in found]
    for source in told:
        for time in times_of(source, filled, today, is_lasting=True):
            words = source.said(time.start, time.end)
            inner = source.said(time.end - 1, time.end).casefold()
            if not any(inner in said for said in read):
                return words
    return ""


def _one_of(name: str, slot: DaySlot, read: list[Said]) -> Filled | Question:
    days = tuple(dict.fromkeys(day for said in read for day in said.meant.days))
    if past := next((said.meant.past for said in read if said.meant.past), None):
        return ask(name, slot, days, f"{shown(past)} is over.")
    if len(days) == 1 and all(said.is_cued and said.meant.is_sure for said in read):
        words = read[-1].words[:SAID_CHARACTERS_MAX]
        return Filled(Slot(name=name, value=days[0].isoformat(), said=words))
    is_one = len({said.meant.days for said in read}) == 1
    why = "I want to be sure of the day." if is_one else "You named more than one day."
    return ask(name, slot, days, why)


def day_of(value: str) -> date | None:
    """The day that a slot's value is."""
    try:
        return date.fromisoformat(value.strip()) if len(value.strip()) == DAY_CHARACTERS else None
    except ValueError:
        return None


def ask(name: str, slot: DaySlot, days: tuple[date, ...] = (), why: str = "") -> Question:
    """What to ask, with the days that may be meant to press."""
    options = tuple((day.isoformat(), shown(day)) for day in days[:OPTIONS_MAX])
    return Question(slot=name, text=f"{why} {slot.ask}".strip(), choices=options)


def shown(day: date) -> str:
    """A day for people, "Mon 30 Nov 2026"; the planner reads the same from it again."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _said(name: str, source: Source, today: date) -> tuple[Said, ...]:
    label = labels(source.workflow, source).get(name)
    text = source.text if label is None else label
    tokens = source.tokens if label is None else tokenize(label)
    is_own = source.slot == name or label is not None
    return tuple(
        Said(
            words=" ".join(text[tokens[p.start].start : tokens[p.end - 1].end].split()),
            meant=NOTHING if p.when is None else p.when.meant(today),
            is_cued=p.is_cued,
        )
        for p in phrases(tokens, is_own=is_own)
    )


def _unread(name: str, slot: DaySlot, words: str, days: tuple[date, ...] = ()) -> Question:
    quoted = " ".join(words.split())[:QUOTED_CHARACTERS_MAX]
    return ask(name, slot, days, why=f"I cannot read a day from “{quoted}”.")


def _is_without_end(tokens: tuple[Token, ...]) -> bool:
    """Whether a whole answer says that there is no end."""
    said = [t.fold for t in tokens if t.kind not in {"mark", "break"}]
    return " ".join(word for word in said if word not in POLITE) in day_words.NO_END

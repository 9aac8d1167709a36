"""Cards as Adaptive Cards 1.5 for Teams: readable on a phone, within the bytes it takes. Pure.

The card is rendered at the most generous level at which it fits the message's budget. It says what
block_kit says, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.cards import adaptive_buttons
from bot.cards.adaptive_elements import (
    PLAIN,
    Element,
    Look,
    box,
    envelope,
    fitting,
    line,
    plain,
    rich,
    run,
)
from bot.cards.adaptive_text import inert, unmarked
from bot.cards.levels import FULL, LEVELS, Level
from bot.cards.model import Card, ChangeLine, CheckLine, Group, Need, Strong, Tone, Words

FALLBACK_UNITS_MAX = 300  # ours; a notification shows about this much
BESIDE_CHARACTERS_MAX = 24  # ours; a longer change would break the line of its record
SAID_UNITS_MAX = 1_000  # ours; one line of what is told to one person
SAID_LINES_MAX = 20  # ours
ONLY_YOU = "Only you see this line."
_SMALL = Look(is_subtle=True, is_small=True)
_SECTION = Look(spacing="medium", has_separator=True)
_INDENT = "\u2003"  # a plain blank at the start of a line is dropped
_COLORS = {
    Tone.WAITING: "warning",
    Tone.BUSY: "accent",
    Tone.GOOD: "good",
    Tone.BAD: "attention",
    Tone.QUIET: "default",
}


@dataclass(frozen=True)
class Rendered:
    """What a message is made of: the card, and the text for notifications."""

    card: Element
    text: str


def render(
    card: Card, *, is_full: bool = False, said: str = "", channels: Mapping[str, str] | None = None
) -> Rendered:
    """The card and its text for notifications, within CARD_BYTES_MAX.

    `is_full` starts where long texts are whole, for a dialog that shows one page of a run. `said`
    is for one person alone and stands first. `channels` names conversations by id.
    """
    text = unmarked(card.fallback, FALLBACK_UNITS_MAX)
    refresh = adaptive_buttons.refresh(card.buttons)
    levels = (FULL, *LEVELS) if is_full else LEVELS
    look = Look(is_exact=is_full, channels=channels)
    bodies = (telling(said, _Drawn(card, level, look).body()) for level in levels)
    return Rendered(fitting(envelope(body, text, refresh) for body in bodies), text)


def telling(said: str, body: list[Element]) -> list[Element]:
    """The body, with what one person is told in a box of its own above everything else."""
    lines = [part for part in said.split("\n") if part.strip()][:SAID_LINES_MAX]
    if not lines:
        return body
    items = [line((Strong(part),), SAID_UNITS_MAX) for part in lines]
    told = box([*items, line((ONLY_YOU,), SAID_UNITS_MAX, _SMALL)], style="accent")
    return [told, *({**first, "spacing": "medium"} for first in body[:1]), *body[1:]]


class _Drawn:
    """One card at one level."""

    def __init__(self, card: Card, level: Level, look: Look) -> None:
        self.card, self.level, self.look = card, level, look

    def body(self) -> list[Element]:
        """What stands in the way is a line of its own; what is in order is small print."""
        card = self.card
        return [
            *self._head(),
            *([self._line(card.notice)] if card.notice else []),
            *self._groups(),
            *self._reasons(),
            *(self._need(need) for need in card.needs),
            *(self._line(fact) for fact in card.facts),
            *(self._line(words, _SMALL) for words in card.footer),
            *adaptive_buttons.action_sets(card.buttons),
        ]

    def _line(self, words: Words, look: Look = PLAIN, units_max: int = 0) -> Element:
        mine = replace(look, is_exact=self.look.is_exact, channels=self.look.channels)
        return line(words, units_max or self.level.sentence, mine)

    def _head(self) -> list[Element]:
        card, level = self.card, self.level
        found = []
        if card.title:
            found.append(rich([run(card.title, level.title, weight="bolder", size="medium")]))
        status = []
        if card.badge.text:
            color = _COLORS[card.badge.tone]
            status = [run(card.badge.text, level.label, weight="bolder", color=color)]
        if card.asked:
            asked = self._line(card.asked, units_max=level.label)
            between = [plain("  ·  ")] if status else []
            status += [*between, *asked["inlines"]]
        if status:
            found.append(rich(status))
        if card.quote:
            found.append(box([rich([run(card.quote, level.quote)])]))
        return found

    def _groups(self) -> list[Element]:
        card, level = self.card, self.level
        if not card.groups:
            return []
        head = [run(card.groups_title, level.label, weight="bolder")]
        if card.groups_about:
            head += [plain("   "), run(card.groups_about, level.label, isSubtle=True)]
        return [rich(head, _SECTION), *(row for group in card.groups for row in self._group(group))]

    def _group(self, group: Group) -> list[Element]:
        """A step's record and its changed fields; a single short one stands beside the record."""
        level = self.level
        head = [
            plain(f"{group.number}  "),
            run(group.system, level.label, weight="bolder"),
            plain("  "),
            run(group.resource, level.value),
        ]
        if group.state:
            head += [plain("  ·  "), run(group.state, level.value)]
        changes = [self._change(change) for change in group.lines]
        shown = sum(len(f"{each.before}{each.after}{each.note}") for each in group.lines)
        if len(changes) == 1 and shown <= BESIDE_CHARACTERS_MAX and not group.state:
            return [rich([*head, plain("  ·  "), *changes[0]])]
        return [
            rich(head),
            *(rich([plain(_INDENT), *change], Look(spacing="none")) for change in changes),
        ]

    def _change(self, change: ChangeLine) -> list[Element]:
        level = self.level
        gone, holds = change.before, change.after
        if change.is_void:
            gone, holds = holds, gone
        struck = {"strikethrough": True} if not gone.startswith("(") else {}
        values = [run(gone, level.value, **struck), run(holds, level.value, weight="bolder")]
        before, after = reversed(values) if change.is_void else values
        found = [
            run(change.field, level.label, isSubtle=True),
            plain("   "),
            before,
            plain(" → "),
            after,
        ]
        if change.note:
            found.append(plain(f"  ({inert(change.note, level.value)})"))
        return found

    def _reasons(self) -> list[Element]:
        """The rules with what stands in the way, or in small print that all is in order."""
        card, level = self.card, self.level
        contrary = [check for check in card.checks if check.is_met is not True]
        aside = [self._line((card.more,), _SMALL)] if card.more else []
        aside += [self._line(note, _SMALL) for note in card.notes]
        if contrary:
            head = [self._line(card.authority, _SECTION)] if card.authority else []
            return [*head, *(rich(_check(check, level)) for check in contrary), *aside]
        if card.authority:
            aside.append(self._line(card.authority, replace(_SMALL, spacing="medium")))
        if card.checks:
            runs = [part for check in card.checks for part in [*_check(check, level), plain("  ")]]
            aside.append(rich([part | {"size": "small", "isSubtle": True} for part in runs[:-1]]))
        return aside

    def _need(self, need: Need) -> Element:
        sign = {True: "✓", False: "○", None: "–"}[need.is_met]
        words: Words = (f"{sign}  ", Strong(need.head), " ", *need.said)
        return self._line(words, units_max=self.level.label)


def _check(check: CheckLine, level: Level) -> list[Element]:
    sign = {True: "✓", False: "✗", None: "?"}[check.is_met]
    value = f" ({inert(check.value, level.value)})" if check.value else ""
    return [plain(f"{sign} {inert(check.label, level.label)}{value}")]

"""Dialogs of Teams: a title and a card, as the answer to task/fetch or task/submit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.cards.adaptive_elements import Element, envelope, fitting, line
from bot.cards.adaptive_text import inert, unmarked
from store.model.values import Json

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
HEADING_UNITS_MAX = 60  # ours; Teams states no limit, a phone shows about this much
MESSAGE_UNITS_MAX = 2_900  # ours, of one line
MESSAGE_LINES_MAX = 60  # ours
Size = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Dialog:
    """A window that opens over the conversation."""

    title: str
    card: Element
    size: Size = "medium"

    def task(self) -> dict[str, Json]:
        """The dialog as Teams is told of it: the `value` of a task that continues."""
        return {
            "title": self.title,
            "height": self.size,
            "width": self.size,
            "card": {"contentType": CARD_TYPE, "content": self.card},
        }


def dialog(heading: str, bodies: Iterable[Sequence[Element]], size: Size = "medium") -> Dialog:
    """A dialog of the first of the bodies that fits; they come one by one, ever smaller."""
    said = unmarked(heading, HEADING_UNITS_MAX)
    card = fitting(envelope(body, said) for body in bodies)
    return Dialog(inert(heading, HEADING_UNITS_MAX), card, size)


def message(heading: str, text: str) -> Dialog:
    """A dialog that only says something, line by line."""
    lines = [part for part in text.split("\n") if part.strip()][:MESSAGE_LINES_MAX]
    levels = (MESSAGE_UNITS_MAX, MESSAGE_UNITS_MAX // 10)
    return dialog(heading, ([line((part,), units) for part in lines] for units in levels), "small")

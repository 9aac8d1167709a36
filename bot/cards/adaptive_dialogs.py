"""Dialogs of Teams: a title and a card, as the answer to task/fetch or task/submit. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.cards.adaptive_elements import Element, envelope, line
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


def dialog(heading: str, body: Iterable[Element], size: Size = "medium") -> Dialog:
    """A dialog of these elements."""
    title = inert(heading, HEADING_UNITS_MAX)
    return Dialog(title, envelope(body, unmarked(heading, HEADING_UNITS_MAX)), size)


def message(heading: str, text: str) -> Dialog:
    """A dialog that only says something, line by line."""
    lines = [part for part in text.split("\n") if part.strip()][:MESSAGE_LINES_MAX]
    return dialog(heading, [line((part,), MESSAGE_UNITS_MAX) for part in lines], "small")

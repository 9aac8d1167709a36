"""What every Slack modal is made of, and where it was opened. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import block_kit, mrkdwn, press
from bot.cards.block_kit import Block, plain_text
from bot.surfaces import words
from store.model.request import Place

TITLE_UNITS_MAX = 24  # docs.slack.dev: view title and buttons
LABEL_UNITS_MAX = 100  # ours; Slack takes 2,000
OPTION_UNITS_MAX = 75  # docs.slack.dev: option text


@dataclass(frozen=True)
class Origin:
    """Where a modal was opened: the press, the place and the card's message."""

    press: press.Press
    channel: str
    thread: str
    message: str

    def place(self, team: str) -> Place:
        """The place of the card."""
        return Place(surface="slack", team=team, channel=self.channel, thread=self.thread)

    def metadata(self) -> str:
        """As private_metadata: short, and read back by `origin`."""
        return "|".join((press.write(self.press), self.channel, self.thread, self.message))


def origin(metadata: str) -> Origin | None:
    """The origin that a modal carries, None where it is none of ours."""
    parts = metadata.rsplit("|", 3)
    pressed = press.read(parts[0]) if len(parts) == 4 else None
    return Origin(pressed, *parts[1:]) if pressed else None


def loading(heading: str) -> Block:
    """What opens at once, while the content is fetched."""
    return modal("loading", heading, block_kit.sections([words.ONE_MOMENT]))


def message(heading: str, text: str) -> Block:
    """A modal that only says something."""
    return modal("message", heading, block_kit.sections([mrkdwn.paragraph(text, 2_900)]))


def modal(
    callback: str, heading: str, blocks: Sequence[Block], *, submit: str = "", metadata: str = ""
) -> Block:
    """A modal of these blocks; `submit` names its button, empty for one that is only read."""
    view: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain_text(heading, TITLE_UNITS_MAX),
        "close": plain_text("Close", TITLE_UNITS_MAX),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if submit:
        view["submit"] = plain_text(submit, TITLE_UNITS_MAX)
    return view

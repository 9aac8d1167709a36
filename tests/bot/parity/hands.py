"""Neutral hands: what a person does and sees in a chat, whichever chat it is.

A case of `cases.py` knows these hands and nothing of Slack or Teams. Both work over the wire: a
workspace of that platform, the real surface connected to it, and `memory` behind the surface.
People are aliases of Northwind (agent, lead, finance, guest, stranger, former, ...); texts are as a
person reads them, without the platform's markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from bot.cards.model import Card
from tests.bot.surfaces.conftest import Memory

T = TypeVar("T")
WAIT_SECONDS = 8.0  # for whatever the surface does after it has answered

Where = Literal["channel", "personal", "random"]  # `random`: a channel that the bot is not in
# What is filled in, by a field's label: words, the label of a choice, the labels of ticks. A text
# is the only way to fill a field of one line; None leaves the window open untouched.
Fill = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Seen:
    """A card or a page as one person sees it: every word in reading order, and what can be pressed,
    menus unfolded. Times are left as the platform has them: no case reads them."""

    text: str
    buttons: tuple[str, ...]


class Hands(Protocol):
    """One platform, with everything that the cases need of it."""

    name: str
    memory: Memory

    async def show(self, card: Card) -> str:
        """The bot posts a card in a thread of the channel; the message's id."""
        ...

    async def redraw(self, message: str, card: Card) -> None:
        """The bot replaces a card that it has posted."""
        ...

    async def look(self, message: str, as_: str) -> Seen:
        """The card as that person sees it now, drawn for them where the platform does that."""
        ...

    async def say(
        self,
        text: str,
        as_: str,
        where: Where = "channel",
        thread: str = "",
        *,
        mention: bool = True,
    ) -> str:
        """A person says something to the bot; the message's id. Without `mention`: among people."""
        ...

    async def command(self, text: str, as_: str, where: Where = "channel") -> str:
        """A person gives a command ("status", "run R-1"); what they are told, waited for."""
        ...

    async def home(self, as_: str, wanted: str) -> Seen:
        """The person opens their home; what it shows once it shows `wanted`."""
        ...

    async def press_home(self, label: str, as_: str) -> None:
        """Presses a button of the home that was opened last."""
        ...

    async def batch(self, as_: str, wanted: str) -> Seen:
        """The person asks for what waits, side by side; the window once it shows `wanted`."""
        ...

    async def submit_batch(self, as_: str, without: Sequence[int] = ()) -> None:
        """Approves what is ticked in the batch that is open, after unticking lines by number."""
        ...

    async def refused_batch(self, as_: str, wanted: str) -> None:
        """The person asks for a batch and is told `wanted` instead of being shown one."""
        ...

    async def shortcut(self, message: str, as_: str) -> None:
        """The person points at somebody's message and asks Assent to do it."""
        ...

    async def press(self, label: str, as_: str, message: str) -> None:
        """Presses a button of a card, a menu's entry included."""
        ...

    async def window(self, as_: str, wanted: str) -> Seen:
        """The window that is open before the person, once it shows `wanted`; its buttons too."""
        ...

    async def press_window(self, label: str, as_: str) -> None:
        """Presses a button inside the window that is no submission: another page of Details."""
        ...

    async def close_window(self, as_: str) -> None:
        """The person closes the open window."""
        ...

    async def hinder_windows(self) -> None:
        """From now on a button's window cannot be opened in time."""
        ...

    async def submit(self, as_: str, fill: Fill) -> Mapping[str, str]:
        """Fills the open window in and submits it. What was wrong, by the field's label; empty when
        it was taken."""
        ...

    async def filled(self, as_: str) -> Mapping[str, str | tuple[str, ...]]:
        """What stands in the fields of the open window now, by label."""
        ...

    async def told(self, as_: str, wanted: str) -> str:
        """What the person was told, alone or where they asked, once it holds `wanted`."""
        ...

    async def overhears(self, as_: str, words: str) -> bool:
        """Whether somebody else sees these words anywhere in the channel."""
        ...

    async def channel_text(self, as_: str) -> str:
        """Everything in the channel, threads included, as that person reads it."""
        ...

    async def lose_directory(self) -> None:
        """From now on the platform does not say who somebody is, nor which roles they hold."""
        ...

    async def take_role(self, as_: str) -> None:
        """The person leaves whatever made them a support lead."""
        ...

    async def make(self, as_: str, what: Literal["guest", "deactivated"]) -> None:
        """The person's account becomes that."""
        ...

    async def forge(self, message: str, label: str, value: str, as_: str) -> None:
        """Presses a button of a card that carries another value than the bot gave it."""
        ...

    async def press_twice(self, label: str, as_: str, message: str) -> None:
        """The same press, delivered to the bot twice, at once."""
        ...

    async def deliver_again(self, text: str, as_: str) -> None:
        """One message, delivered to the bot three times."""
        ...

    async def bot_says(self, text: str) -> None:
        """Another bot mentions ours in the channel."""
        ...

    async def send_raw(self, size_bytes: int) -> int:
        """A genuine delivery of that many bytes; the HTTP status of the bot's answer."""
        ...

    async def edit_message(self, message: str, text: str, as_: str) -> None:
        """The person edits what they said."""
        ...

    async def until(self, ready: Callable[[], T]) -> T:
        """Waits until something is true, WAIT_SECONDS at most."""
        ...

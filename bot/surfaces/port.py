"""What a surface needs from the flow. Every method is synchronous; surfaces call it in a thread."""

from __future__ import annotations

from typing import Protocol

from bot.cards.model import Card
from bot.incoming import Click, Message, Reply
from bot.surfaces.home import HomeView
from bot.view import RunView, Stance
from store.model.person import Account
from store.model.request import Place


class Port(Protocol):
    """The flow as a surface sees it. An exception of `receive` means that nothing was stored."""

    def receive(self, message: Message) -> Reply:
        """Dedupes, stores and acknowledges a request, or an answer in the thread of one."""
        ...

    def press(self, click: Click) -> Reply:
        """Applies a button to a run. For an answer, `click.digest` is the slot that was asked."""
        ...

    def view(self, run_id: str) -> RunView | None:
        """A run as it stands now, None where there is none."""
        ...

    def stance(self, account: Account, run_id: str) -> Stance | None:
        """What a person is to a run now, for a view made for them; None where it is not known, and
        they see what everybody does. Never raises for want of an answer; it grants nothing."""
        ...

    def home(self, account: Account) -> HomeView:
        """What waits for a person and what they asked for."""
        ...

    def batch(self, account: Account) -> tuple[RunView, ...]:
        """Waiting runs of one workflow that a person can look at together, newest first."""
        ...

    def review(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        """A person's verdict on a run that ran by itself; wrong needs a reason."""
        ...

    def away(self, account: Account, text: str) -> Reply:
        """Hands a person's own roles over: "until 2026-12-01 to slack:U0MIRA because ..."."""
        ...

    def back(self, account: Account) -> Reply:
        """Ends everything that a person has handed over."""
        ...

    def digest_text(self, place: Place) -> Card:
        """The report of the channel's day so far."""
        ...

    def status(self) -> Card | str:
        """How Assent is: running, waiting, the ledger's head, the bundle, the connections."""
        ...

    def help_text(self, place: Place) -> tuple[str, ...]:
        """What can be asked for in a place, one line each."""
        ...

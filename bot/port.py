"""The flow as surfaces see it: verbs and views behind one object."""

from __future__ import annotations

from bot.cards.model import Card
from bot.flow import Flow
from bot.incoming import Click, Message, Reply
from bot.pressure import Pressure
from bot.reading import Reading
from bot.surfaces.home import HomeView
from bot.view import RunView
from store.model.person import Account
from store.model.request import Place


class FlowPort:
    """Implements bot.surfaces.port.Port."""

    def __init__(self, flow: Flow, reading: Reading, pressure: Pressure) -> None:
        self._flow, self._reading, self._pressure = flow, reading, pressure

    def receive(self, message: Message) -> Reply:
        self._pressure.feel()
        return self._flow.receive(message)

    def press(self, click: Click) -> Reply:
        return self._flow.press(click)

    def view(self, run_id: str) -> RunView | None:
        return self._reading.view(run_id)

    def home(self, account: Account) -> HomeView:
        return self._reading.home(account)

    def digest_text(self, place: Place) -> Card:
        return self._reading.digest_text(place)

    def status(self) -> Card | str:
        return self._reading.status()

    def help_text(self, channel: str) -> tuple[str, ...]:
        return self._reading.help_text(channel)

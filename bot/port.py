"""The flow as surfaces see it: verbs and views behind one object."""

from __future__ import annotations

from bot.autonomy.reviewing import Reviewing
from bot.cards.model import Card
from bot.flow import Flow
from bot.incoming import Click, Message, Reply
from bot.people.absence import Absence
from bot.pressure import Pressure
from bot.reading import Reading
from bot.surfaces.home import HomeView
from bot.view import RunView, Stance
from store.model.person import Account
from store.model.request import Place


class FlowPort:
    """Implements bot.surfaces.port.Port."""

    def __init__(
        self,
        flow: Flow,
        reading: Reading,
        reviewing: Reviewing,
        absence: Absence,
        pressure: Pressure,
    ) -> None:
        self._flow, self._reading = flow, reading
        self._reviewing, self._absence, self._pressure = reviewing, absence, pressure

    def receive(self, message: Message) -> Reply:
        self._pressure.feel()
        return self._flow.receive(message)

    def press(self, click: Click) -> Reply:
        return self._flow.press(click)

    def view(self, run_id: str) -> RunView | None:
        return self._reading.view(run_id)

    def stance(self, account: Account, run_id: str) -> Stance | None:
        return self._reading.stance(account, run_id)

    def home(self, account: Account) -> HomeView:
        return self._reading.home(account)

    def batch(self, account: Account) -> tuple[RunView, ...]:
        return self._reading.batch(account)

    def review(self, account: Account, run_id: str, is_right: bool, reason: str) -> Reply:
        return self._reviewing.review(account, run_id, is_right, reason)

    def away(self, account: Account, text: str) -> Reply:
        return self._absence.away(account, text)

    def back(self, account: Account) -> Reply:
        return self._absence.back(account)

    def digest_text(self, place: Place) -> Card:
        return self._reading.digest_text(place)

    def status(self) -> Card | str:
        return self._reading.status()

    def help_text(self, place: Place) -> tuple[str, ...]:
        return self._reading.help_text(place)

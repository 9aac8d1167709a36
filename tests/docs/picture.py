"""The card in the README: a real run over the real desk, policy and store, rendered as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import Assent, catalogue_of, open_store
from bot.cards import text
from bot.cards.run_card import run_card
from bot.engine import durable
from bot.incoming import Message
from bot.planner.rules import RulesPlanner
from bot.settings import from_environment
from store import people
from store.database import Database
from store.model.person import Account, Person
from store.model.request import Place

REQUEST = "refund $40 on order 1043, arrived damaged"
PLACE = Place(surface="slack", team="T1", channel="C0SUPPORTOP", thread="1700000000.000001")
ASKING = Account(surface="slack", team="T1", user="U0DANA00000", display_name="Dana Okafor")
MEMBERS = {"support-leads": ("Lee Park", "Mira Sol"), "finance-leads": ("Ann Weiss", "Raj Mehta")}


class _Directory:
    """Dana, who asks, and the names of those who may approve."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def person(self, account: Account) -> Person:
        with self._db.begin() as tx:
            person_id = people.person_for(tx, account)
        return Person(id=person_id, name=account.display_name, roles=("support",), account=account)

    def knows(self, _surface: str) -> bool:
        return True

    def members(self, _surface: str, _team: str, role: str) -> tuple[str, ...] | None:
        return MEMBERS[role]


def card(folder: Path) -> str:
    """The card of the request a few seconds after it was asked today at 12:41."""
    now = datetime.now(UTC).replace(hour=12, minute=41, second=7, microsecond=0)
    settings = from_environment({"ASSENT_STATE": str(folder)})
    db = open_store(settings)
    try:
        catalogue = catalogue_of(settings, now)
        planner = RulesPlanner()
        assent = Assent(
            settings, db, catalogue, _Directory(db), planner, durable(settings), lambda: now
        )
        assent.flow.receive(
            Message(ASKING, PLACE, PLACE.thread, REQUEST, ("event:1",), received_at=now)
        )
        assent.flow.propose("R-1001")
        view = assent.reading.view("R-1001")
        assert view is not None, "the request was stored"
        return text.render(run_card(view), UTC, {PLACE.channel: "#support-ops"}).rstrip()
    finally:
        db.close()


def steady(said: str) -> str:
    """The card without what differs from day to day: dates, the bundle's revision, the digest."""
    said = re.sub(r"\d{4}-\d{2}-\d{2}", "0000-00-00", said)
    said = re.sub(r"bundle desk@[\w-]+", "bundle desk@0", said)
    return re.sub(r"plan [0-9a-f]{6}\b", "plan 000000", said)

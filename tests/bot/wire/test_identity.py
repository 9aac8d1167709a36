"""One human with two accounts, and one who decides for another, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.ledger.search import find
from store.model.entry import Kind
from tests.bot.wire.conftest import USERS, bundle

pytestmark = pytest.mark.slow
ONE = "people:\n  lee: {name: Lee Park, accounts: [slack:%s, slack:%s]}\n"
TWO = (
    "people:\n  lee: {name: Lee Park, accounts: [slack:%s]}\n"
    "  mira: {name: Mira Sol, accounts: [slack:%s]}\n"
)


@pytest.fixture
def settings(play: Any) -> Iterator[Path]:
    """The running bundle's bundle.yml, put back afterwards with Lee and Mira two people again."""
    path = bundle(play.state) / "bundle.yml"
    text = path.read_text()
    yield path
    put(play, path, text + TWO % (USERS["lead"], USERS["lead2"]))
    put(play, path, text)


def put(play: Any, path: Path, text: str) -> None:
    """Edits the file and waits until it is in force."""
    before = digest(play)
    path.write_text(text)
    play.until(lambda: digest(play) != before, "the edit to be in force", play.tail)


def digest(play: Any) -> str:
    with play.store.read() as cx:
        return str(find(cx, kind=Kind.BUNDLE, limit=1)[0].data["digest"])


def test_an_account_declared_to_be_the_requesters_cannot_approve_from_the_edit_on(
    play: Any, settings: Path
) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", "lead", channel="random")
    play.until_card(run, "Mira")
    put(play, settings, settings.read_text() + ONE % (USERS["lead"], USERS["lead2"]))
    play.press("Approve", "lead2", run)
    play.heard("lead2", "somebody else has to decide")
    assert play.run(run).status.value == "waiting"
    assert play.refunds(order) == []
    play.press("Cancel", "lead2", run)  # it is her own request
    play.until_status(run, "cancelled")


def test_somebody_decides_for_who_is_away_until_they_are_back(play: Any) -> None:
    last = datetime.now(UTC) + timedelta(days=3)
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    play.press("Approve", "agent2", run)
    play.heard("agent2", "support lead")
    said = play.people.command(
        f"/assent away until {last:%Y-%m-%d} to @Sam Field because sun", "lead"
    )
    assert "Sam Field decides for you in support and support leads" in said
    play.press("Approve", "agent2", run)
    play.until_status(run, "applied")
    play.until_card(run, "for Lee Park")
    assert play.refunds(order) == [400]
    assert "Sam Field no longer decides" in play.people.command("/assent back", "lead")
    other = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    play.press("Approve", "agent2", other)
    play.heard("agent2", "support lead")
    play.press("Cancel", "agent", other)
    play.until_status(other, "cancelled")


def test_nobody_hands_over_to_a_guest_or_to_a_name(play: Any) -> None:
    last = datetime.now(UTC) + timedelta(days=3)
    for who, why in (("@Gil", "guest"), ("@Vera", "another organisation"), ("Mira", "nobody here")):
        said = play.people.command(f"/assent away until {last:%Y-%m-%d} to {who}", "lead")
        assert why in said

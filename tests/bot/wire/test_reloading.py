"""Edits of the bundle under the running process, as an admin makes and people meet them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store.ledger.search import find
from store.model.entry import Kind
from tests.bot.wire.conftest import bundle

pytestmark = pytest.mark.slow
SMALL = "USD: 10000, EUR: 10000"


@pytest.fixture
def policies(play: Any) -> Iterator[Path]:
    """The running bundle's policy on refunds, put back afterwards."""
    path = bundle(play.state) / "policies/refunds.yml"
    text = path.read_text()
    before = in_force(play)
    yield path
    path.write_text(text)
    until_in_force(play, before)


def in_force(play: Any) -> str:
    with play.store.read() as cx:
        return str(find(cx, kind=Kind.BUNDLE, limit=1)[0].data["digest"])


def until_in_force(play: Any, digest: str) -> None:
    play.until(lambda: in_force(play) == digest, "the bundle to be in force", play.tail)


def said_in_status(play: Any, word: str) -> str:
    """What the status says, once it says a word."""

    def said() -> str | None:
        status = str(play.people.command("/assent status", "admin"))
        return status if word in status else None

    return str(play.until(said, f"the status to say {word!r}"))


def test_a_threshold_that_was_edited_decides_the_next_request_without_a_restart(
    play: Any, policies: Path
) -> None:
    first = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    play.until_card(first, "support")
    process, before = play.playground.bot.pid, in_force(play)
    policies.write_text(policies.read_text().replace(SMALL, "USD: 300, EUR: 10000"))
    play.until(lambda: in_force(play) != before, "the edit to be in force", play.tail)
    assert play.playground.bot.pid == process
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    play.press("Approve", "lead", run)
    play.heard("lead", "finance lead")
    assert play.run(run).status.value == "waiting"
    play.approve(run, "finance")
    assert play.refunds(order) == [400]


def test_what_was_shown_under_the_earlier_policy_is_decided_by_the_present_one(
    play: Any, policies: Path
) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    before = in_force(play)
    policies.write_text(policies.read_text().replace(SMALL, "USD: 300, EUR: 10000"))
    play.until(lambda: in_force(play) != before, "the edit to be in force", play.tail)
    play.until_card(run, "The policy was edited since")
    play.press("Approve", "lead", run)
    play.until_card(run, "policy changed")
    now = play.run(run)
    assert now.status.value == "waiting"
    assert now.proposal.round == 2
    assert play.refunds(order) == []
    play.press("Cancel", "agent", run)
    play.until_status(run, "cancelled")


def test_a_broken_edit_is_said_where_people_look_and_the_earlier_bundle_goes_on(
    play: Any, policies: Path
) -> None:
    before = in_force(play)
    text = policies.read_text()
    policies.write_text(text.replace("refund.amount_minor <= 0", "refund.amuont_minor <= 0"))
    status = said_in_status(play, "not in force")
    assert "refunds.yml" in status
    assert "amuont" in status
    assert "not in force" in play.people.command("/assent digest", "lead")
    assert "refunds.yml" in play.tail()
    assert in_force(play) == before
    order = play.order()
    play.approve(play.ask(f"refund $4.00 on order {order}, damaged", channel="random"), "lead")
    assert play.refunds(order) == [400]
    policies.write_text(text)
    play.until(
        lambda: "not in force" not in play.people.command("/assent status", "admin"),
        "the status to be calm again",
    )
    assert play.is_ledger_whole()

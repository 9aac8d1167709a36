"""Who may not: guests, strangers, bots, those who left, those without the role, those who asked."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from bot.workspace import payloads
from bot.workspace.client import ClientError

pytestmark = pytest.mark.slow
REASONS = {
    "guest": "guest accounts cannot ask or approve",
    "stranger": "this account belongs to another organisation",
}


@pytest.mark.parametrize("who", REASONS)
def test_outsiders_are_refused_as_requesters_with_the_reason(play: Any, who: str) -> None:
    said = play.people.say("refund $4 on order 1043, damaged", who, "support-ops")
    play.heard(who, REASONS[who])
    assert play.run_of(said["ts"]) is None


@pytest.mark.parametrize("who", REASONS)
def test_outsiders_are_refused_as_approvers_with_the_reason(play: Any, who: str) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    play.press("Approve", who, run)
    play.heard(who, f"Not done: {REASONS[who]}")
    assert play.run(run).status.value == "waiting"


def test_somebody_who_left_and_a_bot_make_no_run(play: Any) -> None:
    """The workspace lets neither speak, so their events are written by hand."""
    before = {run.id for run in play.runs()}
    for number, (user, more) in enumerate([("U0OLAF00000", {}), ("U0B0T000000", {"bot_id": "B9"})]):
        ts = f"1700000000.00000{number}"
        event = {"type": "app_mention", "user": user, "channel": "C0SUPPORTOP", "ts": ts, **more}
        event |= {"text": "<@U0ASSENT000> refund $4 on order 1043, damaged", "event_ts": ts}
        play.deliver(payloads.event_callback(event, f"Ev-left-{number}", 1.0))
    play.until_delivered()
    assert {run.id for run in play.runs()} == before


def test_the_requester_and_the_wrong_role_are_told_why_they_do_not_count(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged", "lead", "random")
    play.press("Approve", "lead", run)
    play.heard("lead", "somebody else has to decide")
    play.press("Approve", "agent", run)
    play.heard("agent", "support lead")
    assert play.run(run).status.value == "waiting"
    play.approve(run, "lead2")


def test_cancel_is_for_who_asked_alone(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    play.press("Cancel", "lead", run)
    play.heard("lead", "Only Dana Okafor, who asked, can cancel")
    assert play.run(run).status.value == "waiting"
    play.press("Cancel", "agent", run)
    play.until_status(run, "cancelled")
    play.until_card(run, "CANCELLED")
    assert play.buttons(run) == ["details"]


def test_two_people_approve_at_once_and_it_is_done_once(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    together(
        lambda: play.press("Approve", "lead", run), lambda: play.press("Approve", "lead2", run)
    )
    play.until_status(run, "applied")
    assert play.refunds(order) == [400]


def test_a_large_refund_takes_two_finance_leads_and_a_double_click_is_one(play: Any) -> None:
    run = play.ask("refund $1,500.00 on order 1067, arrived damaged", channel="random")
    play.until_card(run, "WAITING 0 of 2")
    together(*[lambda: play.press("Approve", "finance", run)] * 3)
    play.until_card(run, "WAITING 1 of 2")
    assert play.run(run).status.value == "waiting"
    play.approve(run, "finance2")
    assert play.refunds("1067") == [150_000]
    [summary] = play.until(lambda: play.summaries(run), "the summary")
    assert "Ann Weiss" in summary
    assert "Raj Mehta" in summary


def together(*acts: Any) -> None:
    """All at once; a click that came too late for its button is one that does not count."""
    barrier = threading.Barrier(len(acts))

    def act(one: Any) -> None:
        barrier.wait()
        with contextlib.suppress(ClientError):
            one()

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

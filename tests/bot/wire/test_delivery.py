"""What Slack may do to events and calls: deliver twice, limit, fail, lose; edits and deletions."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from bot.settings import EVENTS_PATH
from bot.workspace import payloads
from connectors.desk import outside

pytestmark = pytest.mark.slow


def event_of(play: Any, ts: str, **more: Any) -> dict[str, Any]:
    """The event of a message that the workspace holds, as it was delivered."""
    [message] = [m for m in play.messages() if m["ts"] == ts]
    body = {k: message[k] for k in ("user", "text", "ts", "client_msg_id", "channel")}
    return {**body, "type": "app_mention", "event_ts": ts, **more}


def test_a_retried_event_and_the_same_message_under_another_id_make_one_run(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    event = event_of(play, run.request.message)
    for event_id, attempts in (("Ev-again", 0), ("Ev-again", 1), ("Ev-again", 2), ("Ev-other", 0)):
        play.deliver(payloads.event_callback(event, event_id, 1.0), attempts)
    play.until_delivered()
    same = [r for r in play.runs() if r.request.place.thread == run.request.place.thread]
    assert [r.id for r in same] == [run.id]


def test_an_edit_or_a_deletion_changes_nothing_that_was_asked(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    count, ts = len(play.runs()), run.request.message
    edited = {**event_of(play, ts), "text": "<@U0ASSENT000> refund $4000 on order 1067, damaged"}
    common = {"type": "message", "channel": run.request.place.channel, "channel_type": "channel"}
    for number, event in enumerate(
        [
            {**common, "subtype": "message_changed", "message": edited, "ts": "1700000001.000001"},
            {**common, "subtype": "message_deleted", "deleted_ts": ts, "ts": "1700000001.000002"},
        ]
    ):
        play.deliver(payloads.event_callback(event, f"Ev-edit-{number}-{ts}", 1.0))
    play.until_delivered()
    assert len(play.runs()) == count
    assert play.run(run).request.text == run.request.text
    assert play.run(run).status.value == "waiting"


def test_cards_end_up_right_when_slack_limits_and_fails(play: Any) -> None:
    order = play.order()
    play.faults("ratelimited", 1, "chat.postMessage", seconds=1.0)
    play.faults("error", 1, "chat.postMessage")
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    play.until_card(run, "WAITING")
    play.faults("error", 1, "chat.update")
    play.approve(run, "lead")
    play.until_card(run, "DONE")
    assert play.buttons(run) == ["details"]
    [summary] = play.until(lambda: play.summaries(run), "the summary")
    assert "Lee Park" in summary
    play.faults("none")


def test_a_card_whose_posting_was_not_confirmed_is_settled_once_it_is_pressed(play: Any) -> None:
    """The answer to a post is lost: two cards stand in the thread, and both must tell the truth."""
    play.faults("lost", 1, "chat.postMessage")
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    thread = run.request.place.thread

    def cards() -> list[dict[str, Any]]:
        return [m for m in play.messages() if m.get("bot_id") and m.get("thread_ts") == thread]

    play.until(lambda: len(cards()) == 2, "both cards")
    known = {m["ts"] for m in play.card_messages(run)}
    [orphan] = [card for card in cards() if card["ts"] not in known]
    [actions] = [block for block in orphan["blocks"] if block["type"] == "actions"]
    body = {"as": "lead", "channel": orphan["channel"], "ts": orphan["ts"], "value": None}
    place = {"block_id": actions["block_id"], "action_id": "approve"}
    play.people._post("press", {**body, **place})
    play.until_status(run, "applied")
    play.until(lambda: all("DONE" in play.texts(card) for card in cards()[:2]), "both settled")
    assert play.refunds(order) == [400]


def test_a_click_on_a_diff_that_is_not_true_any_more_shows_the_new_one(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    signed = run.proposal.digest
    [(payment,)] = play.desk_rows(f"SELECT id FROM payments WHERE order_id = '{order}'")
    outside.refund_payment(play.desk, payment, 200)
    play.press("Approve", "lead", run)
    card = play.until_card(run, "CHANGED SINCE YOU LOOKED")
    assert "was $0.00 and is now $2.00" in card
    now = play.run(run)
    assert now.status.value == "waiting"
    assert now.proposal.digest != signed
    assert play.refunds(order) == []
    play.approve(run, "lead")
    assert play.refunds(order) == [400]


def test_a_click_on_a_card_that_slack_did_not_redraw_does_not_count(play: Any) -> None:
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged", channel="random")
    [(payment,)] = play.desk_rows(f"SELECT id FROM payments WHERE order_id = '{order}'")
    outside.refund_payment(play.desk, payment, 200)
    play.faults("error", 1_000, "chat.update")
    play.press("Approve", "lead", run)
    play.until(lambda: play.run(run).proposal.round == 2, "the new round")
    play.until_status(run, "waiting")
    play.press("Approve", "lead2", run)
    play.heard("lead2", "The plan changed since that card was drawn")
    play.faults("none")
    play.until_card(run, "is now $2.00")
    assert play.refunds(order) == []
    play.approve(run, "lead2")


def test_a_forged_request_is_not_taken(play: Any) -> None:
    if play.mode == "socket":
        with pytest.raises(urllib.error.HTTPError) as no_door:  # Teams' alone is there
            urllib.request.urlopen(play.playground._url(EVENTS_PATH), timeout=5)
        assert no_door.value.code == 404
        return
    count = len(play.runs())
    request = urllib.request.Request(
        play.playground._url(EVENTS_PATH),
        data=b'{"type":"event_callback"}',
        headers={
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": str(int(time.time())),
            "X-Slack-Signature": "v0=" + "0" * 64,
        },
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 401
    assert len(play.runs()) == count

"""Where the surface matters: requests that Slack did not make, made twice, or made for somebody
who may not; signed as Slack signs them, to the real process."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.settings import EVENTS_PATH
from store import approvals
from store.ledger.search import find
from store.model.entry import Kind
from store.model.run import Run
from tests.bot.wire.conftest import CHANNELS, USERS

pytestmark = pytest.mark.slow
TEAM = "T0NORTHWIND"
BOT = "U0ASSENT000"
WHO_MAY_NOT = {
    "a-guest": (USERS["guest"], "guest"),
    "a-stranger-of-a-shared-channel": (USERS["stranger"], "another organisation"),
    "somebody-who-left": (USERS["former"], "deactivated"),
    "a-bot": (BOT, "bots"),
    "nobody": ("U0NOBODY000", "another organisation"),
}


def click(play: Any, run: Run, user: str, digest: str | None = None) -> str:
    """The form that Slack posts when somebody presses Approve on a card."""
    assert run.proposal is not None
    [message, *_] = play.card_messages(run)
    value = f"{run.id}:{digest or run.proposal.digest}"
    action = {
        "type": "button",
        "action_id": "approve",
        "block_id": "b1",
        "value": value,
        "action_ts": f"{time.time():.6f}",
    }
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "northwind"},
        "user": {"id": user, "username": "x", "team_id": TEAM},
        "channel": {"id": message["channel"], "name": "support-ops"},
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": message["channel"],
        },
        "message": {"ts": message["ts"]},
        "trigger_id": "1.2.3",
        "api_app_id": "A0ASSENT000",
        "actions": [action],
    }
    return urlencode({"payload": json.dumps(payload)})


def post(play: Any, body: str, *, secret: str = "", age_seconds: int = 0) -> int:
    """The answer's status, to a request signed with the app's secret or with another one."""
    at = str(int(time.time()) - age_seconds)
    verifier = SignatureVerifier(secret or play.told["signing_secret"])
    request = urllib.request.Request(
        play.playground._url(EVENTS_PATH),
        data=body.encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": at,
            "X-Slack-Signature": str(verifier.generate_signature(timestamp=at, body=body)),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def verdicts(play: Any, run: Run) -> list[str]:
    with play.store.read() as cx:
        return [approval.account_user for approval in approvals.all_for(cx, run.id)]


def still_waits(play: Any, run: Run) -> None:
    assert play.run(run).status.value == "waiting"
    assert verdicts(play, run) == []
    assert play.is_ledger_whole()


def test_a_forged_click(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    body = click(play, run, USERS["lead"])
    assert post(play, body, secret="guessed" * 4) == 401
    still_waits(play, run)
    assert post(play, body) == 200  # the same from Slack itself
    play.until_status(run, "applied")


def test_a_click_that_was_recorded_and_is_replayed_later(play: Any) -> None:
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    assert post(play, click(play, run, USERS["lead"]), age_seconds=301) == 401
    still_waits(play, run)


def test_a_click_that_is_replayed_at_once(play: Any) -> None:
    """The same signed bytes, three times within the time in which Slack may deliver them."""
    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    body = click(play, run, USERS["lead"])
    assert [post(play, body) for _ in range(3)] == [200] * 3
    play.until_status(run, "applied")
    assert verdicts(play, run) == [USERS["lead"]]
    assert play.refunds(order) == [400]
    assert play.is_ledger_whole()


def test_a_click_with_the_digest_of_another_card(play: Any) -> None:
    one = play.ask(f"refund $4.00 on order {play.order()}, damaged", channel="random")
    other = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    assert one.proposal is not None
    assert post(play, click(play, other, USERS["lead"], one.proposal.digest)) == 200
    play.heard("lead", "changed since")
    still_waits(play, other)


@pytest.mark.parametrize("who", WHO_MAY_NOT)
def test_a_signed_click_of_who_may_not(play: Any, who: str) -> None:
    user, word = WHO_MAY_NOT[who]
    run = play.ask(f"refund $4.00 on order {play.order()}, damaged")
    assert post(play, click(play, run, user)) == 200

    def refused() -> bool:
        with play.store.read() as cx:
            newest = find(cx, kind=Kind.REFUSAL, limit=1)
        return bool(newest) and newest[0].run_id == run.id and word in str(newest[0].data["why"])

    play.until(refused, f"the ledger to say that {who} did not count", play.tail)
    still_waits(play, run)


def test_a_request_in_a_direct_message(play: Any) -> None:
    order = play.order()
    said = play.people.dm(f"refund $4.00 on order {order}, damaged", "agent")
    run = play.until(lambda: play.run_of(said["ts"]), "the run")
    run = play.until_status(run, "denied")
    assert "#support-ops" in run.note
    play.until_card(run, "NOT ALLOWED")
    assert play.refunds(order) == []
    assert play.is_ledger_whole()


def test_a_request_in_a_channel_that_is_not_listed(play: Any) -> None:
    play.people.control("bot-membership", {"channel": "C0OPSDIGEST", "is_in": True})
    order = play.order()
    assert "ops-digest" not in CHANNELS
    said = play.people.say(f"refund $4.00 on order {order}, damaged", "agent", "ops-digest")
    run = play.until(lambda: play.run_of(said["ts"]), "the run")
    run = play.until_status(run, "denied")
    assert run.note
    assert play.refunds(order) == []
    assert play.is_ledger_whole()

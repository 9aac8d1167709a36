"""The HTTP door: whatever is not Slack's, fresh and well formed is turned away, quietly."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from slack_sdk.signature import SignatureVerifier

from bot.settings import Slack
from bot.surfaces.slack_calls import LOGGER, make_client
from bot.surfaces.slack_http import SlackDoor
from tests.bot.surfaces.conftest import connected

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SECRET_WORDS = "attack at dawn 4711"


@pytest.fixture
async def door(tmp_path, http_port):
    async with connected(tmp_path / "state", "http", http_port) as made:
        yield made


def mention(text: str = SECRET_WORDS, **event) -> str:
    spoken = {
        "type": "app_mention", "user": "U0DANA00000", "text": text, "ts": "1763728863.000100",
        "channel": "C0SUPPORTOP", **event,
    }  # fmt: skip
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": "T0NORTHWIND",
            "api_app_id": "A1",
            "event_id": "Ev1",
            "event": spoken,
        }
    )


def signed(secret: str, body: str, *, age_seconds: int = 0, kind: str = JSON) -> dict[str, str]:
    at = str(int(time.time()) - age_seconds)
    signature = SignatureVerifier(secret).generate_signature(timestamp=at, body=body)
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": str(signature),
    }


async def send(world, body: str | bytes, headers: dict[str, str], method: str = "POST"):
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, world.events_url, data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def secret_of(world) -> str:
    return str(world.server.address["signing_secret"])


async def test_a_signed_fresh_event_is_taken(door):
    body = mention("refund order 1043")
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200
    assert [message.text for message in door.memory.messages] == ["refund order 1043"]


async def test_the_same_event_again_is_acknowledged_and_stored_once(door):
    body = mention("refund order 1043")
    for retry in ("", "1", "2"):
        headers = signed(secret_of(door), body) | {"X-Slack-Retry-Num": retry}
        assert (await send(door, body, headers))[0] == 200
    assert len(door.memory.messages) == 1


def _forged(secret, body):
    return signed("another secret", body)


def _replayed(secret, body):
    return signed(secret, body, age_seconds=301)


def _from_the_future(secret, body):
    return signed(secret, body, age_seconds=-301)


def _without_signature(secret, body):
    return {"Content-Type": JSON, "X-Slack-Request-Timestamp": str(int(time.time()))}


def _without_timestamp(secret, body):
    return {key: value for key, value in signed(secret, body).items() if "Timestamp" not in key}


def _odd_timestamp(timestamp):
    def headers(secret, body):
        return signed(secret, body) | {"X-Slack-Request-Timestamp": timestamp}

    return headers


def _other_type(kind):
    def headers(secret, body):
        return signed(secret, body, kind=kind)

    return headers


def _tampered(secret, body):
    return signed(secret, body.replace("dawn", "noon"))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (_forged, 401),
        (_replayed, 401),
        (_from_the_future, 401),
        (_tampered, 401),
        (_without_signature, 401),
        (_without_timestamp, 401),
        (_odd_timestamp("yesterday"), 401),
        (_odd_timestamp("1e9"), 401),
        (_odd_timestamp("-1"), 401),
        (_odd_timestamp("9" * 400), 401),
        (_other_type("text/plain"), 415),
        (_other_type("multipart/form-data; boundary=x"), 415),
    ],
)
async def test_what_is_not_slacks_is_turned_away(door, headers, status, caplog):
    caplog.set_level(logging.DEBUG)
    body = mention()
    answered, text = await send(door, body, headers(secret_of(door), body))
    assert answered == status
    assert len(text) < 100
    assert not door.memory.messages
    assert SECRET_WORDS not in caplog.text


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{", JSON), ("", JSON), ("null", JSON), ("[]", JSON), ('"text"', JSON), (DEEP, JSON),
        ('{"event": [1]}', JSON), ('{"event": 7}', JSON),
        ("payload=%7B", FORM), ("payload=null", FORM), ("payload=[]", FORM), ("payload=", FORM),
        ("a", FORM), ("&".join(f"a{n}=1" for n in range(200)), FORM),
        ('payload={"user": 3}', FORM),
    ],
)  # fmt: skip
async def test_malformed_bodies_are_refused_even_when_signed(door, body, kind):
    status, text = await send(door, body, signed(secret_of(door), body, kind=kind))
    assert status == 400
    assert len(text) < 100


async def test_bytes_that_are_no_text_are_refused(door):
    headers = signed(secret_of(door), "x")
    assert (await send(door, b"\xff\xfe\x00", headers))[0] == 400


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_an_oversized_body_is_refused(door, is_chunked):
    async def chunks():
        for _ in range(1_100):
            yield b" " * 1_024

    headers = signed(secret_of(door), "x")
    body = chunks() if is_chunked else b" " * (1024 * 1024 + 1)
    try:
        status, _ = await send(door, body, headers)
    except aiohttp.ClientOSError:
        return  # the door closed while we were still pushing
    assert status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_answered(door, method):
    assert (await send(door, "", {}, method))[0] == 405


async def test_signed_oddities_never_become_an_internal_error(door):
    """Shapes that Slack never sends, signed all the same: answered, not crashed."""
    odd_events = [
        {}, {"type": "app_mention"}, {"type": "message", "channel_type": "im"},
        {"type": "app_mention", "text": None, "user": 5, "ts": [], "channel": {}},
        {"type": "app_home_opened", "user": {"a": 1}}, {"type": "tokens_revoked", "tokens": "x"},
    ]  # fmt: skip
    odd_payloads = [
        {"type": "block_actions"},
        {"type": "block_actions", "actions": [{"action_id": "approve"}]},
        {"type": "block_actions", "user": {"id": "U0LEE000000"}, "team": {"id": "T0NORTHWIND"},
         "actions": [{"action_id": "approve", "value": "R-1:x", "block_id": "b"}]},
        {"type": "view_submission", "view": {"callback_id": "reject", "private_metadata": "||"}},
        {"type": "message_action", "callback_id": "ask_assent", "message": {}},
        {"type": "never heard of"},
    ]  # fmt: skip
    bodies = [
        (json.dumps({"type": "event_callback", "team_id": "T0NORTHWIND", "event": event}), JSON)
        for event in odd_events
    ] + [(urlencode({"payload": json.dumps(payload)}), FORM) for payload in odd_payloads]
    for body, kind in bodies:
        status, _ = await send(door, body, signed(secret_of(door), body, kind=kind))
        assert status in (200, 400, 404, 503), body


async def test_nothing_is_acknowledged_while_the_store_is_away(door):
    door.memory.failing = RuntimeError("the store is away")
    body = mention("refund order 1043")
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 503
    door.memory.failing = None
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200
    assert len(door.memory.messages) == 1


async def test_nothing_is_acknowledged_while_nobody_can_say_who_asked(door):
    fault = {"kind": "error", "calls": 1, "methods": ["users.info"]}
    await door.do(door.people.control, "faults", fault)
    body = mention("refund order 1043")
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 503
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "channel_join"},
        {"bot_id": "B1"}, {"hidden": True}, {"user": "U0ASSENT000"}, {"user": None},
    ],
)  # fmt: skip
async def test_edits_deletions_and_bots_are_acknowledged_and_ignored(door, event):
    body = mention("refund order 1043", **event)
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200
    assert not door.memory.messages


async def test_a_file_is_ignored_and_its_text_is_heard(door):
    body = mention("refund order 1043", subtype="file_share", files=[{"id": "F1"}])
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200
    assert door.memory.messages[0].text == "refund order 1043"


async def test_40000_characters_reach_the_flow_whole(door):
    body = mention("x" * 40_000)
    assert (await send(door, body, signed(secret_of(door), body)))[0] == 200
    assert len(door.memory.messages[0].text) == 40_000


@pytest.mark.slow
async def test_fifty_events_a_second_are_acknowledged_within_100_ms(door):
    secret, took = secret_of(door), []

    async def one(number: int, session: aiohttp.ClientSession) -> None:
        body = mention(f"refund {number}", ts=f"1763728863.{number:06d}")
        body = body.replace('"Ev1"', f'"Ev{number}"')
        await asyncio.sleep(number / 50)
        started = time.perf_counter()
        headers = signed(secret, body)
        async with session.post(door.events_url, data=body, headers=headers) as answer:
            assert answer.status == 200
        took.append(time.perf_counter() - started)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(number, session) for number in range(150)))
    assert len(door.memory.messages) == 150
    took.sort()
    print(f"acknowledged p50 {took[75] * 1000:.1f} ms, p99 {took[148] * 1000:.1f} ms")
    assert took[75] < 0.1


@pytest.mark.parametrize("headers", [_forged, _replayed, _tampered, _without_signature])
async def test_the_door_alone_keeps_forgeries_from_bolt(headers):
    dispatched = []

    async def dispatch(request, body):
        dispatched.append(body)
        return web.Response()

    application = web.Application()
    application.add_routes([web.post("/slack/events", SlackDoor("secret", dispatch).handle)])
    body = mention()
    async with TestServer(application) as server, TestClient(server) as client:
        sent = await client.post("/slack/events", data=body, headers=headers("secret", body))
        assert sent.status == 401
        sent = await client.post("/slack/events", data=body, headers=signed("secret", body))
        assert sent.status == 200
    assert dispatched == [body]


def test_a_door_without_a_secret_is_not_built():
    async def dispatch(request, body):
        return web.Response()

    with pytest.raises(ValueError, match="signing secret"):
        SlackDoor("", dispatch)


async def test_a_press_that_names_a_foreign_workspace_has_no_person_behind_it(door):
    payload = {
        "type": "block_actions",
        "user": {"id": "U0LEE000000", "team_id": "T0ELSEWHERE"},
        "team": {"id": "T0NORTHWIND"},
        "container": {"channel_id": "C0SUPPORTOP", "message_ts": "1.2"},
        "actions": [{"action_id": "approve", "block_id": "b", "value": "R-1:" + "ab" * 32}],
    }
    body = urlencode({"payload": json.dumps(payload)})
    await send(door, body, signed(secret_of(door), body, kind=FORM))
    click = (await door.until(lambda: door.memory.clicks))[0]
    assert click.person is None
    assert click.account.is_stranger
    assert click.account.refusal == "this account belongs to another organisation"


async def test_slack_can_verify_the_address(door):
    answer = await door.do(door.people.control, "verify-url")
    assert answer["url_verification"]["is_ok"], answer
    assert answer["ssl_check"]["is_ok"], answer


def test_bodies_and_messages_are_written_into_no_log(caplog):
    make_client(Slack("xoxb-x", "", "", "socket", "http://127.0.0.1:9/api/"))
    caplog.set_level(logging.DEBUG)
    LOGGER.setLevel(logging.DEBUG)
    try:
        LOGGER.info("Invalid request signature detected (body: %s)", SECRET_WORDS)
        LOGGER.debug("Received message (data: %s)", SECRET_WORDS)
        LOGGER.warning("Slack did not answer")
    finally:
        LOGGER.setLevel(logging.INFO)
    assert SECRET_WORDS not in caplog.text
    assert "Slack did not answer" in caplog.text

"""The door for Teams: what is not the channel service's, for us and well formed is turned away."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.surfaces import teams_http
from bot.surfaces.receiving import NotStoredError
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_http import TeamsDoor
from bot.surfaces.teams_tokens import AppTokens, ChannelTokens
from bot.surfaces.teams_wire import Answer
from tests.bot.surfaces.teams_peer import OTHER_TENANT, TENANT, Fault, Peer, around

SECRET_WORDS = "attack at dawn 4711"


@dataclass
class Entrance:
    """A door with the seam behind it, and what came through."""

    peer: Peer
    url: str = ""
    heard: list[Any] = field(default_factory=list)
    answer: Answer | None = None
    failing: Exception | None = None

    async def handle(self, activity):
        if self.failing is not None:
            raise self.failing
        self.heard.append(activity)
        return self.answer

    async def send(self, body: Any, headers: Any = None, method: str = "POST"):
        raw = (
            body
            if isinstance(body, str | bytes) or hasattr(body, "__aiter__")
            else json.dumps(body)
        )
        headers = {"Content-Type": "application/json"} | (
            self.peer.bearer() if headers is None else headers
        )
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url, data=raw, headers=headers) as answer,
        ):
            return answer.status, await answer.text()


@pytest.fixture
async def door() -> AsyncIterator[Entrance]:
    async with around() as peer:
        entrance = Entrance(peer)
        tokens = ChannelTokens(peer.settings)
        framework = BotFramework(peer.settings, AppTokens(peer.settings))

        async def turn(activity, claims):
            return await framework.turn(activity, claims, entrance.handle)

        application = web.Application()
        handle = TeamsDoor(tokens, peer.settings, turn).handle
        application.router.add_route("*", "/api/messages", handle)
        async with TestServer(application) as server:
            entrance.url = str(server.make_url("/api/messages"))
            yield entrance
        await framework.close()
        await tokens.close()


async def test_a_message_of_the_channel_service_comes_through_as_it_was_sent(door):
    activity = door.peer.activity()
    assert await door.send(activity) == (200, "")
    assert door.heard == [activity]


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (Answer(200, {"statusCode": 200, "type": "x", "value": {"a": [None]}}), 200, "same"),
        (Answer(200, None), 200, ""), (None, 200, ""), (Answer(200, "text"), 200, "same"),
        (Answer(400, {"error": {"code": "x"}}), 400, "same"), (Answer(501, None), 501, ""),
    ],
)  # fmt: skip
async def test_an_invoke_is_answered_with_whatever_body(door, answer, status, body):
    door.answer = answer
    sent, text = await door.send(door.peer.invoke())
    assert sent == status
    assert (json.loads(text) == answer.body) if body else text == ""


async def test_a_handler_sees_trigger_and_action_of_a_press(door):
    door.answer = Answer()
    await door.send(door.peer.invoke())
    assert door.heard[0]["value"]["trigger"] == "manual"
    assert door.heard[0]["value"]["action"]["verb"] == "approve"


def _none(peer):
    return {}


def _basic(peer):
    return {"Authorization": "Basic YTpi"}


def _foreign(peer):
    return peer.bearer("two")


def _expired(peer):
    return peer.bearer(exp=int(time.time()) - 400)


def _another_app(peer):
    return peer.bearer(aud="another")


def _another_service(peer):
    return peer.bearer(serviceurl="https://evil.example/")


def _garbage(peer):
    return {"Authorization": "Bearer " + "ey" * 500}


@pytest.mark.parametrize(
    "headers", [_none, _basic, _foreign, _expired, _another_app, _another_service, _garbage]
)
async def test_what_is_not_the_channel_services_is_turned_away(door, headers, caplog):
    caplog.set_level(logging.DEBUG)
    status, text = await door.send(door.peer.activity(text=SECRET_WORDS), headers(door.peer))
    assert status == 401
    assert len(text) < 100
    assert not door.heard
    assert SECRET_WORDS not in caplog.text
    assert "eyJ" not in caplog.text


async def test_nothing_that_comes_through_is_logged(door, caplog):
    caplog.set_level(logging.DEBUG)
    value = {"press": SECRET_WORDS, "type": SECRET_WORDS}
    await door.send(door.peer.activity(text=SECRET_WORDS, value=value, from_property=SECRET_WORDS))
    await door.send(door.peer.activity(text=SECRET_WORDS, timestamp=SECRET_WORDS))
    assert len(door.heard) == 1
    assert SECRET_WORDS not in caplog.text
    assert "eyJ" not in caplog.text


async def test_a_foreign_tenant_is_forbidden(door):
    activity = door.peer.activity(channelData={"tenant": {"id": OTHER_TENANT}})
    status, text = await door.send(activity)
    assert (status, "ASSENT_TEAMS_TENANTS" in text) == (403, True)
    assert not door.heard


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_answered(door, method):
    assert (await door.send("", {}, method))[0] == 405


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_read(door, kind):
    headers = door.peer.bearer() | {"Content-Type": kind}
    assert (await door.send(json.dumps(door.peer.activity()), headers))[0] == 415


def deep(levels: int) -> dict[str, Any]:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return {"value": value}


@pytest.mark.parametrize(
    "body", ["{", "", "null", "[]", '"text"', "7", "[" * 100_000, b"\xff\xfe\x00", '{"a": }']
)
async def test_malformed_bodies_are_refused_even_with_a_token(door, body):
    status, text = await door.send(body)
    assert status == 400
    assert len(text) < 100


@pytest.mark.parametrize(
    "changes",
    [
        {"type": None}, {"type": ""}, {"type": 7}, {"id": ["x"]}, {"id": "x" * 501}, {"name": {}},
        {"text": 7}, {"text": ["x"]}, {"from": "29:dana"}, {"from": {"id": 7}}, {"entities": {}},
        {"conversation": {"id": [], "tenantId": TENANT}}, {"recipient": []}, {"attachments": "x"},
        {"membersAdded": 7}, {"replyToId": {}}, {"timestamp": "yesterday"}, {"entities": [7]},
        {"localTimestamp": 7}, {"membersAdded": [["x"]]}, {"suggestedActions": "x"}, deep(70),
    ],
)  # fmt: skip
async def test_shapes_that_teams_never_sends_are_refused(door, changes, caplog):
    status, text = await door.send(door.peer.activity(**changes))
    assert status == 400
    assert len(text) < 100
    assert not door.heard
    assert SECRET_WORDS not in caplog.text


@pytest.mark.parametrize(
    "changes", [{"channelData": "x"}, {"conversation": 7, "channelData": None}]
)
async def test_a_tenant_in_a_wrong_shape_is_none(door, changes):
    assert (await door.send(door.peer.activity(**changes)))[0] in (400, 403)
    assert not door.heard


async def test_a_card_within_a_card_is_not_too_deep(door):
    assert (await door.send(door.peer.activity(**deep(40))))[0] == 200


async def test_40000_characters_come_through_whole(door):
    await door.send(door.peer.activity(text="☃" * 40_000))
    assert len(door.heard[0]["text"]) == 40_000


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_an_oversized_body_is_refused(door, is_chunked):
    async def chunks():
        for _ in range(1_100):
            yield b" " * 1_024

    body = chunks() if is_chunked else b" " * (1024 * 1024 + 1)
    try:
        status, _ = await door.send(body)
    except aiohttp.ClientOSError:
        return  # the door closed while we were still pushing
    assert status == 413


async def test_a_body_that_trickles_is_cut_off(door, monkeypatch):
    monkeypatch.setattr(teams_http, "BODY_SECONDS_MAX", 0.1)

    async def trickle():
        yield b'{"type": '
        await asyncio.sleep(1.0)
        yield b'"message"}'

    assert (await door.send(trickle()))[0] == 408


async def test_a_strangers_body_is_not_waited_for(door, monkeypatch):
    """Who has no token is turned away before a byte of the body was kept."""

    async def endless():
        yield b"{"
        await asyncio.sleep(5.0)

    started = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/json"}
        async with session.post(door.url, data=endless(), headers=headers) as answer:
            assert answer.status == 401
    assert time.perf_counter() - started < 1.0


async def test_nothing_is_acknowledged_that_was_not_stored(door):
    door.failing = NotStoredError("the store is away")
    assert (await door.send(door.peer.activity()))[0] == 503
    door.failing = None
    assert (await door.send(door.peer.activity()))[0] == 200


@pytest.mark.parametrize("error", [RuntimeError(SECRET_WORDS), ValueError("x"), KeyError("x")])
async def test_what_fails_inside_is_tried_again_later_and_told_to_nobody(door, error):
    door.failing = error
    status, text = await door.send(door.peer.activity())
    assert status == 503
    assert SECRET_WORDS not in text


async def test_an_answer_that_is_no_json_is_a_failure_inside(door):
    door.answer = Answer(200, object())
    assert (await door.send(door.peer.invoke()))[0] == 503


async def test_without_keys_the_door_asks_to_come_again(door):
    door.peer.breaks("metadata", Fault(500, {}))
    assert (await door.send(door.peer.activity()))[0] == 503
    assert not door.heard


async def test_two_headers_of_authorization_are_no_token(door):
    headers = [
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer a.b.c"),
        ("Authorization", door.peer.bearer()["Authorization"]),
    ]
    async with (
        aiohttp.ClientSession() as session,
        session.post(door.url, json=door.peer.activity(), headers=headers) as answer,
    ):
        assert answer.status in (400, 401)


ODD = (None, "", "x", "\ud800", "\x00", 0, -1, 10**30, 1.5, True, [], {}, [[]], [None], {"id": {}},
       {"": ""}, ["x"] * 50, "x" * 600, float("nan"))  # fmt: skip


def spoiled(value: Any, chance: random.Random) -> Any:
    """The same JSON with one part of it replaced by something odd."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.2:
        return chance.choice(ODD)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        return [*value[:at], spoiled(value[at], chance), *value[at + 1 :]]
    name = chance.choice(sorted(value))
    return value | {name: spoiled(value[name], chance)}


@pytest.mark.slow
async def test_an_activity_that_is_spoiled_anywhere_never_fails_inside(door):
    """Through the seam as well: what the SDK cannot read is refused, or comes through whole."""
    chance, seen = random.Random(4711), set()
    for number in range(300):
        whole = door.peer.invoke() if number % 2 else door.peer.activity()
        whole |= {"membersAdded": [{"id": "29:x"}], "attachments": [{"contentType": "x"}],
                  "localTimestamp": "2026-11-23T05:00:00+01:00", "locale": "en"}  # fmt: skip
        status, text = await door.send(json.dumps(spoiled(whole, chance)))
        assert status in (200, 400, 401, 403), (status, text)
        assert len(text) < 200
        seen.add(status)
    assert seen == {200, 400, 401, 403}


def test_a_door_that_would_believe_every_tenant_is_not_built():
    teams = replace(Peer("http://127.0.0.1:9").settings, tenants=())

    async def turn(activity, claims):
        return None

    with pytest.raises(ValueError, match="allow-list"):
        TeamsDoor(ChannelTokens(teams), teams, turn)


@pytest.mark.slow
async def test_fifty_invokes_a_second_are_answered_within_100_ms(door):
    door.answer = Answer(200, {"statusCode": 200})
    await door.send(door.peer.invoke())
    took: list[float] = []

    async def one(number: int, session: aiohttp.ClientSession) -> None:
        await asyncio.sleep(number / 50)
        started = time.perf_counter()
        async with session.post(
            door.url, json=door.peer.invoke(), headers=door.peer.bearer()
        ) as answer:
            assert answer.status == 200
        took.append(time.perf_counter() - started)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(number, session) for number in range(150)))
    took.sort()
    print(f"answered p50 {took[75] * 1000:.1f} ms, p99 {took[148] * 1000:.1f} ms")
    assert took[75] < 0.1

"""HTTP delivery at the byte level: signatures, handshakes, forms, retries."""

import asyncio
import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.workspace.settings import WorkspaceSettings


class Receiver:
    """A request URL that records what it gets and answers what it is told."""

    def __init__(self):
        self.seen = []
        self.answers = []
        self.news = asyncio.Event()

    async def take(self, request):
        self.seen.append((await request.text(), dict(request.headers)))
        self.news.set()
        if not self.answers:
            return web.Response()
        answer = self.answers.pop(0)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def nth(self, number):
        async with asyncio.timeout(4):
            while len(self.seen) < number:
                self.news.clear()
                await self.news.wait()
        return self.seen[number - 1]


@pytest.fixture
async def receiver(unused_port):
    made = Receiver()
    application = web.Application()
    application.router.add_post("/slack/events", made.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_port).start()
    yield made
    await runner.cleanup()


@pytest.fixture
async def world(settings, unused_port, kit):
    url = f"http://127.0.0.1:{unused_port}/slack/events"
    async with kit.running(replace(settings, delivery="http", request_url=url)) as made:
        yield made


async def test_every_request_is_signed_as_slack_signs(world, receiver):
    await world.hand.do("say", channel="support-ops", text="@Assent grüße 🎉 <x>")
    body, headers = await receiver.nth(1)
    verifier = SignatureVerifier(world.address["signing_secret"])
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + " ", headers)
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["type"] == "event_callback"
    assert "X-Slack-Retry-Num" not in headers


async def test_commands_are_plain_forms_and_clicks_are_payload_forms(world, receiver):
    await world.hand.do("command", channel="support-ops", text="/assent run R-1 & more")
    form = parse_qs((await receiver.nth(1))[0])
    assert form["text"] == ["run R-1 &amp; more"], "the app asked for escaped text"
    assert form["channel_name"] == ["support-ops"]
    assert form["response_url"][0].startswith(world.address["url"])
    _, said = await world.hand.do("say", channel="random", text="x")
    await world.hand.do("shortcut", channel="random", ts=said["ts"], callback_id="ask_assent")
    payload = json.loads(parse_qs((await receiver.nth(2))[0])["payload"][0])
    assert payload["type"] == "message_action"
    assert payload["message_ts"] == said["ts"]


async def test_failures_are_retried_with_number_and_reason(world, receiver):
    receiver.answers = [web.Response(status=500), asyncio.sleep(3, web.Response())]
    await world.hand.do("say", channel="support-ops", text="@Assent again")
    await receiver.nth(3)
    retries = [
        (headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason"))
        for _, headers in receiver.seen
    ]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_timeout")]


async def test_no_retry_is_honoured_and_redirects_are_not_followed(world, receiver):
    receiver.answers = [web.Response(status=500, headers={"X-Slack-No-Retry": "1"})]
    await world.hand.do("say", channel="support-ops", text="@Assent once")
    await receiver.nth(1)

    async def settled():
        return world.server.workspace.outbox.waiting() == 0

    await world.hand.until(settled)
    assert len(receiver.seen) == 1
    receiver.answers = [web.Response(status=302, headers={"Location": "/slack/events"})]
    status, _ = await world.hand.do("command", channel="support-ops", text="/assent help")
    assert status == 502
    assert len(receiver.seen) == 2


async def test_the_handshake_checks_the_challenge(world, receiver):
    url = world.address["url"] + "/control/verify-url"
    answer = await (await world.hand.session.post(url)).json()
    assert answer["url_verification"] == {"is_ok": False, "reason": "challenge_failed"}
    assert answer["ssl_check"]["is_ok"]
    assert parse_qs(receiver.seen[1][0])["ssl_check"] == ["1"]


async def test_bolt_passes_the_handshake(settings, unused_port, kit):
    url = f"http://127.0.0.1:{unused_port}/slack/events"
    async with (
        kit.running(replace(settings, delivery="http", request_url=url)) as world,
        kit.http_bot(kit.bolt(world), unused_port),
    ):
        post = world.hand.session.post(world.address["url"] + "/control/verify-url")
        answer = await (await post).json()
    assert answer["url_verification"]["is_ok"]
    assert answer["ssl_check"]["is_ok"]


async def test_socket_mode_is_closed_under_http_delivery(world):
    bearer = {"Authorization": f"Bearer {world.address['app_token']}"}
    url = world.address["api_base"] + "apps.connections.open"
    answer = await (await world.hand.session.post(url, headers=bearer)).json()
    assert answer["error"] == "socket_mode_not_enabled"


def test_http_delivery_without_an_address_is_refused(tmp_path):
    with pytest.raises(ValueError, match="give request_url"):
        WorkspaceSettings(state=tmp_path, delivery="http")

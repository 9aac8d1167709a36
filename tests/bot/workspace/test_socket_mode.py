"""Socket Mode at the frame level: one-use addresses, one receiver, redelivery, waiting events."""

import asyncio
import json

import aiohttp
import pytest


async def _open(world, session):
    bearer = {"Authorization": f"Bearer {world.address['app_token']}"}
    url = world.address["api_base"] + "apps.connections.open"
    opened = await (await session.post(url, headers=bearer)).json()
    socket = await session.ws_connect(opened["url"])
    hello = await asyncio.wait_for(socket.receive_json(), 2)
    assert hello["type"] == "hello"
    return opened["url"], socket, hello


async def _frame(socket, timeout_seconds=2.0):
    return await asyncio.wait_for(socket.receive_json(), timeout_seconds)


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as made:
        yield made


async def test_a_socket_address_serves_once(world, session):
    url, socket, hello = await _open(world, session)
    assert hello["num_connections"] == 1
    assert hello["connection_info"]["app_id"] == world.address["api_app_id"]
    for used in (url, url.replace("ticket=", "ticket=x")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(used)
        assert caught.value.status == 403
    await socket.close()


async def test_each_envelope_goes_to_one_connection(world, session):
    sockets = [(await _open(world, session))[1] for _ in range(2)]
    for number in range(4):
        await world.hand.do("say", channel="support-ops", text=f"@Assent {number}")
    seen = []
    for socket in sockets:
        for _ in range(2):
            frame = await _frame(socket)
            assert frame["type"] == "events_api"
            assert frame["accepts_response_payload"] is False
            await socket.send_json({"envelope_id": frame["envelope_id"]})
            seen.append(frame["payload"]["event_id"])
    assert len(set(seen)) == 4


async def test_events_wait_for_the_bot_and_survive_a_restart_of_the_workspace(kit, settings):
    async with kit.running(settings) as world:
        for number in range(3):
            await world.hand.do("say", channel="support-ops", text=f"@Assent {number}")
        first = world.address
    async with kit.running(settings) as world, aiohttp.ClientSession() as session:
        again = world.address
        for kept in ("bot_token", "app_token", "signing_secret", "url"):
            assert again[kept] == first[kept]
        assert again["page_token"] != first["page_token"]
        _, socket, _ = await _open(world, session)
        texts = []
        for _ in range(3):
            frame = await _frame(socket)
            texts.append(frame["payload"]["event"]["text"][-1])
            await socket.send_json({"envelope_id": frame["envelope_id"]})
        assert sorted(texts) == ["0", "1", "2"]


async def test_what_a_dying_connection_held_goes_to_the_next(world, session):
    _, socket, _ = await _open(world, session)
    await world.hand.do("say", channel="support-ops", text="@Assent hold this")
    held = await _frame(socket)
    again = held
    for _ in range(6):  # more often than an event is retried: a crashing bot loses nothing
        await socket.close()
        _, socket, _ = await _open(world, session)
        again = await _frame(socket)
        assert again["payload"]["event_id"] == held["payload"]["event_id"]
    assert again["envelope_id"] != held["envelope_id"]
    await socket.send_json({"envelope_id": again["envelope_id"]})
    await world.hand.until(lambda: _settled(world))


async def _settled(world):
    return world.server.workspace.outbox.waiting() == 0


@pytest.mark.slow
async def test_an_unacknowledged_event_comes_again_and_is_given_up_after_three_retries(
    world, session
):
    _, socket, _ = await _open(world, session)
    await world.hand.do("say", channel="support-ops", text="@Assent nobody acks")
    attempts = [await _frame(socket, 3) for _ in range(4)]
    assert [frame["retry_attempt"] for frame in attempts] == [0, 1, 2, 3]
    assert [frame["retry_reason"] for frame in attempts] == ["", *["http_timeout"] * 3]
    await world.hand.until(lambda: _settled(world))


async def test_nonsense_from_a_client_is_ignored(world, session):
    _, socket, _ = await _open(world, session)
    for nonsense in ("{", "[]", '"x"', '{"envelope_id": 7}', json.dumps({"envelope_id": "no"})):
        await socket.send_str(nonsense)
    await socket.send_bytes(b"\x00")
    await socket.ping()
    await world.hand.do("say", channel="support-ops", text="@Assent still there?")
    assert (await _frame(socket))["type"] == "events_api"


async def test_a_disconnect_is_announced_and_bolt_comes_back(world, kit):
    app = kit.bolt(world)
    heard = asyncio.Queue()

    @app.event("app_mention")
    async def mentioned(event):
        heard.put_nowait(event["text"])

    async with kit.socket_bot(world, app):
        status = await world.hand.session.post(
            world.address["url"] + "/control/drop-sockets", json={"polite": True}
        )
        assert status.status == 200
        await world.hand.do("say", channel="support-ops", text="@Assent after the break")
        assert "after the break" in await asyncio.wait_for(heard.get(), 5)


async def test_a_click_without_a_bot_says_so_and_is_not_kept(world):
    button = {
        "type": "button",
        "action_id": "go",
        "text": {"type": "plain_text", "text": "Go"},
    }
    posted = await world.card([{"type": "actions", "block_id": "b", "elements": [button]}])
    status, answer = await world.hand.do(
        "press", channel="support-ops", ts=posted["ts"], block_id="b", action_id="go"
    )
    assert status == 503
    assert "not connected" in answer["error"]
    assert world.server.workspace.outbox.waiting() == 0

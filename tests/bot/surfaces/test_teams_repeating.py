"""What the sender repeats: only what is safe to, never for long, and never beyond the queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cards.adaptive import Rendered
from bot.surfaces import teams_calls
from bot.surfaces.errors import Busy, Gone, Refused
from bot.surfaces.teams import BotFramework
from tests.bot.surfaces.teams_peer import CHANNEL, Fault
from tests.bot.surfaces.teams_sending import CARD, GROUP, World, place, sending

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with sending(tmp_path) as made:
        yield made


def limited(seconds: str) -> Fault:
    return Fault(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": seconds})


@pytest.mark.parametrize("fault", [Fault(412, {}), limited("1")])
async def test_what_was_refused_as_a_whole_is_posted_again(world, fault):
    world.known()
    world.peer.breaks("service", fault)
    await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2
    assert len(world.peer.posted) == 1


@pytest.mark.parametrize("status", [412, 502, 504])
async def test_an_update_is_repeated(world, status):
    world.known()
    world.peer.breaks("service", Fault(status, {}), Fault(status, {}))
    await world.sender.update(place(), "1", CARD)
    assert len(world.peer.calls) == 3


async def test_a_refusal_that_does_not_end_is_the_callers(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_PATIENCE_SECONDS", 0.5)
    world.known()
    world.peer.breaks("service", *[Fault(412, {})] * 20)
    with pytest.raises(Busy):
        await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 2


async def test_a_long_limit_is_the_callers_and_holds_the_conversation(world):
    world.known()
    world.known(GROUP, "group")
    world.peer.breaks("service", limited("60"))
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert raised.value.retry_after_seconds == 60.0
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert raised.value.retry_after_seconds > 50.0
    assert len(world.peer.calls) == 1
    await world.sender.post(place(GROUP, ""), CARD)


@pytest.mark.parametrize(
    "wait", ["-1", "soon", "1.5", "", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"]
)
async def test_a_wait_of_any_shape_is_bounded(world, wait):
    world.known()
    world.peer.breaks("service", *[limited(wait)] * 9)
    with pytest.raises(Busy) as raised:
        await world.sender.post(place(), CARD)
    assert 0 < raised.value.retry_after_seconds <= 3_600


@pytest.mark.parametrize(
    "fault",
    [Fault(502, {}, is_done=True), Fault(504, {}, is_done=True), Fault(is_cut=True, is_done=True),
     Fault(200, b"<html>", is_done=True)],
)  # fmt: skip
async def test_a_post_whose_answer_is_lost_is_not_posted_twice_here(world, fault):
    world.known()
    world.peer.breaks("service", fault)
    with pytest.raises(Busy):
        await world.sender.post(place(), CARD)
    assert len(world.peer.posted) == 1


async def test_a_hanging_service_is_left(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_TIMEOUT_SECONDS", 0.1)
    world.known()
    world.peer.breaks("service", Fault(delay_seconds=30.0))
    with pytest.raises(Busy, match="did not answer"):
        await world.sender.post(place(), CARD)


async def test_a_call_with_all_its_repeats_is_bounded(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_SECONDS_MAX", 0.6)
    world.known()
    world.peer.breaks("service", *[Fault(504, {}, delay_seconds=0.2)] * 9)
    with pytest.raises(Busy, match="did not answer"):
        await world.sender.update(place(), "1", CARD)


async def test_a_service_that_is_away_is_tried_again_because_nothing_has_left(world, monkeypatch):
    monkeypatch.setattr(teams_calls, "CALL_PATIENCE_SECONDS", 0.5)
    teams = world.peer.settings
    away = "http://127.0.0.1:9/teams/"
    object.__setattr__(teams, "services", (away,))
    framework = BotFramework(teams, world.tokens)
    with pytest.raises(Busy, match="cannot be reached"):
        await framework.send(away, CHANNEL, {"type": "message"})
    await framework.close()


async def test_a_token_that_is_not_taken_is_renewed_once(world):
    world.known()
    await world.sender.post(place(), CARD)
    world.peer.revoked = {"token-1"}
    await asyncio.gather(*(world.sender.update(place(), str(n), CARD) for n in range(5)))
    assert len(world.peer.logins) == 2
    world.peer.revoked = {"token-1", "token-2", "token-3"}
    with pytest.raises(Busy, match="new token"):
        await world.sender.post(place(), CARD)
    world.tokens._next_forced_at = 0.0
    with pytest.raises(Gone, match="ASSENT_TEAMS_APP_ID"):
        await world.sender.post(place(), CARD)
    assert len(world.peer.logins) == 3
    assert not world.is_gone(CHANNEL)


async def test_nothing_that_is_sent_is_logged(world, caplog):
    caplog.set_level(logging.DEBUG)
    world.known()
    secret = Rendered({**CARD.card, "fallbackText": "attack at dawn"}, "attack at dawn")
    world.peer.breaks(
        "service", Fault(400, {"error": {"code": "a b", "message": "attack at dawn"}})
    )
    with pytest.raises(Refused) as raised:
        await world.sender.post(place(), secret)
    await world.sender.post(place(), secret)
    await world.sender.say(place(), "attack at dawn")
    assert "attack" not in caplog.text + str(raised.value)
    assert "token-1" not in caplog.text


async def test_too_large_a_card_is_refused_and_never_again(world):
    world.known()
    world.peer.breaks("service", Fault(413, {"error": {"code": "MessageSizeTooBig"}}))
    with pytest.raises(Refused):
        await world.sender.post(place(), CARD)
    assert len(world.peer.calls) == 1


async def test_a_burst_is_given_back_where_the_queue_is_full(world):
    world.known()
    tasks = [asyncio.create_task(world.sender.say(place(), f"{n}")) for n in range(80)]
    async with asyncio.timeout(5.0):
        while sum(task.done() for task in tasks) < 50 or len(world.peer.posted) < 7:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, Busy)]
    assert {each.code for each in refused} == {"queue_full"}
    assert len(refused) > 40

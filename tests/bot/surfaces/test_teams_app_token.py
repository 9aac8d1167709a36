"""The bot's own token: asked for once, renewed ahead of its end, and told to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.surfaces import teams_fetch, teams_keys, teams_tokens
from bot.surfaces.errors import Busy, Gone
from bot.surfaces.teams_tokens import AppTokens
from tests.bot.surfaces.teams_peer import (
    APP,
    SECRET,
    Fault,
    Peer,
    around,
)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with around() as made:
        yield made


@pytest.fixture
async def own(peer: Peer) -> AsyncIterator[AppTokens]:
    made = AppTokens(peer.settings)
    yield made
    await made.close()


async def test_the_bots_token_is_asked_for_as_oauth_says(peer, own):
    assert await own.token() == "token-1"
    assert peer.logins == [
        {
            "grant_type": "client_credentials",
            "client_id": APP,
            "client_secret": SECRET,
            "scope": "https://api.botframework.com/.default",
        }
    ]


async def test_the_bots_token_is_asked_for_once_by_many(peer, own):
    peer.breaks("login", Fault(delay_seconds=0.05))
    assert set(await asyncio.gather(*(own.token() for _ in range(50)))) == {"token-1"}
    assert await own.token() == "token-1"
    assert len(peer.logins) == 1


async def test_the_bots_token_is_renewed_ahead_of_its_end_and_serves_meanwhile(peer, own):
    peer.life_seconds = 400
    assert await own.token() == "token-1"
    assert not own._renewing.is_busy
    own._renew_at = 0.0  # 100 s have passed
    peer.breaks("login", Fault(delay_seconds=0.2))
    assert await own.token() == "token-1"
    assert own._renewing.is_busy
    await own._renewing.join()
    assert await own.token() == "token-2"


async def test_a_login_that_is_away_stops_no_token_in_force(peer, own):
    await own.token()
    own._renew_at = 0.0
    peer.breaks("login", Fault(503, {}))
    assert await own.token() == "token-1"
    with pytest.raises(Busy):
        await own._renewing.join()
    for _ in range(10):
        assert await own.token() == "token-1"
    assert len(peer.logins) == 2


async def test_a_refused_token_is_renewed_once_by_many(peer, own):
    refused = await own.token()
    renewed = await asyncio.gather(*(own.renewed(refused) for _ in range(20)))
    assert set(renewed) == {"token-2"}
    assert await own.renewed("token-2") == "token-2"  # just renewed: not again so soon
    own._next_forced_at = 0.0
    assert await own.renewed(refused) == "token-2"  # there is another one already
    assert len(peer.logins) == 2
    assert await own.renewed("token-2") == "token-3"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(401, {"error": "invalid_client", "error_description": f"{SECRET} is wrong"}), Gone),
        (Fault(400, {"error": "unauthorized_client"}), Gone), (Fault(400, {"error": SECRET}), Gone),
        (Fault(400, {"error": ["x"]}), Gone), (Fault(429, {}), Busy), (Fault(500, {}), Busy),
        (Fault(408, {}), Busy), (Fault(302, {}, {"Location": "http://127.0.0.1:9/"}), Busy),
        (Fault(200, b"<html>"), Busy), (Fault(200, {"access_token": 7}), Busy),
        (Fault(200, {"access_token": "a\r\nb"}), Busy), (Fault(200, {"access_token": ""}), Busy),
        (Fault(200, []), Busy), (Fault(is_cut=True), Busy),
    ],
)  # fmt: skip
async def test_a_login_without_a_token_is_an_error_of_ours(peer, own, fault, error, caplog):
    peer.breaks("login", fault)
    with pytest.raises(error) as raised:
        await own.token()
    assert type(raised.value) is error
    assert SECRET not in caplog.text + str(raised.value)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ([7000215], "(invalid_client, AADSTS7000215)"),
        ([7000229, 50011], "(invalid_client, AADSTS7000229, AADSTS50011)"),
        ([1, 2, 3, 4], "(invalid_client, AADSTS1, AADSTS2, AADSTS3)"),
        ([SECRET, True, -1, 10**400, 1.5, None], "(invalid_client)"),
        (SECRET, "(invalid_client)"), ({"7": 7}, "(invalid_client)"), (None, "(invalid_client)"),
    ],
)  # fmt: skip
async def test_a_refusal_of_the_login_is_named_by_its_number(peer, own, codes, said):
    peer.breaks("login", Fault(401, {"error": "invalid_client", "error_codes": codes}))
    with pytest.raises(Gone) as raised:
        await own.token()
    assert said in str(raised.value)


async def test_a_login_that_refused_is_not_hammered(peer, own):
    peer.breaks("login", Fault(401, {"error": "invalid_client"}))
    for _ in range(20):
        with pytest.raises(Gone, match="ASSENT_TEAMS_APP_SECRET"):
            await own.token()
    assert len(peer.logins) == 1
    own._next_at = 0.0
    assert await own.token() == "token-2"


async def test_a_hanging_login_is_left(peer, own, monkeypatch):
    monkeypatch.setattr(teams_fetch, "FETCH_SECONDS_MAX", 0.1)
    peer.breaks("login", Fault(delay_seconds=30.0))
    with pytest.raises(Busy, match="did not answer within"):
        await own.token()


@pytest.mark.parametrize("life", ["3600", 3600.5, None, -1, "x", [], float("nan"), 10**30, True])
async def test_a_life_of_any_shape_is_bounded(peer, own, life):
    peer.life_seconds = life
    assert await own.token() == "token-1"
    left = own._until - asyncio.get_running_loop().time()
    assert 0 < left <= teams_tokens.LIFE_SECONDS_MAX
    assert len(peer.logins) == 1


def test_the_secret_is_in_no_repr():
    peer = Peer("http://127.0.0.1:9")
    assert SECRET not in repr(peer.settings) + repr(AppTokens(peer.settings))
    assert teams_keys.FRESH_SECONDS == 86_400

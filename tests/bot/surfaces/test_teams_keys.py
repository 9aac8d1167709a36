"""Keys of the channel service: had once, renewed in the background, and never from elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from bot.surfaces import teams_fetch, teams_keys
from bot.surfaces.teams_keys import KeysAwayError
from bot.surfaces.teams_tokens import ChannelTokens
from bot.surfaces.teams_wire import NotAuthentic
from tests.bot.surfaces.teams_peer import (
    APP,
    Fault,
    Peer,
    around,
    jwk,
)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with around() as made:
        yield made


@pytest.fixture
async def tokens(peer: Peer) -> AsyncIterator[ChannelTokens]:
    made = ChannelTokens(peer.settings)
    yield made
    await made.close()


async def believed(tokens: ChannelTokens, peer: Peer, token: str, **changes):
    genuine = await tokens.genuine(f"Bearer {token}")
    return tokens.about(genuine, peer.activity(**changes))


async def test_a_rotated_key_is_found_at_once(peer, tokens):
    await believed(tokens, peer, peer.token("one"))
    peer.keys = [jwk("two")]
    await believed(tokens, peer, peer.token("two"))
    assert peer.fetched == 2
    with pytest.raises(NotAuthentic, match="unknown key"):
        await believed(tokens, peer, peer.token("one"))


async def test_a_flood_of_unknown_keys_fetches_once(peer, tokens):
    peer.breaks("metadata", Fault(delay_seconds=0.05))
    floods = [
        tokens.genuine(f"Bearer {peer.token('one', headers={'kid': f'forged-{number}'})}")
        for number in range(200)
    ]
    outcomes = await asyncio.gather(*floods, return_exceptions=True)
    assert {type(each) for each in outcomes} == {NotAuthentic}
    assert peer.fetched == 1
    for number in range(50):
        with pytest.raises((NotAuthentic, KeysAwayError)):
            await tokens.genuine(f"Bearer {peer.token('one', headers={'kid': f'late-{number}'})}")
    assert peer.fetched == teams_keys.FETCHES_AT_ONCE_MAX
    await believed(tokens, peer, peer.token("one"))


async def test_unknown_keys_are_looked_for_again_after_a_while(peer):
    tokens = ChannelTokens(peer.settings, refetch_seconds=0.2)
    for _ in range(teams_keys.FETCHES_AT_ONCE_MAX):
        with pytest.raises(NotAuthentic):
            await tokens.genuine(f"Bearer {peer.token('two')}")
    peer.keys = [jwk("two")]
    with pytest.raises(KeysAwayError, match="a moment ago"):
        await tokens.genuine(f"Bearer {peer.token('two')}")
    await asyncio.sleep(0.21)
    await tokens.genuine(f"Bearer {peer.token('two')}")
    assert peer.fetched == teams_keys.FETCHES_AT_ONCE_MAX + 1


BROKEN = [
    Fault(500, {}), Fault(302, {}, {"Location": "/metadata"}), Fault(200, b"<html>"),
    Fault(200, b"[" * 100_000), Fault(200, []), Fault(200, {"jwks_uri": 7}),
    Fault(200, {"jwks_uri": "http://127.0.0.1:9/keys"}),
    Fault(200, {"jwks_uri": "file:///etc/passwd"}),
    Fault(200, {"jwks_uri": "http://[::1"}), Fault(200, b"x" * (2 * 1024 * 1024)),
    Fault(is_cut=True),
]  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
async def test_without_keys_nothing_can_be_said(peer, tokens, fault):
    peer.breaks("metadata", fault, fault)  # aiohttp asks again where a connection was cut
    with pytest.raises(KeysAwayError):
        await tokens.genuine(f"Bearer {peer.token()}")


@pytest.mark.parametrize(
    "published",
    [
        [], "text", None, [7, None, "x", []], [jwk("one", kty="EC")], [jwk("one", n=None)],
        [jwk("one", n="!")], [jwk("one", kid=7)], [jwk("one", e="AQAB", n="AQAB")],
        [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}], [jwk("short", bits=1024)],
    ],
)  # fmt: skip
async def test_keys_that_cannot_be_used_are_as_none(peer, tokens, published):
    peer.keys = published
    with pytest.raises(KeysAwayError):
        await tokens.genuine(f"Bearer {peer.token()}")


async def test_one_bad_key_spoils_no_other(peer, tokens):
    peer.keys = [jwk("bad", n="!"), {"kty": "RSA"}, jwk("one")]
    await believed(tokens, peer, peer.token())


async def test_a_dead_host_of_metadata_stops_no_token_of_a_known_key(peer, tokens, caplog):
    await believed(tokens, peer, peer.token())
    keys = tokens._keys
    keys._fresh_until = 0.0  # a day has passed
    peer.breaks("metadata", *[Fault(500, {})] * 5)
    for _ in range(20):
        await believed(tokens, peer, peer.token())
    async with asyncio.timeout(5.0):
        while peer.fetched < 2 or keys._fetching.is_busy:
            await asyncio.sleep(0.01)
    assert peer.fetched <= 1 + teams_keys.FETCHES_AT_ONCE_MAX
    assert "could not be fetched" in caplog.text
    await believed(tokens, peer, peer.token())


async def test_old_keys_serve_while_new_ones_are_fetched(peer, tokens):
    await believed(tokens, peer, peer.token())
    keys = tokens._keys
    keys._fresh_until = 0.0
    peer.keys = [jwk("two")]
    peer.breaks("metadata", Fault(delay_seconds=0.3))
    started = time.perf_counter()
    await believed(tokens, peer, peer.token("one"))
    assert time.perf_counter() - started < 0.2
    assert keys._fetching.is_busy
    await keys._fetching.join()
    await believed(tokens, peer, peer.token("two"))
    assert peer.fetched == 2


async def test_a_hanging_host_of_metadata_holds_nobody_for_long(peer, tokens, monkeypatch):
    monkeypatch.setattr(teams_fetch, "FETCH_SECONDS_MAX", 0.2)
    await believed(tokens, peer, peer.token())
    peer.breaks("metadata", Fault(delay_seconds=30.0))
    asking = asyncio.create_task(tokens.genuine(f"Bearer {peer.token('two')}"))
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    await believed(tokens, peer, peer.token("one"))
    assert time.perf_counter() - started < 0.1
    with pytest.raises(KeysAwayError):
        await asking


async def test_who_stops_asking_stops_nobody_elses_fetch(peer, tokens):
    peer.breaks("metadata", Fault(delay_seconds=0.2))
    first = asyncio.create_task(tokens.genuine(f"Bearer {peer.token()}"))
    second = asyncio.create_task(tokens.genuine(f"Bearer {peer.token()}"))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).claims["aud"] == APP
    assert peer.fetched == 1


async def test_keys_are_taken_from_nowhere_less_safe_than_their_metadata(peer, tokens):
    elsewhere = peer.url.replace("127.0.0.1", "localhost")
    peer.breaks("metadata", Fault(200, {"jwks_uri": f"{elsewhere}/keys"}))
    with pytest.raises(KeysAwayError):
        await tokens.genuine(f"Bearer {peer.token()}")

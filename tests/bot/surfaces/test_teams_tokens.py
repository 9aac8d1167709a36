"""Tokens of the channel service: which are believed, and for what."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections.abc import AsyncIterator

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import TEAMS_SERVICES
from bot.surfaces.teams_keys import KeysAwayError
from bot.surfaces.teams_services import is_served
from bot.surfaces.teams_tokens import ChannelTokens
from bot.surfaces.teams_wire import NotAllowed, NotAuthentic
from tests.bot.surfaces.teams_peer import (
    APP,
    OTHER_TENANT,
    TENANT,
    Peer,
    around,
    jwk,
    private_key,
    public_pem,
)

NOW = int(time.time())


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


def timed(claims: dict[str, object]) -> dict[str, object]:
    """Claims whose moments are written as seconds from now, however long other tests took."""
    is_moment = {
        name: name in {"exp", "nbf", "iat"} and type(v) is int for name, v in claims.items()
    }
    return {name: int(time.time()) + v if is_moment[name] else v for name, v in claims.items()}


async def test_a_token_of_the_channel_service_is_believed(peer, tokens):
    claims = await believed(tokens, peer, peer.token())
    assert claims["serviceurl"] == peer.service_url
    assert peer.fetched == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://sts.windows.net/x/"}, {"iss": None}, {"iss": ""},
        {"aud": "another app"}, {"aud": None}, {"aud": [APP]}, {"aud": [APP, "another"]},
        {"exp": -301}, {"exp": None}, {"exp": "never"}, {"exp": float("inf")}, {"exp": [1]},
        {"nbf": 301 + 60}, {"nbf": None}, {"nbf": "x"}, {"iat": 4_000},
        {"serviceurl": "https://evil.example/"}, {"serviceurl": None}, {"serviceurl": 7},
    ],
)  # fmt: skip
async def test_claims_that_are_not_as_they_must_be_are_refused(peer, tokens, claims):
    with pytest.raises(NotAuthentic):
        await believed(tokens, peer, peer.token(**timed(claims)))


@pytest.mark.parametrize("claims", [{"exp": -240}, {"nbf": 240}])
async def test_clocks_may_differ_by_five_minutes(peer, tokens, claims):
    await believed(tokens, peer, peer.token(**timed(claims)))


def forged(algorithm: str, key: str | bytes, header: dict[str, str] | None = None) -> str:
    """A token with a signature of another kind; made by hand, as PyJWT would not make some."""
    import hashlib
    import hmac

    head = {"alg": algorithm, "typ": "JWT", "kid": "one"} | (header or {})
    body = {
        "iss": "https://api.botframework.com", "aud": APP, "nbf": NOW, "exp": NOW + 3_600,
        "serviceurl": "x",
    }  # fmt: skip
    encoded = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (head, body)
    )
    raw = key if isinstance(key, bytes) else key.encode()
    signature = hmac.new(raw, encoded.encode(), hashlib.sha256).digest() if key else b""
    return f"{encoded}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "token",
    [
        forged("none", ""), forged("None", ""), forged("HS256", public_pem("one")),
        forged("RS256", public_pem("one")), forged("HS256", "secret"), forged("", ""),
        forged("RS256", "", {"jwk": "x", "jku": "http://127.0.0.1:9/", "x5u": "http://127.0.0.1/"}),
    ],
)  # fmt: skip
async def test_a_signature_that_is_not_the_keys_is_refused(peer, tokens, token):
    with pytest.raises(NotAuthentic):
        await tokens.genuine(f"Bearer {token}")


async def test_only_rs256_is_taken_even_of_the_right_key(peer, tokens):
    claims = jwt.decode(peer.token(), options={"verify_signature": False})
    for algorithm in ("RS384", "RS512", "PS256"):
        token = jwt.encode(claims, private_key("one"), algorithm, headers={"kid": "one"})
        with pytest.raises(NotAuthentic):
            await believed(tokens, peer, token)


async def test_the_key_of_somebody_else_under_a_known_id_is_refused(peer, tokens):
    with pytest.raises(NotAuthentic):
        await believed(tokens, peer, peer.token("two", headers={"kid": "one"}))


def bearing(header: bytes) -> str:
    """A token with a header of any bytes."""
    return f"Bearer {base64.urlsafe_b64encode(header).decode().rstrip('=')}.e30.x"


@pytest.mark.parametrize(
    "header",
    [
        "", "Bearer", "Bearer ", "Bearer  a.b.c", "Basic a.b.c", "Bearer a", "Bearer a.b",
        "Bearer a.b.c.d", "Bearer ..", "Bearer a.b.c x", "Bearer é.b.c", "Bearer a.b.c\x00",
        "bearer", "a.b.c", "Bearer " + "a" * 9_000 + ".b.c", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.x",
        bearing(b"[" * 5_000),
        bearing(b'{"alg":"RS256","kid":7}'),
        bearing(b'{"alg":"RS256","kid":""}'),
        bearing(b'{"alg":["RS256"],"kid":"one"}'),
        bearing(b"[]"),
        bearing(b"null"),
        bearing(b'{"alg":"RS256","kid":"one","crit":["x"]}'),
        bearing(b'{"alg":"RS256","kid":"one","b64":false}'),
    ],
)  # fmt: skip
async def test_a_malformed_header_is_refused(tokens, header):
    with pytest.raises(NotAuthentic):
        await tokens.genuine(header)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.text(max_size=300))
def test_whatever_the_header_it_is_refused_and_nothing_else(text):
    async def attempt():
        tokens = ChannelTokens(Peer("http://127.0.0.1:9").settings)
        with pytest.raises((NotAuthentic, KeysAwayError)):
            await tokens.genuine(text)

    asyncio.run(attempt())


@pytest.mark.parametrize(
    "activity",
    [
        {"serviceUrl": "https://smba.trafficmanager.net/emea/"}, {"serviceUrl": None},
        {"serviceUrl": ["x"]}, {"channelId": "webchat"}, {"channelId": None}, {"channelId": {}},
    ],
)  # fmt: skip
async def test_a_token_serves_for_the_activity_it_was_sent_with_alone(peer, tokens, activity):
    with pytest.raises(NotAuthentic) as raised:
        await believed(tokens, peer, peer.token(), **activity)
    assert not isinstance(raised.value, NotAllowed)


@pytest.mark.parametrize(
    "tenants",
    [
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"conversation": {"id": "x", "tenantId": OTHER_TENANT}},
        {"channelData": {"tenant": {"id": OTHER_TENANT}}, "conversation": {"id": "x"}},
        {"channelData": None, "conversation": None}, {"channelData": [], "conversation": "x"},
        {"channelData": {"tenant": [TENANT]}, "conversation": {"tenantId": [TENANT]}},
        {"channelData": {"tenant": {"id": ""}}, "conversation": {"tenantId": ""}},
    ],
)  # fmt: skip
async def test_a_tenant_that_is_not_on_the_list_is_not_allowed(peer, tokens, tenants):
    with pytest.raises(NotAllowed):
        await believed(tokens, peer, peer.token(), **tenants)


@pytest.mark.parametrize(
    "tenants",
    [
        {"channelData": None}, {"conversation": {"id": "x"}},
        {"channelData": {"tenant": {"id": TENANT.upper()}}},
    ],
)  # fmt: skip
async def test_one_place_that_names_the_tenant_is_enough(peer, tokens, tenants):
    await believed(tokens, peer, peer.token(), **tenants)


async def test_a_key_signs_for_the_channels_it_is_endorsed_for_alone(peer, tokens):
    peer.keys = [jwk("one", endorsements=["webchat"]), jwk("two", endorsements=None)]
    with pytest.raises(NotAuthentic, match="may not sign for msteams"):
        await believed(tokens, peer, peer.token("one"))
    await believed(tokens, peer, peer.token("two"))


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/", "https://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net", "https://SMBA.TrafficManager.net/emea/",
        "https://smba.trafficmanager.net:443/emea/7d1f0a52-0000-4000-8000-00000000aa01/",
    ],
)  # fmt: skip
def test_service_urls_of_microsoft_are_served(url):
    assert is_served(url, TEAMS_SERVICES)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/", "https://smba.trafficmanager.net.evil.example/",
        "https://evil.example/https://smba.trafficmanager.net/", "https://smba.trafficmanager.net@evil.example/",
        "https://user:pass@smba.trafficmanager.net/", "https://smba.trafficmanager.net:8443/",
        "https://smba.trafficmanager.net:99999/", "https://smba.trafficmanager.net:0/",
        "https://smba.trafficmanager.net\\@evil.example/",
        "https://evil.example#smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/?x=1", "https://smba.trafficmanager.net/#x",
        "https://smba.trafficmanager.net./", "https://smba。trafficmanager。net/",
        "//smba.trafficmanager.net/",
        " https://smba.trafficmanager.net/", "https://smba.trafficmanager.net/\n", "",
        "https://smba.trafficmanager.net/%2e%2e/", "javascript:alert(1)", None, 7, ["x"],
        "https://smba.trafficmanager.net/" + "a" * 500, "https://[::1]/", "https:///emea/",
    ],
)  # fmt: skip
def test_tricks_with_service_urls_are_not_served(url):
    assert not is_served(url, TEAMS_SERVICES)


@pytest.mark.parametrize(
    ("url", "is_it"),
    [
        ("http://127.0.0.1:5/teams", True), ("http://127.0.0.1:5/teams/", True),
        ("http://127.0.0.1:5/teams/emea/", True), ("http://127.0.0.1:5/teamsters/", False),
        ("http://127.0.0.1:5/", False), ("http://127.0.0.1:5/teams/../x/", False),
        ("http://127.0.0.1/teams/", False), ("https://127.0.0.1:5/teams/", False),
        ("http://127.0.0.1:5/TEAMS/", False), ("http://127.0.0.1:5/teams/./", False),
    ],
)  # fmt: skip
def test_a_service_below_a_path_is_held_to_it(url, is_it):
    assert is_served(url, ("http://127.0.0.1:5/teams/",)) is is_it


async def test_a_service_that_is_not_on_the_list_is_refused_whatever_its_token_says(peer, tokens):
    evil = "https://evil.example/"
    with pytest.raises(NotAuthentic, match="ASSENT_TEAMS_SERVICES"):
        await believed(tokens, peer, peer.token(serviceurl=evil), serviceUrl=evil)


async def test_nothing_of_a_token_is_said_or_logged(peer, tokens, caplog):
    caplog.set_level(logging.DEBUG)
    token = peer.token("two", headers={"kid": "attack-at-dawn"}, secret="attack at dawn")
    bad = peer.token(exp=NOW - 4_000, secret="attack at dawn")
    said = []
    for each in (token, bad, token[:-9] + "AAAAAAAAA"):
        with pytest.raises(NotAuthentic) as raised:
            await tokens.genuine(f"Bearer {each}")
        said.append(str(raised.value))
        assert raised.value.__suppress_context__ or raised.value.__cause__ is None
    text = caplog.text + "".join(said)
    assert "attack" not in text
    assert not any(part in text for part in (*token.split("."), *bad.split(".")))

"""Tokens of the Bot Framework: what is believed, and how keys and the bot's own token are had."""

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
from bot.surfaces import teams_fetch, teams_keys, teams_tokens
from bot.surfaces.errors import Busy, Gone
from bot.surfaces.teams_keys import KeysAwayError
from bot.surfaces.teams_services import is_served
from bot.surfaces.teams_tokens import AppTokens, ChannelTokens
from bot.surfaces.teams_wire import NotAllowed, NotAuthentic
from tests.bot.surfaces.teams_peer import (
    APP,
    OTHER_TENANT,
    SECRET,
    TENANT,
    Fault,
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


@pytest.fixture
async def own(peer: Peer) -> AsyncIterator[AppTokens]:
    made = AppTokens(peer.settings)
    yield made
    await made.close()


async def believed(tokens: ChannelTokens, peer: Peer, token: str, **changes):
    genuine = await tokens.genuine(f"Bearer {token}")
    return tokens.about(genuine, peer.activity(**changes))


async def test_a_token_of_the_channel_service_is_believed(peer, tokens):
    claims = await believed(tokens, peer, peer.token())
    assert claims["serviceurl"] == peer.service_url
    assert peer.fetched == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://sts.windows.net/x/"}, {"iss": None}, {"iss": ""},
        {"aud": "another app"}, {"aud": None}, {"aud": [APP]}, {"aud": [APP, "another"]},
        {"exp": NOW - 301}, {"exp": None}, {"exp": "never"}, {"exp": float("inf")}, {"exp": [1]},
        {"nbf": NOW + 301 + 60}, {"nbf": None}, {"nbf": "x"}, {"iat": NOW + 4_000},
        {"serviceurl": "https://evil.example/"}, {"serviceurl": None}, {"serviceurl": 7},
    ],
)  # fmt: skip
async def test_claims_that_are_not_as_they_must_be_are_refused(peer, tokens, claims):
    with pytest.raises(NotAuthentic):
        await believed(tokens, peer, peer.token(**claims))


@pytest.mark.parametrize("claims", [{"exp": NOW - 240}, {"nbf": NOW + 240}])
async def test_clocks_may_differ_by_five_minutes(peer, tokens, claims):
    await believed(tokens, peer, peer.token(**claims))


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


# The bot's own token


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

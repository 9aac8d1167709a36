"""Who may speak for whom: the login, the channel's signed tokens, rotated keys, foreign pages."""

import time

import aiohttp
import jwt
import pytest
import requests
from botframework.connector.auth import JwtTokenExtractor

from bot.workspace.teams import limits
from tests.bot.workspace.teams_bot import (
    SUPPORT_OPS,
    login,
    message,
    run_card,
    running,
    teams_settings,
)

pytestmark = pytest.mark.slow


@pytest.fixture
async def world(tmp_path, unused_port):
    async with running(teams_settings(tmp_path / "state", unused_port)) as made:
        yield made


def verified(world, token):
    """The claims, checked as a bot has to: by the published keys."""
    metadata = requests.get(world.teams["metadata"], timeout=5).json()
    assert metadata["issuer"] == "https://api.botframework.com"
    published = requests.get(metadata["jwks_uri"], timeout=5).json()["keys"]
    kid = jwt.get_unverified_header(token)["kid"]
    key = next((jwt.PyJWK(each) for each in published if each["kid"] == kid), None)
    if key is None:
        raise RuntimeError("no such key")
    return jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],
        audience=world.teams["app_id"],
        issuer="https://api.botframework.com",
    )


async def test_a_delivery_carries_a_token_that_the_published_keys_prove(world):
    token = (await world.do(world.client.control, "token"))["token"]
    claims = await world.do(verified, world, token)
    assert claims["serviceurl"] == world.teams["services"][0]
    assert claims["exp"] - claims["nbf"] == limits.CHANNEL_TOKEN_SECONDS
    assert abs(claims["nbf"] - time.time()) < 60
    published = await world.do(requests.get, world.teams["metadata"], timeout=5)
    keys = await world.do(requests.get, published.json()["jwks_uri"], timeout=5)
    assert keys.json()["keys"][0]["endorsements"][0] == "msteams"
    assert not {"d", "p", "q"} & set(keys.json()["keys"][0])


@pytest.mark.parametrize("is_old_published", [True, False])
async def test_a_rotated_key_signs_at_once_and_the_old_one_stays_or_goes(world, is_old_published):
    before = (await world.do(world.client.control, "token"))["token"]
    body = {"kind": "rotate_keys", "is_old_published": is_old_published}
    kid = (await world.do(world.client.control, "faults", body))["kid"]
    after = (await world.do(world.client.control, "token"))["token"]
    assert jwt.get_unverified_header(after)["kid"] == kid
    await world.do(verified, world, after)
    if is_old_published:
        await world.do(verified, world, before)
    else:
        with pytest.raises(RuntimeError, match="no such key"):
            await world.do(verified, world, before)


async def test_a_bot_that_reads_the_keys_again_hears_us_after_a_rotation(world):
    await world.do(world.client.say, "first", "agent")
    await world.bot.until("message")
    await world.do(world.client.control, "faults", {"kind": "rotate_keys"})
    JwtTokenExtractor.metadataCache.clear()  # botbuilder itself never reads them again
    await world.do(world.client.say, "second", "agent")
    assert "second" in (await world.bot.until("message", count=2))["text"]


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": ""}, 401, "invalid_client"),
        ({"client_id": "7d1f0a52-0000-4000-8000-000000000000"}, 400, "unauthorized_client"),
        ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"tenant": "botframework.com"}, 400, "invalid_request"),
    ],
)
async def test_the_login_gives_nothing_for_less_than_everything(world, changes, status, error):
    answer = await world.do(login, world.teams, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    (number,) = answer.json()["error_codes"]
    assert answer.json()["error_description"].startswith(f"AADSTS{number}:")
    assert "access_token" not in answer.text


async def test_a_revoked_token_is_unknown_until_the_bot_logs_in_again(world):
    await world.post_card(run_card())
    await world.do(world.client.control, "faults", {"kind": "revoke_tokens"})
    with pytest.raises(Exception, match="Authorization has been denied"):
        await world.post_card(run_card())
    await world.do(world.bot.credentials.get_access_token, force_refresh=True)
    await world.post_card(run_card())


async def test_slow_and_failing_logins_and_keys_can_be_asked_for(world):
    for route, url in (
        ("metadata", world.teams["metadata"]),
        ("keys", world.teams["metadata"].replace(".well-known/openidconfiguration", "keys")),
    ):
        # more calls than this one: the bot itself may be fetching its keys just now
        fault = {"kind": "slow", "seconds": 0.2, "routes": [route], "calls": 50}
        await world.do(world.client.control, "faults", fault)
        began = time.monotonic()
        assert (await world.do(requests.get, url, timeout=5)).status_code == 200
        assert time.monotonic() - began >= 0.2
    fault = {"kind": "status", "status": 503, "routes": ["token"], "retry_after_seconds": 2}
    await world.do(world.client.control, "faults", fault)
    answer = await world.do(login, world.teams)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert (await world.do(login, world.teams)).status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {"kind": "status", "status": 299},
        {"kind": "status", "routes": ["everything"]},
        {"kind": "slow", "seconds": 1e9},
        {"kind": "slow", "seconds": "x"},
        {"kind": "slow", "calls": {}},
        {"kind": "slow", "calls": 1e999},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(world, fault):
    with pytest.raises(Exception, match=r"cannot be set|no number of JSON"):
        await world.do(world.client.control, "faults", fault)


async def test_botbuilder_refuses_a_token_that_is_not_for_it(world):
    """What the control sends with other claims is refused by an unmodified bot: 401."""
    await world.do(world.client.say, "good", "agent")
    activity = await world.bot.until("message")
    for claims in (
        {"aud": "7d1f0a52-0000-4000-8000-000000000000"},
        {"exp": int(time.time()) - 4000},
        {"serviceurl": "https://evil.example/"},
        {"iss": "https://evil.example"},
    ):
        body = {"activity": activity, "claims": claims}
        assert (await world.do(world.client.control, "post", body))["status"] == 401
    assert (await world.do(world.client.control, "post", {"activity": activity}))["status"] == 201


async def _status(world, method, path, **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, world.address["url"] + path, headers=headers, allow_redirects=False
        ) as response,
    ):
        return response.status


async def test_only_this_machines_own_page_drives_the_people(world):
    own = f"Bearer {world.address['page_token']}"
    state = "/page/api/teams/state?as=agent"
    assert await _status(world, "get", state, Authorization=own) == 200
    assert await _status(world, "get", state) == 401
    assert await _status(world, "get", state, Authorization="Bearer wrong") == 401
    bots = f"Bearer {world.bot.credentials.get_access_token()}"
    assert await _status(world, "get", state, Authorization=bots) == 401
    for path in ("/page/api/teams/say", "/control/teams/faults", "/control/teams/token"):
        assert await _status(world, "post", path) == 401
        for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
            headers = {"Authorization": own, "Origin": origin}
            assert await _status(world, "post", path, **headers) == 403
        headers = {"Authorization": own, "Sec-Fetch-Site": "cross-site"}
        assert await _status(world, "post", path, **headers) == 403


async def test_a_rebound_host_name_reaches_nothing_of_teams(world):
    own = f"Bearer {world.address['page_token']}"
    for path in ("/teams", "/teams/keys", "/page/api/teams/state", "/teams/v3/conversations"):
        status = await _status(world, "get", path, Host="evil.example", Authorization=own)
        assert status == 421


async def test_the_pages_token_is_no_token_of_the_bots(world):
    own = f"Bearer {world.address['page_token']}"
    path = f"/teams/v3/conversations/{SUPPORT_OPS}/members"
    assert await _status(world, "get", path, Authorization=own) == 401


async def test_the_bots_secret_and_keys_outlive_a_restart(tmp_path, unused_port):
    settings = teams_settings(tmp_path / "state", unused_port)
    async with running(settings) as world:
        secret = world.teams["app_secret"]
        before = (await world.do(world.client.control, "token"))["token"]
        await world.connector.conversations.send_to_conversation(
            SUPPORT_OPS, message(run_card("R-7"))
        )
    async with running(settings) as world:
        assert world.teams["app_secret"] == secret
        assert await world.do(verified, world, before)
        assert await world.do(world.client.cards, "R-7", "agent")

"""Who may drive the page: not a rebound name, not another site, not an old address."""

import stat

import aiohttp
import pytest


async def _status(world, path="/page/api/state?as=agent", method="get", **headers):
    async with aiohttp.ClientSession() as session:
        call = session.get if method == "get" else session.post
        async with call(
            world.address["url"] + path, headers=headers, allow_redirects=False
        ) as response:
            return response.status, response.headers, await response.text()


async def test_a_rebound_host_name_reaches_nothing(world):
    token = f"Bearer {world.address['page_token']}"
    for path in ("/", "/page/api/state", "/api/auth.test", "/link/", "/response/x"):
        status, _, _ = await _status(world, path, Host="evil.example", Authorization=token)
        assert status == 421


async def test_without_the_token_or_the_cookie_nothing_is_shown(world):
    status, _, text = await _status(world)
    assert status == 401
    assert "printed" in text
    assert (await _status(world, Authorization="Bearer wrong"))[0] == 401
    assert (await _status(world, "/control/faults", "post"))[0] == 401
    assert (await _status(world, "/?token=wrong"))[0] == 403


async def test_the_printed_address_admits_a_browser_and_the_cookie_outlives_a_restart(
    kit, settings
):
    async with kit.running(settings) as world:
        status, headers, _ = await _status(world, f"/?token={world.address['page_token']}")
        assert (status, headers["Location"]) == (303, "/")
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
    cookie = cookie.split(";")[0]
    async with kit.running(settings) as world:
        assert (await _status(world, Cookie=cookie))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_may_not_drive_the_page(world, headers):
    token = f"Bearer {world.address['page_token']}"
    path = "/page/api/say"
    assert (await _status(world, path, "post", Authorization=token, **headers))[0] == 403


async def test_the_page_forbids_foreign_and_inline_script(world):
    _, headers, _ = await _status(world, "/")
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'self'" in policy
    assert (await _status(world, "/page/files/../server.py"))[0] == 404
    assert (await _status(world, "/page/files/%2e%2e/server.py"))[0] in (403, 404)


async def test_the_address_file_is_for_its_owner_alone(world):
    path = world.server.workspace.settings.state / "workspace.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_it_listens_on_loopback_alone(world):
    assert world.address["url"].startswith("http://127.0.0.1:")

"""A running workspace, a real slack-bolt app in either mode, and a hand on the page's API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_server import AsyncSlackAppServer
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.workspace.server import WorkspaceServer, start
from bot.workspace.settings import WorkspaceSettings


@dataclass
class Hand:
    """Does what the page does; `do` answers (status, body)."""

    server: WorkspaceServer
    session: aiohttp.ClientSession

    async def do(self, path: str, /, as_: str = "agent", **body: Any) -> tuple[int, dict[str, Any]]:
        url = f"{self.server.address['url']}/page/api/{path}"
        async with self.session.post(url, json={"as": as_, **body}) as response:
            return response.status, await response.json()

    async def see(self, path: str, as_: str = "agent", **query: str) -> dict[str, Any]:
        url = f"{self.server.address['url']}/page/api/{path}"
        async with self.session.get(url, params={"as": as_, **query}) as response:
            return dict(await response.json())

    async def messages(self, as_: str = "agent", channel: str = "support-ops") -> list[Any]:
        return list((await self.see("recent", as_, channel=channel))["messages"])

    async def until(self, ready: Callable[[], Awaitable[Any]], timeout_seconds: float = 4.0) -> Any:
        async with asyncio.timeout(timeout_seconds):
            while not (found := await ready()):
                await asyncio.sleep(0.01)
        return found


@dataclass
class World:
    """One workspace with its bot's client."""

    server: WorkspaceServer
    hand: Hand
    client: AsyncWebClient

    @property
    def address(self) -> dict[str, Any]:
        return self.server.address

    async def card(self, blocks: list[dict[str, Any]], channel: str = "#support-ops") -> Any:
        return await self.client.chat_postMessage(channel=channel, text="card", blocks=blocks)


@asynccontextmanager
async def running(settings: WorkspaceSettings) -> AsyncIterator[World]:
    server = await start(settings)
    token = server.address["page_token"]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        client = web_client(server, server.address["bot_token"])
        try:
            yield World(server, Hand(server, session), client)
        finally:
            await server.stop()


def web_client(server: WorkspaceServer, token: str) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=server.address["api_base"])


@asynccontextmanager
async def socket_bot(world: World, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, world.address["app_token"], ping_interval=0.5)
    await handler.connect_async()
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def http_bot(app: AsyncApp, port: int) -> AsyncIterator[None]:
    server = AsyncSlackAppServer(port, "/slack/events", app, host="127.0.0.1")
    runner = web.AppRunner(server.web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


def bolt(world: World) -> AsyncApp:
    return AsyncApp(client=world.client, signing_secret=world.address["signing_secret"])


@pytest.fixture
def settings(tmp_path: Path) -> WorkspaceSettings:
    return WorkspaceSettings(
        state=tmp_path / "state", retry_delays_seconds=(0.0, 0.1, 0.2), ack_timeout_seconds=1.0
    )


@pytest.fixture
async def world(settings: WorkspaceSettings) -> AsyncIterator[World]:
    async with running(settings) as made:
        yield made


@pytest.fixture(params=["socket", "http"])
async def meeting(
    request: pytest.FixtureRequest, settings: WorkspaceSettings, unused_port: int
) -> AsyncIterator[tuple[World, AsyncApp]]:
    """A workspace and a connected bolt app, once per delivery mode; add listeners to it."""
    async with AsyncExitStack() as stack:
        if request.param == "http":
            url = f"http://127.0.0.1:{unused_port}/slack/events"
            settings = replace(settings, delivery="http", request_url=url)
        world = await stack.enter_async_context(running(settings))
        app = bolt(world)
        connect = http_bot(app, unused_port) if request.param == "http" else socket_bot(world, app)
        await stack.enter_async_context(connect)
        yield world, app


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def kit() -> Any:
    """The functions above, for tests that start and stop worlds themselves."""
    from types import SimpleNamespace

    return SimpleNamespace(
        running=running, socket_bot=socket_bot, http_bot=http_bot, bolt=bolt, web_client=web_client
    )

"""The process: one aiohttp server on 127.0.0.1, started, announced, stopped."""

import asyncio
import fcntl
import json
import os
import signal
import socket
from pathlib import Path
from typing import TextIO

from aiohttp import web

from bot.workspace import control, page_api, seed
from bot.workspace.api.routes import WORKSPACE, call_method, respond, upload
from bot.workspace.guard import cookie_name, guard, is_page_token
from bot.workspace.limits import REQUEST_BYTES
from bot.workspace.settings import WorkspaceSettings
from bot.workspace.teams import connector, login
from bot.workspace.teams import control as teams_control
from bot.workspace.teams import page_api as teams_page_api
from bot.workspace.teams.routes import SIDE
from bot.workspace.teams.side import address_of
from bot.workspace.wire import Json
from bot.workspace.workspace import Workspace, make_workspace

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
# Ours: how long open requests may take when the workspace stops.
STOP_SECONDS = 1.0


class WorkspaceServer:
    """A workspace that listens. `address` is what `workspace.json` holds."""

    def __init__(self, workspace: Workspace, runner: web.AppRunner, lock: TextIO) -> None:
        self.workspace = workspace
        self._lock = lock
        self._runner = runner

    @property
    def address(self) -> Json:
        """Where it is and everything a bot or a client needs: see `write_address`."""
        return _address(self.workspace)

    async def stop(self) -> None:
        """Let everybody go and close the database."""
        workspace = self.workspace
        workspace.feed.close()
        if workspace.teams is not None:
            await workspace.teams.close()
        await workspace.outbox.close()
        await workspace.sockets.close()
        await workspace.transport.close()
        await self._runner.cleanup()
        workspace.storage.close()
        self._lock.close()


async def start(settings: WorkspaceSettings) -> WorkspaceServer:
    """Listen on 127.0.0.1, write `<state>/workspace.json`; OSError when port or folder is taken."""
    lock = _hold(settings.state)
    workspace = make_workspace(settings)
    try:
        listener = _listener(workspace, settings.port)
    except OSError:
        if workspace.teams is not None:
            await workspace.teams.close()
        await workspace.transport.close()
        workspace.storage.close()
        lock.close()
        raise
    port = listener.getsockname()[1]
    workspace.host = f"{HOST}:{port}"
    workspace.storage.remember("port", str(port))
    runner = web.AppRunner(_application(workspace), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    workspace.outbox.start()
    if workspace.teams is not None:
        workspace.teams.start()
    write_address(settings.state / "workspace.json", _address(workspace))
    return WorkspaceServer(workspace, runner, lock)


async def serve(settings: WorkspaceSettings) -> None:
    """Run until SIGINT or SIGTERM; prints the page's address."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = await start(settings)
    print(f"workspace ready: {server.address['page_url']}", flush=True)  # noqa: T201  # its one line
    try:
        await stopping.wait()
    finally:
        await server.stop()


def write_address(path: Path, address: Json) -> None:
    """Replace the file in one step, readable by its owner alone: it holds tokens."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(json.dumps(address, indent=2) + "\n")
    fresh.replace(path)


def _address(workspace: Workspace) -> Json:
    url = f"http://{workspace.host}"
    return {
        "url": url,
        "api_base": f"{url}/api/",
        "page_url": f"{url}/?token={workspace.page_token}",
        "page_token": workspace.page_token,
        "delivery": workspace.settings.delivery,
        "bot_token": workspace.bot_token.value,
        "app_token": workspace.app_token.value,
        "signing_secret": workspace.signing_secret,
        "team_id": seed.TEAM_ID,
        "api_app_id": seed.APP_ID,
        "bot_user_id": seed.BOT_USER_ID,
        "bot_id": seed.BOT_ID,
        "people": {person.alias: person.id for person in seed.PEOPLE},
        "channels": {channel.name: channel.id for channel in seed.CHANNELS},
        "direct_messages": {person.alias: seed.dm_id(person) for person in seed.PEOPLE},
        "user_groups": {group.handle: group.id for group in seed.GROUPS},
        "pid": os.getpid(),
        **_teams_address(workspace),
    }


def _teams_address(workspace: Workspace) -> Json:
    if workspace.teams is None:
        return {}
    page_url = f"http://{workspace.host}/teams?token={workspace.page_token}"
    return {"teams": {**address_of(workspace.teams), "page_url": page_url}}


def _listener(workspace: Workspace, port: int) -> socket.socket:
    wanted = [port] if port else [int(workspace.storage.meta("port") or 0), 0]
    for candidate in wanted[:-1]:
        try:
            return _bound(candidate)
        except OSError:
            continue
    return _bound(wanted[-1])


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(f"port {port} on {HOST} is taken; give another, or 0 for any") from error
    return listener


def _hold(state: Path) -> TextIO:
    """Hold the state folder for this process alone; OSError when another workspace has it."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (state / "workspace.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        message = f"a workspace already runs in {state}; use it, or stop it first"
        raise OSError(message) from error
    return lock


def _application(workspace: Workspace) -> web.Application:
    application = web.Application(middlewares=[guard], client_max_size=REQUEST_BYTES)
    application[WORKSPACE] = workspace
    application.add_routes(
        [
            web.get("/", _page),
            web.get("/archives/{channel}/{message}", _page),
            web.static("/page/files", PAGE),
            web.get("/api/{method}", call_method),
            web.post("/api/{method}", call_method),
            web.post("/upload/{file}", upload),
            web.post("/response/{secret}", respond),
            web.get("/link/", workspace.sockets.accept),
            *page_api.ROUTES,
            *control.ROUTES,
        ]
    )
    if workspace.teams is not None:
        application[SIDE] = workspace.teams
        application.add_routes(
            [
                web.get("/teams", _teams_page),
                web.get("/both", _both_page),
                *connector.ROUTES,
                *login.ROUTES,
                *teams_page_api.ROUTES,
                *teams_control.ROUTES,
            ]
        )
    return application


async def _page(request: web.Request) -> web.StreamResponse:
    return _admitted(request) or web.FileResponse(PAGE / "index.html")


async def _teams_page(request: web.Request) -> web.StreamResponse:
    return _admitted(request) or web.FileResponse(PAGE / "teams" / "index.html")


async def _both_page(request: web.Request) -> web.StreamResponse:
    return _admitted(request) or web.FileResponse(PAGE / "teams" / "both.html")


def _admitted(request: web.Request) -> web.Response | None:
    """With this start's token in the address the browser is admitted, before it sees the page."""
    workspace = request.app[WORKSPACE]
    token = request.query.get("token")
    if token is None:
        return None
    if not is_page_token(workspace, token):
        text = "That address is from an earlier start. Open the one printed by the last start."
        return web.Response(status=403, text=text)
    response = web.Response(status=303, headers={"Location": request.path})
    response.set_cookie(
        cookie_name(workspace), workspace.page_session, httponly=True, samesite="Strict", path="/"
    )
    return response

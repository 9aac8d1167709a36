"""Slack: what people say and press goes to the flow, what the flow says goes back. Nothing else.

The only importer of bolt. An event is stored before it is acknowledged: where the store is away
there is no acknowledgement, and Slack delivers it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.block_kit import Rendered
from bot.settings import EVENTS_PATH, Slack
from bot.surfaces.errors import Busy, Gone, SurfaceError
from bot.surfaces.port import Port
from bot.surfaces.receiving import NotStoredError
from bot.surfaces.slack_calls import LOGGER, REVOKED, make_session
from bot.surfaces.slack_commands import COMMAND, SHORTCUT, SlackCommands
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.slack_events import SlackEvents
from bot.surfaces.slack_homes import publish_home
from bot.surfaces.slack_http import SlackDoor
from bot.surfaces.slack_presses import ACTIONS, VIEWS, SlackPresses
from bot.surfaces.slack_sender import POSTS_PER_SECOND, SlackSender
from bot.surfaces.slack_wires import Answer, SlackWires
from bot.surfaces.thread_directory import ThreadDirectory
from store.model.request import Place
from store.model.values import Json

CONNECT_SECONDS = 20.0  # how long the first socket may take
LIVENESS_SECONDS = 60.0  # a socket may go silent without closing (bolt-python#1529)
PING_SECONDS = 10.0

Handler = Callable[[dict[str, Json]], Awaitable[Answer]]


class SlackSurface:
    """One Slack workspace, by Socket Mode or HTTP. Start it on the loop that it shall live on."""

    def __init__(
        self,
        port: Port,
        slack: Slack,
        client: AsyncWebClient,
        directory: SlackDirectory,
        threads: ThreadDirectory,
        *,
        posts_per_second: float = POSTS_PER_SECOND,
    ) -> None:
        self._slack, self._client = slack, client
        self._directory, self._threads = directory, threads
        self._sender = SlackSender(client, posts_per_second)
        self._wires = SlackWires(port, client, directory, self._sender)
        self._events = SlackEvents(self._wires, self._on_revoked)
        self._app = self._listening_app()
        self._socket: AsyncSocketModeHandler | None = None
        self._watch: asyncio.Task[None] | None = None
        self.revoked_because = ""

    async def connect(self) -> None:
        """Checks the token and answers for people; listens to nothing yet. Raises SurfaceError."""
        self._client.session = make_session()
        try:
            await self._directory.connect()
            self._threads.bind(asyncio.get_running_loop())
        except BaseException:
            await self.close()
            raise

    async def start(self) -> None:
        """Connects, and opens the socket unless Slack comes through `routes`. Raises SurfaceError
        where Slack does not take us."""
        if self._client.session is None:
            await self.connect()
        try:
            if self._slack.mode == "socket":
                await self._connect()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Stops listening, finishes what is under way, lets every connection go."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._close_socket()
        await self._wires.background.close()
        self._wires.receiving.close()
        if self._client.session is not None:
            await self._client.session.close()

    async def post(self, place: Place, rendered: Rendered) -> str:
        """Posts into the place's thread; the message's timestamp. Raises SurfaceError."""
        self._refuse_when_revoked()
        return await self._sender.post(place, rendered)

    async def update(self, place: Place, ts: str, rendered: Rendered) -> None:
        """Replaces a message of ours. Raises SurfaceError."""
        self._refuse_when_revoked()
        await self._sender.update(place, ts, rendered)

    async def whisper(self, place: Place, user: str, text: str) -> None:
        """Says something to one person in a place. Raises SurfaceError."""
        self._refuse_when_revoked()
        await self._sender.whisper(place, user, text)

    async def tell(self, user: str, text: str) -> None:
        """Says something to one person in their conversation with the app. Raises SurfaceError."""
        self._refuse_when_revoked()
        await self._sender.tell(user, text)

    async def publish_home(self, user: str) -> None:
        """Draws a person's home page again; a failure is logged, the next visit draws it."""
        await publish_home(self._wires, user)

    def routes(self) -> list[web.RouteDef]:
        """The HTTP door, for whoever listens; none where Slack comes through a socket."""
        if self._slack.mode != "http":
            return []
        door = SlackDoor(self._slack.signing_secret, self._dispatch)
        return [web.route("*", EVENTS_PATH, door.handle)]

    def _listening_app(self) -> AsyncApp:
        """Bolt with a listener for each thing that Slack sends; it answers after the listener."""
        app = AsyncApp(
            client=self._client,
            signing_secret=self._slack.signing_secret,
            process_before_response=True,
            logger=LOGGER,
            name="assent",
        )
        presses = SlackPresses(self._wires)
        commands = SlackCommands(self._wires, presses.batches)
        app.event("app_mention")(_listener(self._events.on_message))
        app.event("message")(_listener(self._events.on_message))
        app.event("app_home_opened")(_listener(self._events.on_home))
        app.event("app_uninstalled")(_listener(self._events.on_gone))
        app.event("tokens_revoked")(_listener(self._events.on_gone))
        app.command(COMMAND)(_listener(commands.on_command))
        app.shortcut(SHORTCUT)(_listener(commands.on_shortcut))
        app.action(ACTIONS)(_listener(presses.on_action))
        app.view(VIEWS)(_listener(presses.on_submission))
        return app

    async def _dispatch(self, request: web.Request, body: str) -> web.Response:
        """One checked HTTP request through bolt."""
        headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
        try:
            bolt_request = AsyncBoltRequest(body=body, query=request.query_string, headers=headers)
        except (TypeError, AttributeError, KeyError, ValueError):
            return web.Response(status=400, text="Slack never sends this shape\n")
        response = await self._app.async_dispatch(bolt_request)
        if response.status >= 500:
            return web.Response(status=503, text="not taken; send it again\n")
        return await to_aiohttp_response(response)

    async def _connect(self) -> None:
        self._socket = AsyncSocketModeHandler(
            self._app, self._slack.app_token, logger=LOGGER, ping_interval=PING_SECONDS
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._socket.client.connect()  # type: ignore[no-untyped-call]  # untyped SDK
        except TimeoutError as error:
            raise Busy(
                "Slack opened no socket; check ASSENT_SLACK_APP_TOKEN and the network",
                "no_socket",
                CONNECT_SECONDS,
            ) from error
        self._watch = asyncio.create_task(self._keep_alive())

    async def _keep_alive(self) -> None:
        """Asks Slack every minute whether it still knows us, and opens a dead socket again."""
        while not self.revoked_because:
            await asyncio.sleep(LIVENESS_SECONDS)
            try:
                await self._directory.connect()
                client = self._socket.client if self._socket else None
                if client is not None and not await client.is_connected():
                    await client.connect_to_new_endpoint(force=True)
            except SurfaceError as error:
                if error.code in REVOKED:
                    self._on_revoked(error.code)
                LOGGER.warning("Slack did not answer the check of the connection: %s", error)
            except Exception as error:  # noqa: BLE001 - the next minute tries again
                LOGGER.warning("the socket was not opened again: %s", type(error).__name__)

    async def _close_socket(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.client.close()  # type: ignore[no-untyped-call]  # untyped SDK
            self._socket = None

    def _on_revoked(self, because: str) -> None:
        """The workspace removed us: stop talking to it, and say so once."""
        if not self.revoked_because:
            self.revoked_because = because
            LOGGER.error(
                "Slack removed the app (%s). Nothing is lost; install it again from manifest.yml,"
                " set ASSENT_SLACK_BOT_TOKEN and restart.",
                because,
            )

    def _refuse_when_revoked(self) -> None:
        if self.revoked_because:
            raise Gone("the app was removed from the workspace", self.revoked_because)


def _listener(handle: Handler) -> Callable[..., Awaitable[BoltResponse]]:
    """A bolt listener: 200 with what the handler answers, 503 for what was not stored."""

    async def listen(body: dict[str, Json]) -> BoltResponse:
        try:
            answer = await handle(body)
        except NotStoredError as error:
            LOGGER.warning("not acknowledged, Slack will send it again: %s", error)
            return BoltResponse(status=503, body="")
        except Exception as error:  # noqa: BLE001 - bolt would log the error with what it carries
            LOGGER.error("a handler failed: %s: %s", type(error).__name__, handle.__qualname__)
            return BoltResponse(status=503, body="")
        if not answer:
            return BoltResponse(status=200, body="")
        return BoltResponse(status=200, body=answer, headers={"content-type": ["application/json"]})

    return listen

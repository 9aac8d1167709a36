"""A tiny bot on unmodified botbuilder, and a running workspace with its Teams side.

The workspace runs on a thread of its own: botbuilder fetches keys with calls that block its loop.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import requests
from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botbuilder.schema import Activity, ActivityTypes
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import AppCredentials, ServiceClientCredentialsFactory
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from msrest.universal_http.requests import ClientRetryPolicy

from bot.workspace.server import start
from bot.workspace.settings import WorkspaceSettings
from bot.workspace.storage import Row, Storage
from bot.workspace.teams.client import TeamsClient
from bot.workspace.teams.keys import Keys
from bot.workspace.teams.schema import create_tables

CARD = "application/vnd.microsoft.card.adaptive"
INVOKE_RESPONSE = "BotFrameworkAdapter.InvokeResponse"
SUPPORT_OPS = "19:supportops@thread.tacv2"

# The SDK looks for 999 codes among these for each client, two a turn: the same, found at once.
ClientRetryPolicy.safe_codes = frozenset(ClientRetryPolicy.safe_codes)


class Credentials(AppCredentials):
    """A token from the workspace's login, fetched as the protocol says (msal wants https)."""

    def __init__(self, teams: dict[str, Any], secret: str | None = None) -> None:
        super().__init__(teams["app_id"], teams["tenant_id"])
        self._teams = teams
        self._secret = secret or teams["app_secret"]
        self._token = ""

    def get_access_token(self, force_refresh: bool = False) -> str:
        if force_refresh or not self._token:
            answer = login(self._teams, client_secret=self._secret)
            self._token = answer.json()["access_token"]
        return self._token


def login(teams: dict[str, Any], /, **changes: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": teams["app_id"],
        "client_secret": teams["app_secret"],
        "scope": "https://api.botframework.com/.default",
        **changes,
    }
    tenant = form.pop("tenant", teams["tenant_id"])
    url = f"{teams['login']}/{tenant}/oauth2/v2.0/token"
    return requests.post(url, data=form, timeout=5)


class CredentialsFactory(ServiceClientCredentialsFactory):
    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def is_valid_app_id(self, app_id: str) -> bool:
        return app_id == self._credentials.microsoft_app_id

    async def is_authentication_disabled(self) -> bool:
        return False

    async def create_credentials(self, *_: Any, **__: Any) -> AppCredentials:
        return self._credentials


Turn = Callable[[TurnContext], Awaitable[Any]]


@dataclass
class TinyBot:
    """Keeps every activity it was sent as JSON; `answers` to invokes by name, `on_message`."""

    adapter: CloudAdapter
    credentials: Credentials
    received: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    on_message: Turn | None = None
    status: int = 201
    delay_seconds: float = 0.0

    def __post_init__(self) -> None:
        # The SDK keeps keys by address and for ever: another workspace may have had this port.
        JwtTokenExtractor.metadataCache.clear()

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.json()
        activity = Activity().deserialize(body)
        auth = request.headers.get("Authorization", "")
        try:
            response = await self.adapter.process_activity(auth, activity, self._turn(body))
        except (PermissionError, jwt.PyJWTError):  # botbuilder lets the latter escape
            return web.Response(status=401)
        await asyncio.sleep(self.delay_seconds)
        if response is not None and body["type"] == "invoke":
            if response.body is None:
                return web.Response(status=response.status)
            return web.json_response(response.body, status=response.status)
        return web.Response(status=self.status)

    def _turn(self, body: dict[str, Any]) -> Turn:
        async def turn(context: TurnContext) -> None:
            self.received.append(body)
            if context.activity.type == ActivityTypes.invoke:
                answer = self.answers.get(body["name"])
                made = answer(body) if callable(answer) else answer
                if asyncio.iscoroutine(made):
                    made = await made
                response = InvokeResponse(status=200, body=made)
                context.turn_state[INVOKE_RESPONSE] = Activity(
                    type=ActivityTypes.invoke_response, value=response
                )
            elif body["type"] == "message" and self.on_message is not None:
                await self.on_message(context)

        return turn

    def of(self, kind: str, name: str | None = None) -> list[dict[str, Any]]:
        """What was received of a type (and invoke name)."""
        return [a for a in self.received if a["type"] == kind and name in (None, a.get("name"))]

    async def until(self, kind: str, name: str | None = None, count: int = 1) -> dict[str, Any]:
        """The newest of a type, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.of(kind, name)) < count:
                await asyncio.sleep(0.01)
        return self.of(kind, name)[-1]


@dataclass
class TeamsWorld:
    """A workspace with Teams, the bot that it talks to, and hands for people."""

    address: dict[str, Any]
    bot: TinyBot
    client: TeamsClient

    @property
    def teams(self) -> dict[str, Any]:
        return dict(self.address["teams"])

    @property
    def connector(self) -> ConnectorClient:
        service_url = self.teams["services"][0]
        return ConnectorClient(self.bot.credentials, base_url=service_url)

    async def do(self, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call the blocking client."""
        return await asyncio.to_thread(call, *args, **named)

    async def post_card(self, card: dict[str, Any], conversation: str = SUPPORT_OPS) -> str:
        """Post a card as the bot; the message's id."""
        activity = message(card)
        answer = await self.connector.conversations.send_to_conversation(conversation, activity)
        return str(answer.id)


def message(card: dict[str, Any] | None = None, text: str | None = None) -> Activity:
    attachments = [{"contentType": CARD, "content": card}] if card else None
    return Activity(type="message", text=text).deserialize(
        {"type": "message", "text": text, "attachments": attachments}
    )


def run_card(run: str = "R-1", user_ids: tuple[str, ...] = (), note: str = "") -> dict[str, Any]:
    """A card with a button of each kind, as Assent's have them."""
    return {
        "type": "AdaptiveCard",
        "version": "1.5",
        "refresh": {
            "action": {"type": "Action.Execute", "verb": "look", "data": {"press": run}},
            "userIds": list(user_ids),
        },
        "body": [
            {"type": "TextBlock", "text": f"Refund order 1043 {note}", "wrap": True},
            {"type": "FactSet", "facts": [{"title": "run", "value": run}]},
        ],
        "actions": [
            {
                "type": "Action.Execute",
                "title": "Approve",
                "verb": "approve",
                "data": {"press": run},
                "fallback": {
                    "type": "Action.Submit",
                    "title": "Approve",
                    "data": {"press": run, "verb": "approve"},
                },
            },
            {
                "type": "Action.Submit",
                "title": "Reject…",
                "data": {"msteams": {"type": "task/fetch"}, "verb": "reject", "press": run},
            },
            {"type": "Action.Submit", "title": "Plain", "data": {"press": run, "verb": "plain"}},
        ],
    }


REASON_CARD = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {
            "type": "Input.Text",
            "id": "reason",
            "label": "Reason",
            "isRequired": True,
            "errorMessage": "Say why.",
            "maxLength": 40,
        },
        {
            "type": "Input.ChoiceSet",
            "id": "kind",
            "label": "Kind",
            "choices": [
                {"title": "Too late", "value": "late"},
                {"title": "Too much", "value": "much"},
            ],
        },
        {"type": "Input.Toggle", "id": "tell", "title": "Tell them", "value": "true"},
    ],
    "actions": [{"type": "Action.Submit", "title": "Reject", "data": {"form": "reject"}}],
}


def dialog(card: dict[str, Any], title: str = "Reject") -> dict[str, Any]:
    attachment = {"contentType": CARD, "content": card}
    value = {"title": title, "height": "medium", "width": 480, "card": attachment}
    return {"task": {"type": "continue", "value": value}}


def card_answer(card: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": 200, "type": CARD, "value": card}


@asynccontextmanager
async def running(settings: WorkspaceSettings) -> AsyncIterator[TeamsWorld]:
    """A workspace and the tiny bot at `settings.teams_messages_url`."""
    async with workspace(settings) as address:
        bot = tiny_bot(address["teams"])
        await asyncio.to_thread(bot.credentials.get_access_token)
        runner = await serve(bot, settings.teams_messages_url)
        try:
            yield TeamsWorld(address, bot, TeamsClient(settings.state))
        finally:
            await runner.cleanup()


@asynccontextmanager
async def workspace(settings: WorkspaceSettings) -> AsyncIterator[dict[str, Any]]:
    """A workspace on a thread of its own; what its workspace.json holds."""
    started: Future[dict[str, Any]] = Future()
    ended = threading.Event()

    async def live() -> None:
        try:
            _give_key(settings.state)
            server = await start(settings)
        except BaseException as error:
            started.set_exception(error)
            raise
        started.set_result(server.address)
        while not ended.is_set():
            await asyncio.sleep(0.01)
        await server.stop()

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    try:
        yield await asyncio.wrap_future(started)
    finally:
        ended.set()
        await asyncio.to_thread(thread.join, 10)


def _give_key(state: Path) -> None:
    """Begins a workspace with a signing key, one for all of a process: making one takes longest."""
    if state.exists():
        return
    state.mkdir(parents=True, mode=0o700)
    storage = Storage(state / "workspace.sqlite")
    create_tables(storage)
    if not _made:
        Keys(storage, time.time).current()
        _made.extend(storage.rows("SELECT kid, pem, is_published, made_at FROM teams_keys"))
    else:
        storage.run("INSERT INTO teams_keys VALUES (?, ?, ?, ?)", *_made[0])
    storage.close()


_made: list[Row] = []


def tiny_bot(teams: dict[str, Any]) -> TinyBot:
    credentials = Credentials(teams)
    configuration = SimpleNamespace(
        TO_CHANNEL_FROM_BOT_LOGIN_URL=teams["login"],
        TO_CHANNEL_FROM_BOT_OAUTH_SCOPE="https://api.botframework.com",
        TO_BOT_FROM_CHANNEL_TOKEN_ISSUER="https://api.botframework.com",
        OAUTH_URL="https://api.botframework.com",
        TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL=teams["metadata"],
        TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL=teams["metadata"],
        CALLER_ID="",
    )
    authentication = ConfigurationBotFrameworkAuthentication(
        configuration, credentials_factory=CredentialsFactory(credentials)
    )
    return TinyBot(CloudAdapter(authentication), credentials)


async def serve(bot: TinyBot, messages_url: str) -> web.AppRunner:
    application = web.Application()
    application.add_routes([web.post("/api/messages", bot.handle)])
    runner = web.AppRunner(application)
    await runner.setup()
    port = int(messages_url.split(":")[2].split("/", maxsplit=1)[0])
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def teams_settings(state: Path, port: int) -> WorkspaceSettings:
    return WorkspaceSettings(
        state=state,
        teams_messages_url=f"http://127.0.0.1:{port}/api/messages",
        teams_retry_delays_seconds=(0.05, 0.1, 0.2),
    )


def without_teams(settings: WorkspaceSettings) -> WorkspaceSettings:
    return replace(settings, teams_messages_url="")

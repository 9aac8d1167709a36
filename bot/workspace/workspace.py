"""The workspace itself: its parts, and the few things that several of them do together."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.workspace import payloads, seed, speech
from bot.workspace.delivery import Ack, Envelope, Outbox, Transport
from bot.workspace.delivery_http import HttpDelivery
from bot.workspace.directory import Directory
from bot.workspace.faults import Faults
from bot.workspace.feed import Feed
from bot.workspace.messages import Message, MessageLog
from bot.workspace.response_urls import ResponseUrls
from bot.workspace.settings import WorkspaceSettings
from bot.workspace.socket_mode import SocketMode
from bot.workspace.storage import Storage
from bot.workspace.teams.side import TeamsSide, make_side
from bot.workspace.tokens import Token, Tokens
from bot.workspace.triggers import Triggers
from bot.workspace.views import Views
from bot.workspace.wire import Json, Refused

# What the app token may do: open Socket Mode connections.
APP_SCOPES = ("connections:write",)


@dataclass
class Workspace:
    """Everything that one running workspace holds. `host` is set once the port is known."""

    settings: WorkspaceSettings
    storage: Storage
    feed: Feed
    directory: Directory
    messages: MessageLog
    views: Views
    triggers: Triggers
    response_urls: ResponseUrls
    tokens: Tokens
    faults: Faults
    sockets: SocketMode
    transport: Transport
    outbox: Outbox
    bot_token: Token
    app_token: Token
    signing_secret: str
    page_token: str
    page_session: str
    clock: Callable[[], float]
    host: str = ""
    teams: TeamsSide | None = None

    @property
    def is_bot_there(self) -> bool:
        """Whether a bot is connected; with HTTP delivery, always assumed."""
        return self.settings.delivery == "http" or self.sockets.connections > 0

    def push_event(self, event: Json, *, is_shared: bool = False) -> None:
        """Queue one event for the bot."""
        now = self.clock()
        event_id = "Ev0" + secrets.token_hex(5).upper()
        self.outbox.push(payloads.event_callback(event, event_id, now, is_shared=is_shared))

    def tell_bot_of(self, message: Message, channel: Json) -> None:
        """The events that a new message causes, as far as the bot's scopes and membership go."""
        if not self.directory.is_member(message.channel, seed.BOT_USER_ID):
            return
        body = message.body
        if "bot_id" not in body:
            body = {**body, "blocks": [speech.rich_text(body["text"])]}
        said = Message(message.channel, message.ts, message.thread_ts, None, body)
        is_shared = bool(channel.get("is_ext_shared"))
        scope = "im:history" if channel["is_im"] else "channels:history"
        if scope in self.bot_token.scopes:
            self.push_event(payloads.message_event(said, "message", channel), is_shared=is_shared)
        is_mention = f"<@{seed.BOT_USER_ID}>" in str(body.get("text")) and "bot_id" not in body
        if is_mention and not channel["is_im"] and "app_mentions:read" in self.bot_token.scopes:
            event = payloads.message_event(said, "app_mention", channel)
            self.push_event(event, is_shared=is_shared)

    async def ask_bot(self, kind: str, payload: Json) -> Ack:
        """Deliver something that a person waits for; Refused when the bot does not answer."""
        ack = await self.transport.deliver(Envelope(kind, payload))
        if ack.is_ok:
            return ack
        if ack.reason in ("no_connection", "connection_failed", "connection_lost"):
            raise Refused("Assent is not connected right now. Try again when it is back.", 503)
        if ack.reason == "http_timeout":
            seconds = self.settings.ack_timeout_seconds
            raise Refused(f"Assent did not answer within {seconds:g} s. Try again.", 504)
        raise Refused("Assent could not handle that; its log says why. Try again.", 502)

    def response_url(self, user: str, channel: str, message: Message | None = None) -> str:
        """A new response URL."""
        secret = self.response_urls.issue(user, channel, message, self.clock())
        return f"http://{self.host}/response/{secret}"


def make_workspace(
    settings: WorkspaceSettings, clock: Callable[[], float] = time.time
) -> Workspace:
    """Open (or begin) the workspace that `settings.state` holds. Needs a running event loop."""
    asyncio.get_running_loop()
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    storage = Storage(settings.state / "workspace.sqlite")
    feed = Feed()
    directory = Directory(storage)
    directory.plant()
    tokens = Tokens(storage)
    signing_secret = _lasting_secret(storage, "signing_secret")
    sockets = SocketMode(settings.ack_timeout_seconds, clock)
    transport: Transport = sockets
    if settings.delivery == "http":
        transport = HttpDelivery(
            settings.request_url, signing_secret, settings.ack_timeout_seconds, clock
        )
    workspace = Workspace(
        settings=settings,
        storage=storage,
        feed=feed,
        directory=directory,
        messages=MessageLog(storage, feed),
        views=Views(storage, feed),
        triggers=Triggers(),
        response_urls=ResponseUrls(storage),
        tokens=tokens,
        faults=Faults(),
        sockets=sockets,
        transport=transport,
        outbox=Outbox(storage, transport, settings.retry_delays_seconds, clock),
        bot_token=tokens.lasting("bot", settings.bot_scopes),
        app_token=tokens.lasting("app", APP_SCOPES),
        signing_secret=signing_secret,
        page_token=secrets.token_urlsafe(24),
        page_session=_lasting_secret(storage, "page_session"),
        clock=clock,
    )
    if settings.teams_messages_url:
        workspace.teams = make_side(settings, storage, feed, clock, lambda: workspace.host)
    sockets.on_change = lambda: feed.publish("presence", {"is_there": workspace.is_bot_there})
    return workspace


def _lasting_secret(storage: Storage, name: str) -> str:
    value = storage.meta(name) or secrets.token_hex(16)
    storage.remember(name, value)
    return value

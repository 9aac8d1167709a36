"""How an activity reaches the bot: one signed POST to its messages endpoint."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from bot.workspace.delivery import Ack, Envelope
from bot.workspace.teams import limits
from bot.workspace.teams.tokens import ChannelTokens
from bot.workspace.wire import Json, compact, value_from

# Ours: how often it is looked whether a bot that was away listens again.
PROBE_SECONDS = 0.2


@dataclass(frozen=True)
class Reply:
    """The bot's HTTP answer. `reason` says why there is none: no_connection, http_timeout."""

    status: int = 0
    body: object = None
    reason: str = ""


class BotEndpoint:
    """The bot's messages URL; the transport of the outbox, and the way of every invoke."""

    def __init__(
        self,
        messages_url: str,
        service_url: Callable[[], str],
        tokens: ChannelTokens,
        on_presence: Callable[[bool], None],
    ) -> None:
        self._url = messages_url
        self._service_url = service_url
        self._tokens = tokens
        self._on_presence = on_presence
        # A connection for each delivery: a kept one would fail once after the bot has restarted.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True), trust_env=False
        )
        self.is_there = True

    async def post(
        self, activity: Json, timeout_seconds: float, claims: Json | None = None
    ) -> Reply:
        """Send one activity and wait for its answer; `claims` change those of the token."""
        headers = {
            "Authorization": f"Bearer {self._tokens.token(self._service_url(), claims)}",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Microsoft-BotFramework/3.1 (BotConnector)",
        }
        try:
            async with self._session.post(
                self._url,
                data=compact(activity).encode(),
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            ) as response:
                content = await response.content.read(limits.ANSWER_BYTES)
                self._set_there(is_there=True)
                return Reply(response.status, _body(content))
        except TimeoutError:
            return Reply(reason="http_timeout")
        except aiohttp.ClientConnectorError:
            self._set_there(is_there=False)
            return Reply(reason="no_connection")
        except aiohttp.ClientError:
            return Reply(reason="connection_failed")

    async def deliver(self, envelope: Envelope) -> Ack:
        """One activity that nobody waits for; 2xx is its acknowledgement, 4xx is final."""
        reply = await self.post(envelope.payload, limits.ACTIVITY_SECONDS)
        if 200 <= reply.status < 300:
            return Ack(is_ok=True)
        is_final = 400 <= reply.status < 500 and reply.status not in (408, 412, 429)
        return Ack(is_ok=False, reason=reply.reason or "http_error", is_final=is_final)

    async def wait_ready(self) -> None:
        """Return when somebody listens at the bot's address, at once when nobody was missed."""
        where = urlsplit(self._url)
        port = where.port or (443 if where.scheme == "https" else 80)
        while not self.is_there:
            try:
                _, writer = await asyncio.open_connection(where.hostname, port)
            except OSError:
                await asyncio.sleep(PROBE_SECONDS)
                continue
            writer.close()
            self._set_there(is_there=True)

    async def close(self) -> None:
        """Let the connections go."""
        await self._session.close()

    def _set_there(self, *, is_there: bool) -> None:
        if is_there != self.is_there:
            self.is_there = is_there
            self._on_presence(is_there)


def _body(content: bytes) -> object:
    try:
        return value_from(content) if content else None
    except ValueError:
        return None

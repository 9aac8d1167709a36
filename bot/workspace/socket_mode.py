"""Socket Mode: the bot connects to us over a WebSocket whose address serves once."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.workspace import seed
from bot.workspace.delivery import Ack, Envelope
from bot.workspace.wire import Json, SlackError, compact, object_from

# docs.slack.dev/apis/events-api/using-socket-mode: up to 10 open connections an app.
CONNECTIONS_MAX = 10
# Ours: an address that nobody used is forgotten after this.
TICKET_SECONDS = 30.0
# Ours: how often we ask an idle connection whether it lives.
HEARTBEAT_SECONDS = 20.0

log = logging.getLogger(__name__)


@dataclass
class _Connection:
    socket: web.WebSocketResponse
    unacknowledged: dict[str, asyncio.Future[Ack]] = field(default_factory=dict)


class SocketMode:
    """The open connections; each envelope goes to one of them."""

    def __init__(self, ack_timeout_seconds: float, clock: Callable[[], float]) -> None:
        self._ack_timeout_seconds = ack_timeout_seconds
        self._clock = clock
        self._tickets: dict[str, float] = {}
        self._connections: list[_Connection] = []
        self._ready = asyncio.Event()
        self._turn = 0
        self.on_change: Callable[[], None] = lambda: None

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def address(self, host: str) -> str:
        """A new one-use address for `apps.connections.open`."""
        if len(self._connections) >= CONNECTIONS_MAX:
            raise SlackError("too_many_websockets")
        now = self._clock()
        self._tickets = {t: until for t, until in self._tickets.items() if until > now}
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = now + TICKET_SECONDS
        return f"ws://{host}/link/?ticket={ticket}&app_id={seed.APP_ID}"

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket endpoint: hello, then acknowledgements until it closes."""
        if self._tickets.pop(request.query.get("ticket", ""), 0.0) < self._clock():
            raise web.HTTPForbidden(text="This address was used or has expired; ask for a new one.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS)
        await socket.prepare(request)
        connection = _Connection(socket)
        self._connections.append(connection)
        try:
            await socket.send_str(compact(self._hello()))
            self._changed()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take_ack(connection, message.data)
        finally:
            self._forget(connection)
        return socket

    async def deliver(self, envelope: Envelope) -> Ack:
        """Send to the next connection and wait for its acknowledgement."""
        if not self._connections:
            return Ack(is_ok=False, reason="no_connection")
        self._turn += 1
        connection = self._connections[self._turn % len(self._connections)]
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"
        waiting: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        connection.unacknowledged[envelope_id] = waiting
        try:
            await connection.socket.send_str(compact(_framed(envelope_id, envelope)))
            async with asyncio.timeout(self._ack_timeout_seconds):
                return await waiting
        except TimeoutError:
            return Ack(is_ok=False, reason="http_timeout")
        except (ConnectionError, RuntimeError):
            return Ack(is_ok=False, reason="connection_lost")
        finally:
            connection.unacknowledged.pop(envelope_id, None)

    async def wait_ready(self) -> None:
        """Return once a connection is open."""
        await self._ready.wait()

    async def refresh(self) -> None:
        """Ask every connection to come again, as Slack does every few hours."""
        frame = {
            "type": "disconnect",
            "reason": "refresh_requested",
            "debug_info": {"host": "local"},
        }
        for connection in list(self._connections):
            await connection.socket.send_str(compact(frame))
        await self.close()

    async def close(self) -> None:
        """Close every connection; what was not acknowledged is sent again to the next."""
        for connection in list(self._connections):
            await connection.socket.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "local", "approximate_connection_time": 18060},
            "connection_info": {"app_id": seed.APP_ID},
        }

    def _take_ack(self, connection: _Connection, text: str) -> None:
        try:
            frame = object_from(text)
        except ValueError:
            log.warning("a Socket Mode client sent something that is not a JSON object")
            return
        waiting = connection.unacknowledged.get(str(frame.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(Ack(is_ok=True, body=frame.get("payload")))

    def _forget(self, connection: _Connection) -> None:
        self._connections.remove(connection)
        for waiting in connection.unacknowledged.values():
            if not waiting.done():
                waiting.set_result(Ack(is_ok=False, reason="connection_lost"))
        self._changed()

    def _changed(self) -> None:
        if self._connections:
            self._ready.set()
        else:
            self._ready.clear()
        self.on_change()


def _framed(envelope_id: str, envelope: Envelope) -> Json:
    frame: Json = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        frame.update(retry_attempt=envelope.attempt, retry_reason=envelope.retry_reason)
    return frame

"""A reverse proxy between a connector and its counterpart: faults on the wire, and a record of it.

A world makes one for each fresh system and gives its address to the connector. What is armed
strikes the next request that `belongs` says is part of the call; everything else passes through.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler
from threading import Lock, Thread
from urllib.parse import urlsplit

from connectors.conformance.loopback import Listening
from connectors.conformance.world import FaultKind

FORWARD_SECONDS_MAX = 30.0  # for the counterpart's answer
SLOW_SECONDS = 0.05  # what "slow" adds
HANG_SECONDS = 0.02  # how long a call that gets no answer is held before the line is cut
RETRY_AFTER_SECONDS = 1  # what "rate_limit" asks for
EXCHANGES_MAX = 2_000  # kept of one proxy; the oldest go first
PROXIES_MAX = 32  # open at once in a process; the oldest are closed
CHUNK_BYTES = 65_536  # of an answer without a length

# Belongs to one connection alone (RFC 9110, section 7.6.1).
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer"})

Belongs = Callable[[str, str], bool]  # (method, path with its query) -> whether it is of the call


def is_write(method: str, _path: str) -> bool:
    """Whether a request may change something: what "execute" and "compensate" mostly mean."""
    return method not in ("GET", "HEAD", "OPTIONS")


def is_read(method: str, path: str) -> bool:
    """What "read", "lookup" and "find" mostly mean."""
    return not is_write(method, path)


Broken = tuple[int, Mapping[str, str], bytes]  # status, headers, body


@dataclass(frozen=True)
class Exchange:
    """One request as it left and what came back; `status` is 0 where no answer was given."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes


@dataclass(frozen=True)
class Armed:
    """What the next `times` requests that belong to a call suffer."""

    kind: FaultKind
    belongs: Belongs
    times: int = 1


@dataclass(frozen=True)
class Refusals:
    """The bodies with which this vendor refuses; the statuses are HTTP's."""

    refused: bytes = b"{}"
    busy: bytes = b"{}"
    unavailable: bytes = b"{}"
    content_type: str = "application/json"


class Proxy:
    """Listens on a loopback port of its own and forwards to `target` ("http://127.0.0.1:9000")."""

    def __init__(
        self,
        target: str,
        refusals: Refusals | None = None,
        *,
        hang_seconds: float = HANG_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` are added to each request: a tenant of the counterpart, say."""
        parts = urlsplit(target)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.refusals, self.hang_seconds = refusals or Refusals(), hang_seconds
        self.headers = dict(headers or {})
        self._armed: Armed | None = None
        self._exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_MAX)
        self._lock = Lock()
        self._sockets: set[socket.socket] = set()
        self._server = _Server(self)
        self.address = self._server.address
        _keep(self)

    def arm(self, kind: FaultKind, belongs: Belongs, times: int = 1) -> None:
        """The next requests of that call suffer; what was armed before is forgotten."""
        with self._lock:
            self._armed = Armed(kind, belongs, times)

    def strike(self, method: str, path: str) -> FaultKind | None:
        """The fault for this request, counted down."""
        with self._lock:
            armed = self._armed
            if armed is None or not armed.belongs(method, path):
                return None
            left = armed.times - 1
            self._armed = Armed(armed.kind, armed.belongs, left) if left else None
            return armed.kind

    def exchanges(self) -> tuple[Exchange, ...]:
        """All that passed, oldest first."""
        with self._lock:
            return tuple(self._exchanges)

    def record(self, exchange: Exchange) -> None:
        """Keeps one exchange."""
        with self._lock:
            self._exchanges.append(exchange)

    def unplug(self) -> None:
        """Nobody listens any more, and open lines are cut."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            lines, self._sockets = self._sockets, set()
        for line in lines:
            cut(line)

    def opened(self, line: socket.socket) -> None:
        """A client's line, to be cut when the system is unplugged."""
        with self._lock:
            self._sockets.add(line)

    def closed(self, line: socket.socket) -> None:
        """The client hung up."""
        with self._lock:
            self._sockets.discard(line)


def cut(line: socket.socket) -> None:
    """Ends a line at once, in the middle of whatever it carries."""
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


_OPEN: deque[Proxy] = deque()
_OPEN_LOCK = threading.Lock()


def _keep(proxy: Proxy) -> None:
    """Worlds make many and close none: beyond the bound the oldest is unplugged."""
    with _OPEN_LOCK:
        _OPEN.append(proxy)
        oldest = _OPEN.popleft() if len(_OPEN) > PROXIES_MAX else None
    if oldest is not None:
        Thread(target=oldest.unplug, daemon=True).start()


class _Server(Listening):
    block_on_close = False

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        super().__init__(_Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that broke is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.proxy.opened(self.connection)

    def finish(self) -> None:
        self.server.proxy.closed(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Tests print nothing of their own."""

    def handle_any(self) -> None:
        proxy, body = self.server.proxy, self._body()
        kind = proxy.strike(self.command, self.path)
        if kind == "slow":
            time.sleep(SLOW_SECONDS)
        if kind in (None, "slow"):
            self._pass(body)
        elif kind in ("time_out_before_write", "time_out_after_write"):
            self._swallow(body, is_forwarded=kind == "time_out_after_write")
        else:
            self._answer(body, *_broken(kind, proxy.refusals))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _swallow(self, body: bytes, *, is_forwarded: bool) -> None:
        if is_forwarded:
            connection, answer = self._forward(body)
            answer.read()
            connection.close()
        self._record(body, 0, {}, b"")
        time.sleep(self.server.proxy.hang_seconds)
        self.close_connection = True
        cut(self.connection)

    def _pass(self, body: bytes) -> None:
        try:
            connection, answer = self._forward(body)
        except (OSError, HTTPException):
            self._answer(body, 502, {}, b"the counterpart does not answer")
            return
        headers = {k: v for k, v in answer.getheaders() if k.lower() not in _HOP}
        if answer.length is None and self.command != "HEAD":
            self._stream(body, answer, headers)
        else:
            self._answer(body, answer.status, headers, answer.read())
        connection.close()

    def _forward(self, body: bytes) -> tuple[HTTPConnection, HTTPResponse]:
        proxy = self.server.proxy
        connection = HTTPConnection(*proxy.target, timeout=FORWARD_SECONDS_MAX)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
        sent = {k: v for k, v in sent.items() if k.lower() != "content-length"} | proxy.headers
        for name, value in sent.items():
            connection.putheader(name, value)
        if body or self.command in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        return connection, connection.getresponse()

    def _answer(self, body: bytes, status: int, headers: Mapping[str, str], said: bytes) -> None:
        self._record(body, status, headers, said)
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)
        self.wfile.flush()

    def _stream(self, body: bytes, answer: HTTPResponse, headers: Mapping[str, str]) -> None:
        """An answer without a length: passed on as it comes, server-sent events included."""
        self.send_response_only(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        said = bytearray()
        while data := answer.read1(CHUNK_BYTES):
            said += data
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
        self._record(body, answer.status, headers, bytes(said))
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _record(self, body: bytes, status: int, headers: Mapping[str, str], said: bytes) -> None:
        self.server.proxy.record(
            Exchange(self.command, self.path, dict(self.headers), body, status, headers, said)
        )


def _broken(kind: FaultKind | None, refusals: Refusals) -> Broken:
    headers = {"Content-Type": refusals.content_type}
    if kind == "rate_limit":
        return 429, {**headers, "Retry-After": str(RETRY_AFTER_SECONDS)}, refusals.busy
    if kind == "unavailable":
        return 503, headers, refusals.unavailable
    return 403, headers, refusals.refused

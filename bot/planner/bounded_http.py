"""The way to the model's service, bounded: one deadline, a largest answer, no detour.

A client's own time-outs are for one read each, so that an answer which drips holds a planning for
ever. Here every connect, handshake, write and read has what is left of the time. Nothing of the
environment counts (proxies, certificates, headers), and no redirect is followed: the key goes to
the address of the settings or nowhere.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import httpcore2
import httpx2

CONNECTIONS_MAX = 40  # plannings at once, as many as there are worker threads
CONNECT_SECONDS = 5.0  # for one address of the host, as the SDK's own; then the next is tried
IDLE_SECONDS = 60.0  # how long a connection is kept for the next turn
_HEADERS_SENT = frozenset(
    (
        *(b"accept", b"accept-encoding", b"anthropic-version", b"authorization", b"connection"),
        *(b"content-length", b"content-type", b"host", b"user-agent"),
    )
)
_HEADERS_OF_SDK = b"x-stainless-"  # the SDK's version, its platform and its count of retries


class OversizedError(Exception):
    """An answer is longer than may be taken."""


class EncodedError(Exception):
    """An answer is compressed, which was not asked for: its length says nothing."""


@dataclass
class Bounds:
    """What is left for one answer. `is_awaited` once the request is out: whoever has it may carry
    it out, and bill it, whatever comes back."""

    deadline: float
    bytes_left: int
    is_awaited: bool = False

    def seconds(self, asked_seconds: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left if asked_seconds is None else min(left, asked_seconds)

    def took(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise OversizedError


_bounds: ContextVar[Bounds] = ContextVar("bounds of the answer that this thread waits for")


@contextmanager
def within(seconds: float, bytes_max: int) -> Iterator[Bounds]:
    """Bounds what this thread does with the client until the end of the block."""
    bounds = Bounds(time.monotonic() + seconds, bytes_max)
    token = _bounds.set(bounds)
    try:
        yield bounds
    finally:
        _bounds.reset(token)


def bounded_client() -> httpx2.Client:
    """A client for one service. To be used inside `within` alone, from any thread."""
    return httpx2.Client(
        transport=_Transport(),
        follow_redirects=False,
        trust_env=False,
        headers={"accept-encoding": "identity"},
    )


class _Transport(httpx2.BaseTransport):
    def __init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=CONNECTIONS_MAX,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        assert isinstance(request.stream, httpx2.SyncByteStream)
        url = request.url
        with _timed():
            answer = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=httpcore2.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=[each for each in request.headers.raw if _is_sent(each[0].lower())],
                    content=request.stream,
                    extensions={"timeout": {"pool": _bounds.get().seconds(None)}},
                )
            )
        assert isinstance(answer.stream, Iterable)
        response = httpx2.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer.stream)
        )
        if response.headers.get("content-encoding", "identity") != "identity":
            response.close()
            raise EncodedError
        return response

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _timed():
            yield from self._stream

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()


class _Backend(httpcore2.NetworkBackend):
    """Sockets whose every operation has what is left of the time. A host's name is looked up by the
    system, which has its own patience."""

    def __init__(self) -> None:
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        options = socket_options or ()
        failed: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in _addresses(host, port):
            seconds = min(_bounds.get().seconds(timeout), CONNECT_SECONDS)
            try:
                return _Stream(
                    self._sockets.connect_tcp(
                        address, port, seconds, local_address, socket_options=options
                    )
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed


def _addresses(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host, each once, in the system's order."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore2.ConnectError(f"{host} is not known") from error
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        _bounds.get().is_awaited = True  # an answer is read once all of the request is written
        data = self._stream.read(max_bytes, _bounds.get().seconds(timeout))
        _bounds.get().took(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _bounds.get().seconds(timeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = _bounds.get().seconds(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@contextmanager
def _timed() -> Iterator[None]:
    """What the client knows as a time-out."""
    try:
        yield
    except httpcore2.TimeoutException as late:
        raise httpx2.ReadTimeout("the time for this answer is over") from late


def _is_sent(header: bytes) -> bool:
    return header in _HEADERS_SENT or header.startswith(_HEADERS_OF_SDK)

"""HTTP of stand-ins on a loopback port: one way to listen, to read a request and to answer it."""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

TENANT = "X-Tenant"  # the header by which a proxy names its system among those of a stand-in
BODY_BYTES_MAX = 1_000_000

_HAD: set[Any] = set()  # the addresses at which somebody listened


@dataclass(frozen=True)
class Answer:
    """What is answered: `body` as JSON, nothing at all where it is None."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """Answers each request with what `answered(body)` says of it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    content_type = "application/json"

    def answered(self, body: bytes) -> Answer:
        """The answer to the request that was read."""
        raise LookupError(self.path)

    def log_message(self, *_: object) -> None:
        """Tests print nothing of their own."""

    def handle_any(self) -> None:
        """One request."""
        length = int(self.headers.get("Content-Length") or 0)
        answer = self.answered(self.rfile.read(min(length, BODY_BYTES_MAX)))
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response_only(answer.status)
        for name, value in {"Content-Type": self.content_type, **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815


class Listening(ThreadingHTTPServer):
    """Listens from the start on, until it is shut down or the process ends. It waits for requests
    without looking up in between: dozens of them stand idle in a process."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._stop, self._told_to_stop = socket.socketpair()
        self._ended = Event()
        super().__init__(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        Thread(target=self.serve_forever, daemon=True).start()

    def server_bind(self) -> None:
        """As HTTPServer's, without asking for the machine's name; on a port that nobody had in this
        process before: what is remembered of an address is of another system."""
        socket.socket.bind(self.socket, self.server_address)
        while self.socket.getsockname() in _HAD:
            self.socket.close()
            self.socket = socket.socket(self.address_family, self.socket_type)
            socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        _HAD.add(self.server_address)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def serve_forever(self, _poll_interval: float = 0.0) -> None:
        """Answers until `shutdown` is called."""
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(self, selectors.EVENT_READ)
                ready.register(self._told_to_stop, selectors.EVENT_READ)
                while all(key.fileobj is self for key, _ in ready.select()):
                    self._handle_request_noblock()  # type: ignore[attr-defined]  # socketserver's own step
        finally:
            self._ended.set()

    def shutdown(self) -> None:
        """No request is taken any more when this returns; a second time is harmless."""
        with contextlib.suppress(OSError):
            self._stop.send(b"x")
        self._ended.wait()

    def server_close(self) -> None:
        """Nobody listens any more."""
        super().server_close()
        self._stop.close()
        self._told_to_stop.close()


class Server(Listening):
    """Answers with handlers of one kind."""

    def __init__(self, handler: type[Handler], **attributes: object) -> None:
        """`attributes` are those of the handler that it is made with."""
        super().__init__(type("Handler", (handler,), attributes))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that broke is the client's affair; all else is a defect of the stand-in."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

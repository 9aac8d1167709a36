"""HTTP of stand-ins on a loopback port: one way to listen, to read a request and to answer it."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

TENANT = "X-Tenant"  # the header by which a proxy names its system among those of a stand-in
BODY_BYTES_MAX = 1_000_000
SHUTDOWN_SECONDS = 0.05  # how soon a server that is to stop notices it


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


class Server(ThreadingHTTPServer):
    """Listens from the start on, until it is shut down or the process ends."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[Handler], **attributes: object) -> None:
        """`attributes` are those of the handler that it is made with."""
        super().__init__(("127.0.0.1", 0), type("Handler", (handler,), attributes))
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        Thread(target=self.serve_forever, args=(SHUTDOWN_SECONDS,), daemon=True).start()

    def server_bind(self) -> None:
        """As HTTPServer's, without asking for the machine's name."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that broke is the client's affair; all else is a defect of the stand-in."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

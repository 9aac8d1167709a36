"""The HTTP of a stand-in of our own: one server for all systems of a process, told apart by what
the proxy of each adds to its requests."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TENANT = "X-Tenant"  # the header by which a proxy names its system
BODY_BYTES_MAX = 1_000_000


@dataclass(frozen=True)
class Asked:
    """One request; `path` is split and unquoted, names of headers are in small letters."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True)
class Answer:
    """What is answered: `body` as JSON, nothing at all where it is None."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn:
    """Serves on a loopback port until the process ends. Answers one request at a time, so what
    `answer(tenant, asked)` does is atomic."""

    def __init__(self, answer: Callable[[str, Asked], Answer]) -> None:
        self._answer, self._lock = answer, Lock()
        server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"standin": self}))
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def answered(self, tenant: str, asked: Asked) -> Answer:
        """The answer for that system."""
        with self._lock:
            return self._answer(tenant, asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        """As HTTPServer's, without asking for the machine's name."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that broke is the client's affair."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    standin: StandIn

    def log_message(self, *_: object) -> None:
        """Tests print nothing of their own."""

    def handle_any(self) -> None:
        parts = urlsplit(self.path)
        sent = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), BODY_BYTES_MAX))
        asked = Asked(
            self.command,
            tuple(unquote(each) for each in parts.path.strip("/").split("/")),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            _read(sent, self.headers.get("Content-Type", "")),
        )
        answer = self.standin.answered(self.headers.get(TENANT, ""), asked)
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response_only(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815


def _read(sent: bytes, kind: str) -> Any:
    if not sent:
        return None
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(sent.decode()))
    try:
        return json.loads(sent)
    except ValueError:
        return sent

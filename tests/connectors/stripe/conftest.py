"""A Stripe account of one's own behind a proxy, and a server that says whatever it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.conformance.proxy import Proxy
from connectors.stripe import conformance
from connectors.stripe.session import open_session


@pytest.fixture
def address(tmp_path):
    return conformance.fresh(tmp_path)


@pytest.fixture
def proxy(address) -> Proxy:
    return conformance.PROXIES[address][0]


@pytest.fixture
def session(address):
    with open_session(conformance.writer(address, "")) as opened:
        yield opened


class Said(BaseHTTPRequestHandler):
    """Each path has a list of answers (status, headers, body); the last is said for ever."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.command, self.path))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answers = self.server.says[(self.command, self.path.partition("?")[0])]
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture
def saying():
    """`saying(says)` -> (credential's address, what was asked)."""
    servers = []

    def serve(says):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Said)
        server.says, server.asked = says, []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}", server.asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()

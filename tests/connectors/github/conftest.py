"""A GitHub that answers as a test says, and the one of the conformance world."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from connectors.credentials import Credential
from connectors.github import conformance
from connectors.github.connector import CONNECTOR
from connectors.opening import forget_identities, opened

SCOPES = conformance.WRITE
REPO = {
    "full_name": "acme/payments",
    "default_branch": "main",
    "owner": {"login": "acme", "type": "Organization"},
    "private": True,
    "archived": False,
}


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Scripted:
    """Answers by "METHOD /path" without its query: (status, headers, body), or a function of what
    was asked that gives one. Whatever is not said is 404."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    address: str = ""
    token: str = "ghp_scripted0Token0of0the0tests"
    account: str = "acme/assent-bot"

    def says(self, route: str, body: Any = None, status: int = 200, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[route] = (status, names, body)

    def does(self, route: str, act: Callable[[Asked], Any]) -> None:
        self.answers[route] = act

    def credential(self, **changes: Any) -> Credential:
        values = {
            "account": self.account,
            "environment": "production",
            "scopes": SCOPES,
            "address": self.address,
            "secret": self.token,
        }
        return Credential(**{**values, **changes})

    def session(self, **changes: Any):
        return opened(CONNECTOR, self.credential(**changes))

    @property
    def writes(self) -> list[Asked]:
        return [each for each in self.asked if each.method != "GET"]


@pytest.fixture
def github():
    """A scripted GitHub with the account, its organization, a repository and two people."""
    forget_identities()
    scripted = Scripted()
    scripted.says("GET /user", {"login": "assent-bot"})
    scripted.says("GET /orgs/acme/memberships/assent-bot", {"role": "admin", "state": "active"})
    scripted.says("GET /repos/acme/payments", REPO)
    for login, role in (("maya-ops", "member"), ("lee-owner", "admin"), ("sam-stranger", "")):
        scripted.says(f"GET /users/{login}", {"login": login, "name": "A Name", "type": "User"})
        if role:
            membership = {"role": role, "state": "active"}
            scripted.says(f"GET /orgs/acme/memberships/{login}", membership)
    scripted.says("GET /repos/acme/payments/collaborators", [])
    scripted.says("GET /repos/acme/payments/invitations", [])
    server = _server(scripted)
    yield scripted
    server.shutdown()
    server.server_close()


@pytest.fixture
def emulated(tmp_path):
    """The address of a fresh system of the conformance world."""
    return conformance.fresh(tmp_path)


def _server(scripted: Scripted) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            """Silent."""

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "null")
            asked = Asked(self.command, self.path, dict(self.headers), body)
            scripted.asked.append(asked)
            route = f"{self.command} {self.path.partition('?')[0]}"
            said = scripted.answers.get(route, (404, {}, {"message": "Not Found"}))
            status, headers, answer = said(asked) if callable(said) else said
            raw = isinstance(answer, bytes)
            data = answer if raw else b"" if answer is None else json.dumps(answer).encode()
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scripted.address = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server

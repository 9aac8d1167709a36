"""Requests of a client of `httpx2`, carried to a stand-in's answers within the process: no socket,
no server. For stories; on the wire a stand-in is served (serving.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote

from httpx2 import BaseTransport, Client, Request, Response

from connectors.conformance.serving import Answer, Asked, read_body

ADDRESS = "http://127.0.0.1:9"  # where nobody listens (RFC 863): nothing is sent


class InProcess(BaseTransport):
    """What `answer` says to each request."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self._answer = answer

    def handle_request(self, request: Request) -> Response:
        path = request.url.raw_path.partition(b"?")[0].decode()
        asked = Asked(
            request.method,
            tuple(unquote(each) for each in path.strip("/").split("/")),
            dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
            {name.lower(): value for name, value in request.headers.items()},
            read_body(request.read(), request.headers.get("Content-Type", "")),
        )
        said = self._answer(asked)
        content = b"" if said.body is None else json.dumps(said.body).encode()
        headers = {"Content-Type": "application/json", **said.headers}
        return Response(said.status, headers=headers, content=content)


def client(real: Client, answer: Callable[[Asked], Answer]) -> Client:
    """A client that asks as that one does, within the process."""
    transport = InProcess(answer)
    return Client(base_url=real.base_url, headers=real.headers, transport=transport)

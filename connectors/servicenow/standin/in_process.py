"""The connector's requests carried to an instance within the process: no socket, no server."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from httpx2 import BaseTransport, Response
from httpx2 import Request as Sent

from connectors.conformance.in_a_thread import Request
from connectors.servicenow.standin.instance import Instance
from connectors.servicenow.standin.server import handle


class InProcess(BaseTransport):
    """A transport for a client of `httpx2`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def handle_request(self, request: Sent) -> Response:
        said = handle(
            self._instance,
            Request(
                method=request.method,
                path=request.url.path,
                query=tuple(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.read(),
            ),
        )
        content = b"" if said.body is None else json.dumps(said.body).encode()
        return Response(said.status, headers=dict(said.headers), content=content)

"""The SDK's requests carried to a site within the process: no socket, no server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connectors.conformance.in_a_thread import Request
from connectors.jira.standin.server import handle
from connectors.jira.standin.site import Site


class InProcess(BaseAdapter):
    """An adapter to mount at a session of `requests`."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        parts = urlsplit(request.url or "")
        said = handle(
            self._site,
            Request(
                method=request.method or "",
                path=unquote(parts.path),
                query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): str(value) for name, value in request.headers.items()},
                body=_bytes(request.body),
            ),
        )
        answer = Response()
        answer.status_code, answer.url, answer.request = said.status, request.url or "", request
        answer.headers = CaseInsensitiveDict(said.headers)
        answer._content = b"" if said.body is None else json.dumps(said.body).encode()
        return answer

    def close(self) -> None:
        """Nothing is open."""


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")

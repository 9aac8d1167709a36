"""A stand-in of our own: one server for all systems of a process, told apart by what the proxy of
each adds to its requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.conformance.loopback import TENANT, Answer, Handler, Server

__all__ = ["TENANT", "Answer", "Asked", "StandIn"]


@dataclass(frozen=True)
class Asked:
    """One request; `path` is split and unquoted, names of headers are in small letters."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


class StandIn:
    """Serves on a loopback port until the process ends. Answers one request at a time, so what
    `answer(tenant, asked)` does is atomic."""

    def __init__(self, answer: Callable[[str, Asked], Answer]) -> None:
        self._answer, self._lock = answer, Lock()
        self.address = Server(_Handler, standin=self).address

    def answered(self, tenant: str, asked: Asked) -> Answer:
        """The answer for that system."""
        with self._lock:
            return self._answer(tenant, asked)


class _Handler(Handler):
    standin: StandIn

    def answered(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            tuple(unquote(each) for each in parts.path.strip("/").split("/")),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            read_body(body, self.headers.get("Content-Type", "")),
        )
        return self.standin.answered(self.headers.get(TENANT, ""), asked)


def read_body(sent: bytes, kind: str) -> Any:
    """What a request carries: a form's fields, JSON, else the bytes."""
    if not sent:
        return None
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(sent.decode()))
    try:
        return json.loads(sent)
    except ValueError:
        return sent

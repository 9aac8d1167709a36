"""A stand-in that is a function of one request and the tenant that it is for: many tenants, one
server, started with the first. Called for one request at a time: what it stores needs no locks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.conformance.loopback import TENANT, Answer, Handler, Server

__all__ = ["TENANT_HEADER", "Answer", "InAThread", "Request"]

TENANT_HEADER = TENANT
TENANTS_MAX = 64  # kept at once; the oldest goes first

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One request as a stand-in sees it. `headers` are in lower case, `query` keeps repeats."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


class InAThread(Generic[T]):
    """The server of one kind of stand-in; `handle(tenant, request)` answers."""

    def __init__(self, handle: Callable[[T, Request], Answer]) -> None:
        self._handle = handle
        self._tenants: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()
        self._url = ""
        self._count = 0

    def add(self, tenant: T) -> str:
        """A tenant's name, for the header; the server starts with the first."""
        with self._lock:
            self._url = self._url or Server(_Handler, standin=self).address
            self._count += 1
            name = str(self._count)
            self._tenants[name] = tenant
            while len(self._tenants) > TENANTS_MAX:
                self._tenants.popitem(last=False)
        return name

    @property
    def url(self) -> str:
        """Where it listens: "http://127.0.0.1:PORT"."""
        return self._url

    def answered(self, tenant: str, request: Request) -> Answer:
        """The answer of that tenant."""
        with self._lock:
            if tenant not in self._tenants:
                return Answer(404, {"error": "no such tenant"})
            return self._handle(self._tenants[tenant], request)


class _Handler(Handler):
    content_type = "application/json;charset=UTF-8"
    standin: InAThread[object]

    def answered(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            unquote(parts.path),
            tuple(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        return self.standin.answered(self.headers.get(TENANT, ""), request)

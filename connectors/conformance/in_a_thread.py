"""A stand-in's server: aiohttp on a thread of its own, started once a process, many tenants.

A stand-in is a function of one request and the tenant that it is for, called by one thread alone:
what it stores needs no locks. The tenant is named by a header that the fault proxy adds.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiohttp import web

TENANT_HEADER = "X-Stand-In-Tenant"
TENANTS_MAX = 64  # kept at once; the oldest goes first
START_SECONDS = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One request as a stand-in sees it. `headers` are in lower case, `query` keeps repeats."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What a stand-in says; None as `body` is an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class InAThread(Generic[T]):
    """The server of one kind of stand-in; `handle(tenant, request)` answers."""

    def __init__(self, handle: Callable[[T, Request], Answer]) -> None:
        self._handle = handle
        self._tenants: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._url = ""
        self._count = 0

    def add(self, tenant: T) -> str:
        """A tenant's name, for the header; the server starts with the first."""
        with self._lock:
            if not self._url:
                self._start()
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

    def _start(self) -> None:
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the stand-in did not start")

    async def _serve(self) -> None:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{rest:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await asyncio.Event().wait()

    async def _answer(self, request: web.Request) -> web.Response:
        tenant = self._tenants.get(request.headers.get(TENANT_HEADER, ""))
        if tenant is None:
            return web.Response(status=404, text="no such tenant")
        said = self._handle(
            tenant,
            Request(
                method=request.method,
                path=request.path,
                query=tuple(request.query.items()),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
            ),
        )
        body = b"" if said.body is None else json.dumps(said.body).encode()
        headers = {"Content-Type": "application/json;charset=UTF-8", **said.headers}
        return web.Response(status=said.status, body=body, headers=headers)

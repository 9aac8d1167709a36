"""The deployment service of the bundle `service`, as far as its document goes: strict, stateful, in
this process. What is not in the document is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import httpx

from connectors.conformance.serving import Answer, Asked
from connectors.credentials import Credential
from connectors.operation import Connector, Value
from connectors.story import Rows, System, Write

ADDRESS = "https://deploys.acme.example"
ORGANISATION = "acme"
WRITER, READER = "assent-runbook", "assent-looks"
SECRETS = {
    f"{ORGANISATION}/{WRITER}": "deploys-writes-canary",
    f"{ORGANISATION}/{READER}": "deploys-reads-canary",
}
REPLICAS_MAX = 1000  # that the document permits; each service has a lower bound of its own
TABLE = "deploys_services"


@dataclass(frozen=True)
class Service:
    """One service as it stands; `version` counts what changed it."""

    name: str
    title: str
    team: str
    replicas: int
    max_replicas: int
    errors_per_mille: int
    deployed: str
    deployed_at: str
    deploy: str = "finished"
    region: str = "eu-1"
    restarted_for: str = ""
    restarted_at: str = ""
    is_frozen: bool = False
    version: int = 7

    def document(self) -> dict[str, Value]:
        """As the interface answers it."""
        return {
            "name": self.name, "title": self.title, "team": self.team, "region": self.region,
            "replicas": self.replicas, "ready": self.replicas, "max_replicas": self.max_replicas,
            "errors_per_mille": self.errors_per_mille,
            "deploy": {"version": self.deployed, "status": self.deploy,
                       "finished_at": self.deployed_at},
            "restart": {"incident": self.restarted_for or None, "at": self.restarted_at or None},
            "is_frozen": self.is_frozen,
        }  # fmt: skip

    def row(self) -> dict[str, Value]:
        """As a story looks at it."""
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS: Mapping[str, type] = {
    "title": str, "team": str, "region": str, "replicas": int, "max_replicas": int,
    "errors_per_mille": int, "deploy": str, "deployed": str, "deployed_at": str,
    "restarted_for": str, "restarted_at": str, "is_frozen": bool,
}  # fmt: skip


def seeded(now: datetime) -> tuple[Service, ...]:
    """What runs at the beginning of every story."""
    ago = {hours: _time(now - timedelta(hours=hours)) for hours in (3, 26, 200)}
    return (
        Service("checkout", "Checkout", "Payments", 4, 10, 180, "2026.11.19-2", ago[26]),
        Service("checkout-worker", "Queue of payments", "Payments", 2, 6, 60, "2026.11.18-1",
                ago[200]),
        Service("payments-api", "Payments interface", "Payments", 3, 9, 40, "2026.11.12-1",
                ago[200]),
        Service("search", "Product search", "Discovery", 6, 20, 4, "2026.11.20-1", ago[3]),
        Service("search-index", "Index builder", "Discovery", 1, 4, 90, "2026.11.20-4", ago[26],
                deploy="running"),
        Service("ledger", "Ledger", "Finance", 3, 6, 75, "2026.10.30-1", ago[200], is_frozen=True),
        Service("mailer", "Mail sender", "Messaging", 2, 8, 55, "2026.11.10-3", ago[200],
                restarted_for="INC0010001", restarted_at=ago[200]),
    )  # fmt: skip


class Deploys(System):
    """The service with its records, told from its own side."""

    columns: Mapping[str, Mapping[str, type]] = MappingProxyType({TABLE: _COLUMNS})

    def __init__(self) -> None:
        self._services: dict[str, Service] = {}
        self._now = ""

    @property
    def address(self) -> str:
        return ADDRESS

    def begin(self, now: datetime) -> None:
        self._services = {service.name: service for service in seeded(now)}
        self._now = _time(now)

    def secret(self, account: str) -> str:
        return SECRETS.get(account, "nobody's")

    def open(self, connector: Connector, credential: Credential) -> AbstractContextManager[Any]:
        """A session whose client asks within the process: no socket, no server."""
        said = replace(credential, address=self.address, secret=self.secret(credential.account))

        @contextmanager
        def opened() -> Iterator[Any]:
            with connector.open(said) as session:
                real = session.client
                transport = _InProcess(self._carried)
                with httpx.Client(
                    base_url=real.base_url, headers=real.headers, transport=transport
                ) as client:
                    yield replace(session, client=client)

        return opened()

    def rows(self) -> Rows:
        return {TABLE: {name: service.row() for name, service in self._services.items()}}

    def change(self, table: str, id_: str, values: Mapping[str, Value]) -> None:
        if table != TABLE or id_ not in self._services:
            raise LookupError(f"{table} has no {id_}")
        if unknown := values.keys() - _COLUMNS.keys():
            raise LookupError(f"{table} has no column {', '.join(sorted(unknown))}")
        self._put(self._services[id_], **values)

    def writes(self, before: Rows, after: Rows) -> Iterable[Write]:
        return tuple(_writes(before[TABLE], after[TABLE]))

    def _carried(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        said = self._answer(
            Asked(
                request.method,
                tuple(request.url.path.strip("/").split("/")),
                dict(parse_qsl(request.url.query.decode(), keep_blank_values=True)),
                {name.lower(): value for name, value in request.headers.items()},
                json.loads(content) if content else None,
            )
        )
        headers = {"Content-Type": "application/json", **said.headers}
        body = b"" if said.body is None else json.dumps(said.body).encode()
        return httpx.Response(said.status, headers=headers, stream=httpx.ByteStream(body))

    def _answer(self, asked: Asked) -> Answer:
        scheme, _, secret = asked.headers.get("authorization", "").partition(" ")
        account = next((a for a, s in SECRETS.items() if s == secret), "")
        if scheme != "Bearer" or not account:
            return Answer(401, {"message": "who is this?"})
        if asked.path == ("v3", "me") and asked.method == "GET":
            who = {"account": account.split("/")[1], "environment": "sandbox"}
            return Answer(200, {"organisation": ORGANISATION, **who})
        if asked.path == ("v3", "services") and asked.method == "GET":
            return self._list(asked.query)
        return self._of_one(account, asked)

    def _of_one(self, account: str, asked: Asked) -> Answer:
        match (asked.method, asked.path):
            case (_, ("v3", "services", name, *_)) if name not in self._services:
                return Answer(404, {"message": f"no service {name[:40]}"})
            case ("GET", ("v3", "services", name)):
                return self._shown(name)
            case ("PATCH", ("v3", "services", name)) | ("PUT", ("v3", "services", name, "restart")):
                return self._written(account, name, asked)
        return Answer(404, {"message": "no such path"})

    def _list(self, query: Mapping[str, str]) -> Answer:
        if query.keys() - {"q", "limit"}:
            return Answer(400, {"message": "what is that query?"})
        words = query.get("q", "").casefold().split()
        found = [
            service.document()
            for service in self._services.values()
            if all(word in f"{service.name} {service.title}".casefold() for word in words)
        ]
        return Answer(200, {"services": found[: int(query.get("limit", "50"))]})

    def _written(self, account: str, name: str, asked: Asked) -> Answer:
        service, body = self._services[name], asked.body
        if not account.endswith(WRITER):
            return Answer(403, {"message": "this account may look and nothing else"})
        if asked.headers.get("if-match") != _etag(service):
            return Answer(412, {"message": "the service was changed since"})
        if not isinstance(body, dict):
            return Answer(422, {"message": "an object is needed"})
        if asked.method == "PUT" and body.keys() == {"incident"} and _is_line(body["incident"]):
            incident = body["incident"]
            return self._put(service, restarted_for=incident, restarted_at=self._now)
        if asked.method == "PATCH" and body.keys() == {"replicas"} and _is_count(body["replicas"]):
            return self._put(service, replicas=body["replicas"])
        return Answer(422, {"message": "what is that change?"})

    def _put(self, service: Service, **values: Value) -> Answer:
        self._services[service.name] = replace(service, version=service.version + 1, **values)
        return self._shown(service.name)

    def _shown(self, name: str) -> Answer:
        service = self._services[name]
        return Answer(200, service.document(), {"ETag": _etag(service)})


class _InProcess(httpx.BaseTransport):
    """A transport that hands each request to a function."""

    def __init__(self, carried: Callable[[httpx.Request], httpx.Response]) -> None:
        self._carried = carried

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._carried(request)


def _writes(
    before: Mapping[str, Mapping[str, Value]], after: Mapping[str, Mapping[str, Value]]
) -> Iterator[Write]:
    for name, now in after.items():
        was = before.get(name, {})
        changed = {column for column in now if now[column] != was.get(column)}
        if changed & {"restarted_for", "restarted_at"}:
            yield Write("deploys.restart", {"service": name, "incident": now["restarted_for"]})
        if "replicas" in changed:
            yield Write("deploys.scale", {"service": name, "replicas": now["replicas"]})
        if others := changed - {"restarted_for", "restarted_at", "replicas"}:
            yield Write("unknown", {"service": name, **{c: now[c] for c in sorted(others)}})


def _is_line(value: Value) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 40 and value.isprintable()


def _is_count(value: Value) -> bool:
    return type(value) is int and 0 <= value <= REPLICAS_MAX


def _etag(service: Service) -> str:
    return f'"{service.name}-{service.version}"'


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


STORY = Deploys

"""What stands before stripe-stateful-mock, which knows charges, refunds and customers alone.

Ours are: keys and what they permit, GET /v1/account and /v1/balance, payment intents (read,
cancel), the search of charges, charges of one customer, and that an update of metadata leaves the
other keys. Everything else is the mock's. A tenant is an account of the mock's own; its charges go
by names that tests can know beforehand.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from connectors.conformance import loopback
from connectors.conformance.loopback import TENANT, Handler, Server

MOCK_KEY = "sk_test_counterpart"
WAIT_SECONDS = 30.0
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation",
              "requires_action")  # fmt: skip
Answer = tuple[int, dict[str, str], dict[str, Any]]

_SEARCH = re.compile(r"metadata\['([^']+)'\]:'([^']+)'")


@dataclass
class Tenant:
    """One fresh Stripe account. `keys` say what each may do; `names` are the mock's charge ids by
    those that tests know, `owners` the customers of them."""

    account: str
    keys: Mapping[str, str]  # secret -> "write" or "read"
    names: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, Answer] = field(default_factory=dict)  # by idempotency key
    lock: Lock = field(default_factory=Lock)


class Front:
    """One server for all tenants of a process: it asks for their keys, and answers what is Stripe's
    and neither charge, refund nor customer."""

    def __init__(self) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.server = Server(_Handler, front=self)
        self.address = self.server.address

    def tenant(self, named: str) -> Tenant:
        """The one that a request names."""
        return self.tenants[named]

    def answer(self, tenant: Tenant, method: str, target: str, body: str, key: str) -> Answer:
        """To a request whose key permits it."""
        parts = urlsplit(target)
        own = _own(self, tenant, method, parts.path, parts.query)
        if own is not None:
            return own
        if parts.path.startswith("/v1/payment_intents/"):
            return _payment(tenant, method, parts.path, body, key)
        return self.call(tenant, method, target, body, key)

    def call(self, tenant: Tenant, method: str, path: str, body: str = "", key: str = "") -> Answer:
        """Charges, refunds and customers."""
        raise LookupError(path)


class StandIn(Front):
    """Before the mock, whose are charges, refunds and customers."""

    def __init__(self, mock: str) -> None:
        super().__init__()
        parts = urlsplit(mock)
        self.mock = (parts.hostname or "", parts.port or 80)

    def answer(self, tenant: Tenant, method: str, target: str, body: str, key: str) -> Answer:
        """As every front, with what the mock forgets of a customer's metadata."""
        path = urlsplit(target).path
        if method == "POST" and path.startswith("/v1/customers/"):
            body = _merged(self, tenant, path, body)
        return super().answer(tenant, method, target, body, key)

    def call(self, tenant: Tenant, method: str, path: str, body: str = "", key: str = "") -> Answer:
        """One call of the mock in the tenant's account, with the tenant's names of charges."""
        for name, real in tenant.names.items():
            path, body = path.replace(name, real), body.replace(name, real)
        headers = {"Authorization": f"Bearer {MOCK_KEY}"}
        if tenant.account in self.tenants:
            headers["Stripe-Account"] = tenant.account
        if key:
            headers["Idempotency-Key"] = key
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line = HTTPConnection(*self.mock, timeout=WAIT_SECONDS)
        line.request(method, path, body or None, headers)
        answer = line.getresponse()
        said = answer.read().decode()
        line.close()
        for name, real in tenant.names.items():
            said = said.replace(real, name)
        kept = {k: v for k, v in answer.getheaders() if k.lower() in ("idempotent-replayed",)}
        return answer.status, kept, _owned(tenant, json.loads(said))

    def make(self, tenant: Tenant) -> Tenant:
        """The tenant's account in the mock; from now on it can be called."""
        self.call(tenant, "POST", "/v1/accounts", f"type=standard&id={tenant.account}")
        self.tenants[tenant.account] = tenant
        return tenant

    def charge(self, tenant: Tenant, name: str, customer: str, **values: str) -> None:
        """A charge by that name, of that customer."""
        body = urlencode({"source": "tok_visa", **values})
        status, _, charge = self.call(tenant, "POST", "/v1/charges", body)
        assert status == 200, charge
        tenant.names[name], tenant.owners[name] = charge["id"], customer


class _Handler(Handler):
    front: Front

    def answered(self, body: bytes) -> loopback.Answer:
        tenant = self.front.tenant(self.headers.get(TENANT, ""))
        status, headers, said = self._decide(tenant, self.command, body.decode())
        return loopback.Answer(status, said, headers)

    def _decide(self, tenant: Tenant, method: str, body: str) -> Answer:
        secret = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        permits = tenant.keys.get(secret)
        if permits is None:
            return _error(401, "invalid_request_error", f"Invalid API Key provided: {secret[:8]}")
        if method == "POST" and permits != "write":
            return _error(403, "invalid_request_error", "The provided key lacks permission.")
        key = self.headers.get("Idempotency-Key") or ""
        return self.front.answer(tenant, method, self.path, body, key)


def _own(front: Front, tenant: Tenant, method: str, path: str, query: str) -> Answer | None:
    """The routes that the mock does not have."""
    wanted = {k: v[0] for k, v in parse_qs(query).items()}
    plain: dict[str, dict[str, Any]] = {
        "/v1/account": {"id": tenant.account, "object": "account", "country": "US"},
        "/v1/balance": {"object": "balance", "livemode": False, "available": []},
    }
    if method != "GET":
        return None
    if path in plain:
        return 200, {}, plain[path]
    if path == "/v1/charges/search":
        match = _SEARCH.fullmatch(wanted.get("query", ""))
        if match is None:
            return _error(400, "invalid_request_error", "We were unable to parse your query.")
        return _page(front, tenant, wanted, metadata=(match[1], match[2]))
    if path == "/v1/charges" and "customer" in wanted:
        return _page(front, tenant, wanted, customer=wanted["customer"])
    return None


def _page(
    front: Front,
    tenant: Tenant,
    wanted: Mapping[str, str],
    metadata: tuple[str, str] | None = None,
    customer: str | None = None,
) -> Answer:
    status, headers, every = front.call(tenant, "GET", "/v1/charges?limit=100")
    found = [
        c
        for c in every["data"]
        if (metadata is None or c["metadata"].get(metadata[0]) == metadata[1])
        and (customer is None or c["customer"] == customer)
    ]
    limit = int(wanted.get("limit", 10))
    return status, headers, {**every, "data": found[:limit], "has_more": len(found) > limit}


def _payment(tenant: Tenant, method: str, path: str, body: str, key: str) -> Answer:
    payment_id, _, act = path.removeprefix("/v1/payment_intents/").partition("/")
    with tenant.lock:
        payment = tenant.payments.get(payment_id)
        if payment is None:
            message = f"No such payment_intent: '{payment_id}'"
            return _error(404, "invalid_request_error", message, code="resource_missing")
        if method == "GET":
            return 200, {}, dict(payment)
        known = tenant.answered.get(key)
        if known is not None:
            if known[1]["body"] != body + path:
                return _error(400, "idempotency_error", "Keys for idempotent requests ...")
            return known[0], {"Idempotent-Replayed": "true"}, known[2]
        if act != "cancel" or payment["status"] not in CANCELABLE:
            message = f"You cannot {act} this PaymentIntent: its status is {payment['status']}."
            code = "payment_intent_unexpected_state"
            return _error(400, "invalid_request_error", message, code=code)
        reason = dict(parse_qsl(body)).get("cancellation_reason")
        payment.update(
            status="canceled",
            cancellation_reason=reason,
            canceled_at=int(time.time()),
            amount_capturable=0,
        )
        if key:
            tenant.answered[key] = (200, {"body": body + path}, dict(payment))
        return 200, {}, dict(payment)


def _merged(standin: StandIn, tenant: Tenant, path: str, body: str) -> str:
    """Stripe leaves the keys that are not named, and removes those set to nothing."""
    _, _, customer = standin.call(tenant, "GET", unquote(path))
    metadata = dict(customer.get("metadata") or {})
    rest = []
    for name, value in parse_qsl(body, keep_blank_values=True):
        if match := re.fullmatch(r"metadata\[(.+)\]", name):
            metadata[match[1]] = value
        else:
            rest.append((name, value))
    kept = [(f"metadata[{k}]", v) for k, v in metadata.items() if v]
    return urlencode([*rest, *(kept or [("metadata", "")])], quote_via=quote)


def _owned(tenant: Tenant, said: Any) -> Any:
    """Charges with their customers, at any depth; the mock forgets whose they are."""
    if isinstance(said, list):
        return [_owned(tenant, each) for each in said]
    if not isinstance(said, dict):
        return said
    known = {name: _owned(tenant, value) for name, value in said.items()}
    if known.get("object") == "charge":
        known["customer"] = tenant.owners.get(known["id"])
    return known


def _error(status: int, kind: str, message: str, code: str = "") -> Answer:
    return (
        status,
        {},
        {"error": {"type": kind, "message": message, **({"code": code} if code else {})}},
    )

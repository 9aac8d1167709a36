"""Stripe as a world for the conformance suite."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from connectors.conformance.loopback import TENANT
from connectors.conformance.node import NodeServer, served
from connectors.conformance.proxy import Belongs, Proxy, Refusals, is_read, is_write
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.stripe.standin import StandIn, Tenant

MOCK = NodeServer("stripe-stateful-mock", environment=(("PORT", "{port}"), ("LOG_LEVEL", "error")))
WRITER_KEY = "rk_test_51Writer0fTheConformanceWorld"
READER_KEY = "rk_test_51Reader0fTheConformanceWorld"
READ = frozenset({"charges:read", "refunds:read", "customers:read", "payment_intents:read"})
WRITE = READ | {"refunds:write", "customers:write", "payment_intents:write"}
REFUSALS = Refusals(
    refused=b'{"error": {"type": "invalid_request_error", "message": "The key may not."}}',
    busy=b'{"error": {"type": "rate_limit_error", "message": "Request rate limit exceeded."}}',
    unavailable=b'{"error": {"type": "api_error", "message": "An error occurred."}}',
)

PROXIES: dict[str, tuple[Proxy, Tenant]] = {}
_numbers = itertools.count(1)


@cache
def standin() -> StandIn:
    """What stands before the mock; both run as long as the process."""
    return StandIn(served(MOCK))


def fresh(folder: Path) -> str:
    """A newly made account with a customer, four charges and three payments, and its own proxy."""
    del folder
    front = standin()
    account = f"acct_{os.getpid()}x{next(_numbers)}"
    tenant = front.make(Tenant(account, {WRITER_KEY: "write", READER_KEY: "read"}))
    person = {"id": "cus_acme", "email": "ops@acme.example", "metadata[tier]": "gold"}
    front.call(tenant, "POST", "/v1/customers", urlencode(person))
    for name, order, amount, currency in (
        ("ch_keyboard", "1043", "12900", "usd"),
        ("ch_teapot", "1044", "5000", "mga"),
        ("ch_held", "1045", "7000", "usd"),
    ):
        capture = {"capture": "false"} if name == "ch_held" else {}
        known = {"amount": amount, "currency": currency, "metadata[order_id]": order, **capture}
        front.charge(tenant, name, "cus_acme", **known)
    for name, status in (("pi_open", "requires_capture"), ("pi_made", "succeeded")):
        tenant.payments[name] = _payment(name, status)
    proxy = Proxy(front.address, REFUSALS, headers={TENANT: account})
    PROXIES[proxy.address] = proxy, tenant
    return proxy.address


def writer(address: str, operation: str) -> Credential:
    """The account that may write."""
    del operation
    return Credential(PROXIES[address][1].account, "sandbox", WRITE, address, WRITER_KEY)


def reader(address: str) -> Credential:
    """The same account with a key that Stripe itself lets read alone."""
    return replace(writer(address, ""), scopes=READ, secret=READER_KEY)


def arm(address: str, name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next request of that call suffers."""
    del name
    calls: dict[FaultedCall, Belongs] = {"execute": is_write, "compensate": is_write}
    PROXIES[address][0].arm(kind, calls.get(call, is_read))


def fingerprint(address: str) -> str:
    """Over all that the account has."""
    tenant = PROXIES[address][1]
    held = {
        kind: standin().call(tenant, "GET", f"/v1/{kind}?limit=100")[2]["data"]
        for kind in ("charges", "refunds", "customers")
    }
    said = json.dumps([tenant.payments, held], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def unplug(address: str) -> None:
    """Nobody answers any more."""
    PROXIES[address][0].unplug()


def disturb(address: str, operation: str) -> None:
    """Somebody else, at Stripe's dashboard."""
    tenant = PROXIES[address][1]
    if operation == "stripe.refund":
        body = "charge=ch_keyboard&amount=100"
        standin().call(tenant, "POST", "/v1/refunds", body)
    elif operation == "stripe.set_metadata":
        standin().call(tenant, "POST", "/v1/customers/cus_acme", "metadata[tier]=silver")
    else:
        tenant.payments["pi_open"]["amount"] += 100


def _payment(name: str, status: str) -> dict[str, object]:
    return {
        "id": name,
        "object": "payment_intent",
        "amount": 4200,
        "amount_capturable": 4200 if status == "requires_capture" else 0,
        "currency": "usd",
        "customer": "cus_acme",
        "created": 1_790_000_000,
        "status": status,
        "cancellation_reason": None,
        "livemode": False,
        "metadata": {},
    }


def _usd(minor: int) -> dict[str, int | str]:
    return {"minor": minor, "currency": "USD"}


_refund = {"charge": "ch_keyboard", "amount": _usd(4000), "reason": "arrived damaged"}
_cancel = {"payment": "pi_open", "reason": "requested_by_customer"}
_note = {"customer": "cus_acme", "key": "tier", "value": "platinum"}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    disturb=disturb,
    samples={
        "stripe.refund": Sample(
            params=_refund,
            other={**_refund, "amount": _usd(2500)},
            refused=(
                {**_refund, "amount": _usd(12901)},
                {**_refund, "amount": _usd(0)},
                {**_refund, "amount": _usd(-1)},
                {**_refund, "amount": {"minor": 4000, "currency": "EUR"}},
                {**_refund, "charge": "ch_teapot", "amount": {"minor": 1001, "currency": "MGA"}},
                {**_refund, "charge": "ch_held"},
            ),
            final=_refund,
        ),
        "stripe.cancel_payment": Sample(
            params=_cancel,
            other=None,
            refused=({**_cancel, "payment": "pi_made"},),
            final=_cancel,
        ),
        "stripe.set_metadata": Sample(
            params=_note,
            other={**_note, "value": "bronze"},
            refused=({**_note, "value": "gold"},),
        ),
    },
    searches={
        "stripe.find_charges": Search("refund order 1043", "ch_keyboard", "refund order 9999"),
    },
    counterpart=(
        "npm stripe-stateful-mock 0.0.16 for charges, refunds and customers; our own stand-in for"
        " keys and what they permit, the account, payment intents and the search of charges"
    ),
    against={
        "stripe.cancel_payment": "our own stand-in",
        "stripe.find_charges": "our own stand-in for search, the mock by id and customer",
    },
)

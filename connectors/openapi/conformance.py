"""A declared HTTP interface as a world for the conformance suite: a strict stand-in of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.in_a_thread import TENANT_HEADER
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.world import Sample, Search, World
from connectors.credentials import Credential
from connectors.openapi import example
from connectors.operation import Connector

READS = frozenset({"accounts:read"})
REFUSALS = Refusals(
    refused=b'{"message":"not yours"}', busy=b'{"message":"slower"}', unavailable=b"{}"
)
SYSTEMS: Behind[example.Customers] = Behind()


def fresh(_folder: Path) -> str:
    """A new interface, always the same."""
    customers = example.Customers()
    tenant = example.SERVER.add(customers)
    proxy = Proxy(example.SERVER.url, REFUSALS, headers={TENANT_HEADER: tenant})
    return SYSTEMS.put(proxy, customers)


def writer(address: str, _operation: str) -> Credential:
    """An account that may write."""
    scopes = READS | {"accounts:write"}
    return Credential(example.ACCOUNT, "sandbox", scopes, address, "writes-0815-canary")


def reader(address: str) -> Credential:
    """The same without any scope to write."""
    return Credential(example.ACCOUNT, "sandbox", READS, address, "reads-4711-canary")


_PHONE = {"customer": "c-1", "phone": "+1 555 0199"}
_SEATS = {"customer": "c-1", "seats": 5}
WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=SYSTEMS.arm,
    fingerprint=lambda address: SYSTEMS[address][1].fingerprint(),
    unplug=SYSTEMS.unplug,
    samples={
        "accounts.set_phone": Sample(params=_PHONE, other={**_PHONE, "phone": "+1 555 0177"}),
        "accounts.set_seats": Sample(params=_SEATS, other={**_SEATS, "seats": 9}),
        "accounts.close": Sample(params=_SEATS, other={**_SEATS, "seats": 9}, final=_SEATS),
    },
    searches={
        "accounts.find_customers": Search(
            words="Acme corp", finds="c-1", finds_nothing="Acme Holding"
        )
    },
    counterpart="our own stand-in",
    unproven={
        "accounts.set_seats check_compensate_restores": (
            "its version is made of its content, which is the same again"
        ),
    },
)


@cache
def worlds() -> Mapping[str, tuple[Connector, World]]:
    """The example with the world that it is tried in."""
    return {"stand-in": (example.connector(), WORLD)}

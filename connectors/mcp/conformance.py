"""A declared MCP server as a world for the conformance suite: the SDK's own server, behind the
proxy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from connectors.conformance.proxy import Belongs, Proxy, Refusals
from connectors.conformance.world import FaultedCall, FaultKind, Sample, World
from connectors.credentials import Credential
from connectors.mcp import example
from connectors.operation import Connector

READS = frozenset({"notes:read"})
# Which request of a session it is: it discovers, lists the tools, reads, and writes.
READING, WRITING = 3, 4
SYSTEMS_MAX = 64  # remembered of one process
PROXIES: OrderedDict[str, Proxy] = OrderedDict()


def fresh(_folder: Path) -> str:
    """The same notes again, behind a proxy of their own."""
    example.fresh()
    proxy = Proxy(example.url(), Refusals())
    address = f"{proxy.address}/mcp"
    PROXIES[address] = proxy
    while len(PROXIES) > SYSTEMS_MAX:
        PROXIES.popitem(last=False)
    return address


def writer(address: str, _operation: str) -> Credential:
    """An account that may write."""
    scopes = READS | {"notes:write"}
    return Credential(example.SERVER_NAME, "sandbox", scopes, address, example.SECRETS[1])


def reader(address: str) -> Credential:
    """The same without any scope to write."""
    return Credential(example.SERVER_NAME, "sandbox", READS, address, example.SECRETS[0])


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next session's call suffers. All requests look the same but for what is in them, so they
    are counted."""
    PROXIES[address].arm(kind, _nth(WRITING if call in ("execute", "compensate") else READING))


def _nth(number: int) -> Belongs:
    count = 0

    def belongs(method: str, _path: str) -> bool:
        nonlocal count
        count += method == "POST"
        return method == "POST" and count == number

    return belongs


_NOTE = {"note": "n-1", "title": "Door 5", "stars": 3}
_CONTENT = "its version is made of its content, which is the same again"
WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=lambda _: example.fingerprint(),
    unplug=lambda address: PROXIES[address].unplug(),
    samples={
        "notes.change": Sample(params=_NOTE, other={**_NOTE, "title": "Door 6"}),
        "notes.publish": Sample(params=_NOTE, other={**_NOTE, "title": "Door 6"}, final=_NOTE),
    },
    searches={},
    counterpart="the SDK's own server, over streamable HTTP",
    unproven={"notes.change check_compensate_restores": _CONTENT},
    says_environment=False,
)


@cache
def worlds() -> Mapping[str, tuple[Connector, World]]:
    """The example with the world that it is tried in."""
    return {"notes": (example.connector(), WORLD)}

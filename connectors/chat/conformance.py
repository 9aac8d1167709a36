"""Chat as a world for the conformance suite, against an independent Slack.

npm's emulate keeps channels, messages and their blocks. It takes every token for its first user's
and enforces no scope: what a token may do is shown elsewhere, against our own workspace.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from connectors.chat import posts
from connectors.chat.chat_post_message import READ_SCOPES, SCOPES
from connectors.conformance.node import NodeServer, served
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.world import FaultedCall, FaultKind, Sample, World
from connectors.credentials import Credential

ACCOUNT = "T000000001/U000000001"
TOKEN = "xoxb-of-the-conformance-world"  # noqa: S105 - emulate takes any
CHANNEL = "C000000001"  # emulate's #general, emptied for each fresh system
OTHER_CHANNEL = "C000000002"
REFUSALS = Refusals(
    refused=b'{"ok":false,"error":"missing_scope","needed":"chat:write"}',
    busy=b'{"ok":false,"error":"ratelimited"}',
    unavailable=b'{"ok":false,"error":"service_unavailable"}',
)
PROXIES: dict[str, Proxy] = {}
PROXIES_MAX = 32  # as many as stay open
CALL_SECONDS = 10.0
WRITES = ("/api/chat.postMessage", "/api/chat.update")


@cache
def _base() -> str:
    return served(NodeServer("emulate", arguments=("--service", "slack", "--port", "{port}")))


def fresh(_folder: Path) -> str:
    """The one channel without any message."""
    for message in _messages():
        _asked("chat.delete", channel=CHANNEL, ts=message["ts"])
    proxy = Proxy(_base(), REFUSALS)
    address = f"{proxy.address}?channel={CHANNEL}"
    while len(PROXIES) >= PROXIES_MAX:
        del PROXIES[next(iter(PROXIES))]
    PROXIES[address] = proxy
    return address


def writer(address: str, _operation: str) -> Credential:
    """May post."""
    return Credential(ACCOUNT, "sandbox", SCOPES, address, TOKEN)


def reader(address: str) -> Credential:
    """May read the history."""
    return Credential(ACCOUNT, "sandbox", READ_SCOPES, address, TOKEN)


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next such call suffers; each of Slack's methods is a POST."""
    is_writing = call in ("execute", "compensate")
    PROXIES[address].arm(kind, lambda _, path: (path in WRITES) == is_writing)


def fingerprint(_address: str) -> str:
    """Over every message of the channel."""
    return hashlib.sha256(json.dumps(_messages(), sort_keys=True).encode()).hexdigest()


def unplug(address: str) -> None:
    """Nobody listens any more."""
    PROXIES[address].unplug()


def disturb(_address: str, _operation: str) -> None:
    """Another run posts in the same channel."""
    theirs = posts.content("Theirs", posts.hashed("another's"), posts.digest("Theirs"))
    _asked("chat.postMessage", channel=CHANNEL, **theirs)


def _messages() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _asked("conversations.history", channel=CHANNEL)["messages"]
    return found


def _asked(method: str, **arguments: Any) -> dict[str, Any]:
    """A call past the proxy."""
    request = Request(  # noqa: S310 - our own server on loopback
        f"{_base()}/api/{method}",
        data=json.dumps(arguments).encode(),
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310 - the same
        said: dict[str, Any] = json.load(answer)
    return said


_sample = {"channel": CHANNEL, "text": "<!channel> Refund of 40,00 € & more: *1043* done 😀"}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    samples={
        "chat.post_message": Sample(
            params=_sample, other={**_sample, "text": "Order 1043 needs a look."}
        ),
    },
    searches={},
    counterpart="npm emulate 0.12.2",
    unproven={
        "check_credentials": "emulate takes any token for its first user's",
    },
    disturb=disturb,
    says_environment=False,
)

"""The fresh systems of a world: each behind a proxy of its own, the oldest forgotten."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from connectors.conformance.proxy import Proxy, is_read, is_write
from connectors.conformance.world import FaultedCall, FaultKind

SYSTEMS_MAX = 64  # remembered of one process

T = TypeVar("T")


class Behind(OrderedDict[str, tuple[Proxy, T]]):
    """Proxy and system by the address that a connector is given. `arm` and `unplug` are a world's,
    where a write is told by its method."""

    def put(self, proxy: Proxy, system: T, options: str = "") -> str:
        """The address of that system; `options` are what stands after the proxy's own."""
        address = f"{proxy.address}{options}"
        self[address] = proxy, system
        while len(self) > SYSTEMS_MAX:
            self.popitem(last=False)
        return address

    def arm(self, address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
        """The next request of the call suffers: the writing one for writes."""
        self[address][0].arm(kind, is_write if call in ("execute", "compensate") else is_read)

    def unplug(self, address: str) -> None:
        """Nobody answers any more."""
        self[address][0].unplug()

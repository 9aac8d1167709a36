"""Misbehaviour of the Teams side on demand: statuses, lost answers, slowness, silence."""

from dataclasses import dataclass, replace

from bot.workspace.teams import limits

# What a fault may concern: the login, the keys' two documents, and the connector's operations.
ROUTES = frozenset(
    {
        "token", "metadata", "keys", "create", "send", "reply", "update", "delete", "members",
        "pagedmembers", "member",
    }
)  # fmt: skip
# status: answer `status` and do nothing. lost: do it, then answer `status`. slow: wait `seconds`
# first. hang: never answer (the connection ends after `seconds`).
KINDS = frozenset({"status", "lost", "slow", "hang"})
STATUSES = frozenset({400, 401, 403, 404, 409, 412, 413, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Fault:
    """What happens to the next `calls` calls of `routes` (of all when empty)."""

    kind: str
    calls: int = 1
    routes: frozenset[str] = frozenset()
    status: int = 503
    seconds: float = 1.0
    retry_after_seconds: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind!r}; there are: {sorted(KINDS)}")
        if not self.routes <= ROUTES:
            raise ValueError(
                f"there is no route {min(self.routes - ROUTES)!r}; there are: {sorted(ROUTES)}"
            )
        if self.status not in STATUSES:
            raise ValueError(f"status {self.status} is none of {sorted(STATUSES)}")
        if not 0 <= self.seconds <= limits.FAULT_SECONDS_MAX:
            raise ValueError(f"seconds are from 0 to {limits.FAULT_SECONDS_MAX:g}")


class Faults:
    """The faults still to come, in the order they were set."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def set(self, fault: Fault) -> None:
        """Add a fault."""
        self._pending.append(fault)

    def clear(self) -> None:
        """Behave again."""
        self._pending.clear()

    def take(self, route: str) -> Fault | None:
        """The fault that this call meets, used up by one."""
        for index, fault in enumerate(self._pending):
            if fault.calls > 0 and (not fault.routes or route in fault.routes):
                self._pending[index] = replace(fault, calls=fault.calls - 1)
                self._pending = [left for left in self._pending if left.calls > 0]
                return fault
        return None

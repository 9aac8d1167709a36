"""Misbehaviour on demand: how a test makes this workspace limit, fail, lose or delay calls."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Fault:
    """What happens to the next `calls` Web API calls (of `methods`, or of all when empty).

    `kind`: "ratelimited" answers 429 with Retry-After; "error" answers 500 and does nothing;
    "lost" does it and then answers 500; "slow" waits first.
    """

    kind: str
    calls: int
    methods: frozenset[str] = frozenset()
    seconds: float = 1.0

    def concerns(self, method: str) -> bool:
        """Whether a call of `method` meets this fault."""
        return self.calls > 0 and (not self.methods or method in self.methods)


KINDS = frozenset({"ratelimited", "error", "lost", "slow"})


class Faults:
    """The faults still to come, in the order they were set."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def set(self, fault: Fault) -> None:
        """Add a fault; ValueError for a kind that does not exist."""
        if fault.kind not in KINDS:
            raise ValueError(f"there is no fault {fault.kind!r}; there are: {sorted(KINDS)}")
        self._pending.append(fault)

    def clear(self) -> None:
        """Behave again."""
        self._pending.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets, used up by one."""
        for index, fault in enumerate(self._pending):
            if fault.concerns(method):
                self._pending[index] = replace(fault, calls=fault.calls - 1)
                self._pending = [left for left in self._pending if left.calls > 0]
                return fault
        return None

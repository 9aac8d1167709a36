"""How much a bot may send into one conversation: Teams' real rates, counted in sliding windows."""

import math
from collections import deque
from collections.abc import Callable

from bot.workspace.teams import limits


class Pace:
    """Counts sends by conversation. `is_on` False counts nothing and refuses nothing."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sends: dict[str, deque[float]] = {}
        self.is_on = True

    def take(self, conversation_id: str) -> int:
        """Count one send: 0 when it may go, else the whole seconds to wait (Retry-After)."""
        if not self.is_on:
            return 0
        now = self._clock()
        longest = max(seconds for _, seconds in limits.SENDS)
        sends = self._sends.setdefault(conversation_id, deque())
        while sends and sends[0] <= now - longest:
            sends.popleft()
        for calls, seconds in limits.SENDS:
            if len(sends) >= calls and sends[-calls] > now - seconds:
                return max(1, math.ceil(sends[-calls] + seconds - now))
        sends.append(now)
        return 0

    def switch(self, *, is_on: bool) -> None:
        """Begin to count, or stop; what was counted is forgotten."""
        self.is_on = is_on
        self._sends.clear()

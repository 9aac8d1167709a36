"""How much is coming in: acknowledging goes before planning, because Slack waits for it."""

from __future__ import annotations

import time
from collections import deque

MESSAGES_HIGH = 6  # within WINDOW_SECONDS: more than people in a channel type, so a burst
WINDOW_SECONDS = 0.5


class Pressure:
    """Counts messages as they arrive. Called from any thread; a lost count does no harm."""

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque(maxlen=MESSAGES_HIGH)

    def feel(self) -> None:
        """A message has arrived."""
        self._arrivals.append(time.monotonic())

    @property
    def is_high(self) -> bool:
        """Whether a burst is coming in now."""
        arrivals = self._arrivals
        return len(arrivals) == MESSAGES_HIGH and time.monotonic() - arrivals[0] < WINDOW_SECONDS

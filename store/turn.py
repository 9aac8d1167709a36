"""Whose turn it is to write: one unit of work at a time, in order, people's clicks first."""

from __future__ import annotations

import threading
from collections import deque

IN_A_ROW_MAX = 8  # turns that those who are awaited get before the longest waiting other one


class Turn:
    """A lock that is handed over in order. Whoever is awaited by a person goes before work that
    nobody looks at, but at most IN_A_ROW_MAX times in a row."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._awaited: deque[threading.Event] = deque()
        self._others: deque[threading.Event] = deque()
        self._in_a_row = 0

    def take(self, timeout_seconds: float, *, is_awaited: bool) -> bool:
        """Whether the turn came in time; whoever got it gives it back."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine, line = threading.Event(), self._awaited if is_awaited else self._others
            line.append(mine)
        if mine.wait(timeout_seconds):
            return True
        with self._guard:
            if mine.is_set():  # it came in this very moment
                return True
            line.remove(mine)
        return False

    def give_back(self) -> None:
        """Hands it to whoever is next."""
        with self._guard:
            line = self._next_line()
            if line:
                line.popleft().set()
            else:
                self._is_taken = False

    def _next_line(self) -> deque[threading.Event]:
        is_their_turn = self._in_a_row < IN_A_ROW_MAX or not self._others
        if self._awaited and is_their_turn:
            self._in_a_row += 1
            return self._awaited
        self._in_a_row = 0
        return self._others

"""How many plannings wait for a model: they need no processor, so others may plan beside them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from bot.planner.model import Message, Model, Wire


class Waiting:
    """A count of models that are being asked now. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._count = Lock(), 0

    def __call__(self) -> int:
        return self._count

    def change(self, by: int) -> None:
        with self._lock:
            self._count += by


@dataclass(frozen=True)
class Awaited:
    """A model that is counted while it is asked."""

    model: Model
    waiting: Waiting

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        self.waiting.change(+1)
        try:
            return self.model.answer(request, timeout_seconds)
        finally:
            self.waiting.change(-1)

"""Where the time of an operation goes: each part of Assent without the parts inside it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

from bot.calls import Calls
from bot.catalogue import Catalogue
from policies.engine import Engine
from store import ledger
from store.database import Database

PARTS = ("system", "sessions", "policy", "ledger", "store")


class Times:
    """Seconds by stage and part while it is watched. One operation at a time; what the thread that
    watches does itself while others work is not counted."""

    def __init__(self) -> None:
        self.stage, self.is_elsewhere = "", False
        self.seconds: dict[tuple[str, str], float] = defaultdict(float)
        self._own, self._watcher = threading.local(), threading.get_ident()

    def clear(self) -> None:
        """Begins anew."""
        self.seconds.clear()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Counts what happens inside, but for the parts inside of that."""
        inner, self._own.inner = getattr(self._own, "inner", 0.0), 0.0
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - start
            if not (self.is_elsewhere and threading.get_ident() == self._watcher):
                self.seconds[self.stage, name] += spent - self._own.inner
            self._own.inner = inner + spent

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on; `patch` ends it."""
        for name in ("read", "execute", "lookup", "find"):
            patch.setattr(Calls, name, self._around("system", getattr(Calls, name)))
        patch.setattr(Engine, "decide", self._around("policy", Engine.decide))
        for name in ("append", "append_many"):
            patch.setattr(ledger, name, self._around("ledger", getattr(ledger, name)))
        for name in ("begin", "read"):
            patch.setattr(Database, name, self._within("store", getattr(Database, name)))
        patch.setattr(Catalogue, "session", self._opening(Catalogue.session))

    def _around(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(part):
                return act(*args, **kwargs)

        return timed

    def _within(self, part: str, act: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        @wraps(act)
        def timed(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with self.part(part), act(*args, **kwargs) as found:
                yield found

        return timed

    def _opening(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """Opening and closing alone: what happens in the session is the system's."""

        @contextmanager
        @wraps(act)
        def timed(*args: Any, **kwargs: Any) -> Iterator[Any]:
            opening = act(*args, **kwargs)
            with self.part("sessions"):
                session = opening.__enter__()
            try:
                yield session
            finally:
                with self.part("sessions"):
                    opening.__exit__(None, None, None)

        return timed

"""One write at a time for each account: GitHub asks for it, and a re-read then holds for us.

"Avoid concurrent requests", say GitHub's best practices for using the REST API.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from connectors.errors import Unavailable

WAIT_SECONDS_MAX = 60.0  # for those before; a write takes one second
TURNS_MAX = 1_000  # accounts known at once

_TURNS: dict[tuple[str, str], Lock] = {}
_GUARD = Lock()


@contextmanager
def held(address: str, account: str) -> Iterator[None]:
    """The turn of that account. Raises Unavailable where it does not come in time."""
    turn = _turn((address, account.lower()))
    if not turn.acquire(timeout=WAIT_SECONDS_MAX):
        raise Unavailable(
            "Other writes of the account at GitHub take too long.",
            next_step="Nothing was written; ask again later.",
        )
    try:
        yield
    finally:
        turn.release()


def _turn(key: tuple[str, str]) -> Lock:
    with _GUARD:
        if len(_TURNS) >= TURNS_MAX and key not in _TURNS:
            for known in [k for k, lock in _TURNS.items() if not lock.locked()]:
                del _TURNS[known]
        return _TURNS.setdefault(key, Lock())

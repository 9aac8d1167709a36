"""Whether and when to call again: a pure decision, apart from the act."""

from __future__ import annotations

from dataclasses import dataclass

ATTEMPTS_MAX = 6  # calls of one step; with the delays below about 13 s of patience
DELAY_FIRST_SECONDS = 0.4
DELAY_MAX_SECONDS = 15.0  # a longer wait belongs to a person, who sees it on the card


@dataclass(frozen=True)
class Tried:
    """How far patience with one call has gone: calls made, from 1, and seconds waited between."""

    attempt: int
    waited_seconds: float


def delay_seconds(
    tried: Tried, patience_seconds: float, asked_seconds: float | None
) -> float | None:
    """Seconds to wait before the next call, or None when patience has ended.

    `asked_seconds` is the system's own Retry-After and is obeyed when it fits into what is left of
    `patience_seconds`.
    """
    if tried.attempt >= ATTEMPTS_MAX:
        return None
    delay = min(DELAY_FIRST_SECONDS * 2.0 ** (tried.attempt - 1), DELAY_MAX_SECONDS)
    if asked_seconds is not None:
        delay = max(delay, asked_seconds)
    if tried.waited_seconds + delay > patience_seconds:
        return None
    return delay

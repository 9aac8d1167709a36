"""How long a system asks to wait, in every form that systems say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WAIT_SECONDS_MAX = 86_400.0  # a day: whoever asks for more means "not today"
EPOCH_SECONDS_MIN = 1_000_000_000  # a smaller number counts seconds, not a moment (2001-09-09)

# Header -> how many of its unit make a second. The first that says something counts.
# RFC 9110 10.2.3; Azure; GitHub; Okta; the IETF's draft-ietf-httpapi-ratelimit-headers.
_HEADERS: Mapping[str, float] = {
    "retry-after-ms": 1_000,
    "retry-after": 1,
    "x-retry-after": 1,
    "x-ratelimit-reset": 1,
    "x-rate-limit-reset": 1,
    "ratelimit-reset": 1,
}


def wait_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from now, 0 for a moment that has passed, None where the system says nothing.

    A moment is counted from the system's own clock, its `Date` header, where it says one: ours may
    differ from it.
    """
    said = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    clock = _moment(said.get("date", "")) or now
    for header, units in _HEADERS.items():
        if (seconds := _seconds(said.get(header, ""), units, clock)) is not None:
            return min(max(seconds, 0.0), WAIT_SECONDS_MAX)
    return None


def _seconds(value: str, units: float, clock: datetime) -> float | None:
    try:
        number = float(value)
    except ValueError:
        moment = _moment(value)
        return (moment - clock).total_seconds() if moment else None
    if not math.isfinite(number):
        return None
    is_moment = units == 1 and number >= EPOCH_SECONDS_MIN
    return number - clock.timestamp() if is_moment else number / units


def _moment(value: str) -> datetime | None:
    """An HTTP-date (RFC 9110 5.6.7) or an ISO 8601 timestamp, as Jira says it."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None

"""Until when a grant holds: a moment that a person can read, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

UNTIL_CHARACTERS_MAX = 20
NEVER = "9999-12-31T23:59:59Z"  # the fact where a grant has no end

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip

_FORM = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)Z)?")


def moment(until: str) -> datetime:
    """When "2026-11-30T17:00Z" is, or the last second of a day. Raises ValueError."""
    found = _FORM.fullmatch(until)
    if found is None:
        raise ValueError("is neither a day (2026-11-30) nor a moment (2026-11-30T17:00Z)")
    at = time.fromisoformat(found[2]) if found[2] else time(23, 59, 59)
    return datetime.combine(date.fromisoformat(found[1]), at, UTC)


def fact(until: str | None) -> str:
    """The moment for policy to compare with `now`; NEVER where there is none."""
    return NEVER if until is None else f"{moment(until):%Y-%m-%dT%H:%M:%SZ}"


def said_day(day: date) -> str:
    """A day for people, "Mon 30 Nov 2026", whatever the machine's language."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def said(at: datetime) -> str:
    """A moment in UTC for people, "Mon 30 Nov 2026 at 23:59 UTC"."""
    return f"{said_day(at)} at {at:%H:%M} UTC"


def way_back(until: str | None, *, is_member: bool) -> str:
    """How a grant of a membership is taken back, for the card. Of who is in the group already
    nothing is taken: only an end that an earlier grant set moves."""
    if until is None:
        return "nothing to take back, a member before" if is_member else "out of the group again"
    at = said(moment(until))
    if is_member:
        return f"an end that Assent set before moves to {at}, a membership without one stays"
    return f"out of the group again, by itself on {at}"


def _check(until: str) -> str:
    moment(until)
    return until


Until = Annotated[
    str,
    StringConstraints(min_length=10, max_length=UNTIL_CHARACTERS_MAX),
    AfterValidator(_check),
]

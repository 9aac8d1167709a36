"""How far ahead the end of what holds for a time may lie."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.errors import Rejected
from connectors.operation import Operation, Params
from connectors.until import said

GRANT_DAYS_MAX = 366  # days that a grant with an end may hold; a year, leap years included


def check_end(operation: Operation[Any], params: Params, now: datetime) -> None:
    """Raises Rejected where the parameters name an end that has passed or is too far ahead."""
    due = operation.ends_at(params) if operation.ends_at is not None else None
    if due is None:
        return
    if due <= now:
        raise Rejected(f"The end {said(due)} has passed.", next_step="Name one that is to come.")
    if due - now > timedelta(days=GRANT_DAYS_MAX):
        raise Rejected(
            f"The end {said(due)} is more than {GRANT_DAYS_MAX} days ahead.",
            next_step="Name an earlier one, or leave the end out.",
        )

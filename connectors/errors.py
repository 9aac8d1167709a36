"""What can go wrong at a system. One tree, the same for every connector:

ConnectorError
├── Rejected          the system said no; asking again will not help
├── Unavailable       nothing was written; asking again later may help
├── Conflict          the record is not the one that was read; nothing was written
└── OutcomeUnknown    the call may or may not have written; read before doing anything else

A message is safe to show to people: what happened, to which record, what to do next; never a
credential, never a raw payload.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of everything that a connector raises on purpose."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        self.message, self.next_step = message, next_step
        super().__init__(f"{message} {next_step}".strip())


class Rejected(ConnectorError):  # noqa: N818 - the tree's words are outcomes
    """The system refuses the operation itself.

    `is_secret_refused` is true where it refuses who asks: whoever remembers the secret forgets it.
    """

    def __init__(
        self, message: str, *, next_step: str = "", is_secret_refused: bool = False
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.is_secret_refused = is_secret_refused


class Unavailable(ConnectorError):  # noqa: N818
    """The system could not be asked, and nothing was written.

    `retry_after_seconds` is what the system asked for, None where it said nothing.
    """

    def __init__(
        self, message: str, *, next_step: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.retry_after_seconds = retry_after_seconds


class Conflict(ConnectorError):  # noqa: N818
    """The record changed since it was read; the precondition refused the write."""


class OutcomeUnknown(ConnectorError):  # noqa: N818
    """No answer came after the write was sent."""

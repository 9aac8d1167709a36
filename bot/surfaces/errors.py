"""What can go wrong between Assent and a chat.

SurfaceError      anything a chat's API answered that is not success
├── Gone          the place or the message is not there or not ours: give up and tell somebody
├── Busy          the chat does not answer or asks us to slow down: the same call later may work
└── Refused       the chat refuses what we sent: a defect of ours, the same call fails again
"""

from __future__ import annotations


class SurfaceError(Exception):
    """A call to a chat failed. `code` is the chat's own word for it."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


class Gone(SurfaceError):  # noqa: N818 - reads as what happened
    """The channel, message or installation is not there for us; trying again does not help."""


class Busy(SurfaceError):  # noqa: N818 - reads as what happened
    """The chat is away or limits us; try again after `retry_after_seconds`."""

    def __init__(self, message: str, code: str, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message, code)


class Refused(SurfaceError):  # noqa: N818 - reads as what happened
    """The chat does not take what we sent."""

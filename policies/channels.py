"""What the id of a channel says by itself: whose it is, and whether it has threads."""

from __future__ import annotations

from policies.roles import SLACK, TEAMS
from store.model.person import Surface

_WITH_THREADS = ("@thread.tacv2", "@thread.skype")  # channels of Teams; its chats have none


def surface_of(channel_id: str) -> Surface:
    """Whose channel an id is: those of Teams have a colon, as "19:ops@thread.tacv2"."""
    return TEAMS if ":" in channel_id else SLACK


def has_threads(channel_id: str) -> bool:
    """Whether what follows a message there stands below it."""
    return surface_of(channel_id) == SLACK or channel_id.endswith(_WITH_THREADS)

"""What a person asked, where, in their own words."""

from __future__ import annotations

from datetime import datetime

from store.model.person import Surface
from store.model.values import Frozen

TEXT_CHARACTERS_MAX = (
    4_000  # a longer request is refused with a reason; Slack delivers up to 40,000
)


class Place(Frozen):
    """Where a conversation stands: a thread of a channel on a surface."""

    surface: Surface
    team: str
    channel: str
    thread: str


class Request(Frozen):
    """One request as it was received. `event_keys` are what the surface may deliver twice."""

    person_id: str
    account_user: str
    place: Place
    message: str
    text: str
    event_keys: tuple[str, ...]
    received_at: datetime

"""Trigger ids: proof that a person just did something, for 3 s and one use."""

import secrets
from dataclasses import dataclass

from bot.workspace import seed
from bot.workspace.limits import TRIGGER_SECONDS
from bot.workspace.wire import SlackError

# Remembered after use or expiry, so that the error can say which it was.
TRIGGERS_REMEMBERED = 1000


@dataclass(frozen=True)
class Trigger:
    """Who caused it, where from a view it was, and until when it serves."""

    user: str
    view_id: str | None
    expires_at: float


class Triggers:
    """Hands out trigger ids and takes each back once."""

    def __init__(self) -> None:
        self._known: dict[str, Trigger | None] = {}

    def issue(self, user: str, now: float, view_id: str | None = None) -> str:
        """A new trigger id for something that `user` did."""
        trigger_id = f"{int(now * 1000)}.{seed.TEAM_ID}.{secrets.token_hex(16)}"
        self._known[trigger_id] = Trigger(user, view_id, now + TRIGGER_SECONDS)
        while len(self._known) > TRIGGERS_REMEMBERED:
            del self._known[next(iter(self._known))]
        return trigger_id

    def take(self, trigger_id: str, now: float) -> Trigger:
        """Use a trigger up; SlackError when it is unknown, used or too old."""
        if trigger_id not in self._known:
            raise SlackError("invalid_trigger_id")
        trigger = self._known[trigger_id]
        if trigger is None:
            raise SlackError("exchanged_trigger_id")
        if now > trigger.expires_at:
            raise SlackError("expired_trigger_id")
        self._known[trigger_id] = None
        return trigger

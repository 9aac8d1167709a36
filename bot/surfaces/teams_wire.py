"""What passes between the Bot Framework's wire and our side of it: activities as plain JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from store.model.values import Json

Activity = dict[str, Json]  # camelCase, as on the wire
Claims = Mapping[str, Json]  # of a validated token


@dataclass(frozen=True)
class Answer:
    """What an invoke is answered with: an HTTP status and a JSON body."""

    status: int = 200
    body: Json = None


# Takes one activity. Raises NotStoredError where the request could not be stored: HTTP 503.
Turn = Callable[[Activity], Awaitable[Answer | None]]


class NotAuthentic(Exception):  # noqa: N818 - reads as what happened
    """A request that does not come from the channel service, or not for us: HTTP 401.

    The message says why and repeats nothing of the token.
    """


class NotAllowed(NotAuthentic):
    """A genuine request about a tenant that may not talk to this bot: HTTP 403."""


class NotAnActivity(Exception):  # noqa: N818 - reads as what happened
    """A genuine request that holds no activity the Bot Framework knows: HTTP 400."""

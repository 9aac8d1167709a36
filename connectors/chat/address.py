"""Where a chat connection leads: `https://slack.com?channel=C0123ABCD&channel=C0456EFGH`.

The channels are the only ones that may be written to, by their ids: a name can be given away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from connectors.errors import Rejected
from connectors.private import private

ADDRESS_CHARACTERS_MAX = 4_000
CHANNELS_MAX = 100
CHANNEL_ID = r"[CG][A-Z0-9]{8,20}"  # public, and private ones


@dataclass(frozen=True)
class Place:
    """Slack's web API, with a slash at its end, and the channels of this connection."""

    api: str
    channels: frozenset[str]


def place(address: str) -> Place:
    """Raises Rejected that says what of the address is wrong."""
    url = private(address[:ADDRESS_CHARACTERS_MAX])
    if url is None or url.username is not None or url.path not in ("", "/"):
        raise _malformed("it does not begin with https://slack.com")
    options = parse_qs(url.query)
    channels = options.get("channel", [])
    if options.keys() != {"channel"} or not 1 <= len(channels) <= CHANNELS_MAX:
        raise _malformed(f"it does not name 1 to {CHANNELS_MAX} channels as ?channel=")
    if not all(re.fullmatch(CHANNEL_ID, channel) for channel in channels):
        raise _malformed("a channel is not given by its id, as C0123ABCD")
    return Place(f"{url.scheme}://{url.netloc}/api/", frozenset(channels))


def _malformed(why: str) -> Rejected:
    return Rejected(
        f"The address of this chat connection is not understood: {why}.",
        next_step="Write it as https://slack.com?channel=C0123ABCD.",
    )

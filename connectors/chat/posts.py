"""What a bot posted in a channel: read from the channel's own history, by the mark in each post.

The mark is the id of its one block (docs.slack.dev/reference/block-kit/blocks/section-block), which
people do not see and Slack keeps and gives back without any scope of its own: the key under which
it was posted, that under which it was taken back, and a digest of its text.
"""

from __future__ import annotations

import hashlib
import html
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors import wire
from connectors.chat.session import Session
from connectors.errors import Rejected
from connectors.wire import Call

MARK, NO_KEY = "assent", "-"
HOURS = 24  # that are looked back: plans live for hours
PAGE_MESSAGES = 200  # Slack recommends no more at once
PAGES_MAX = 5  # a channel with more than that in a day is too lively to be searched
TAKEN_BACK = "This message was taken back."
_HASH = "[0-9a-f]{40}"
_MARKED = re.compile(rf"{MARK}:(?P<key>{_HASH}):(?P<undo_key>{_HASH}|{NO_KEY}):(?P<of>{_HASH})")
TS = re.compile(r"\d{10}\.\d{6}")


@dataclass(frozen=True)
class Post:
    """One post of ours. `undo_key` is "" while it stands; `digest` is of what was first said."""

    ts: str
    text: str
    key: str
    undo_key: str
    digest: str


@dataclass(frozen=True)
class Channel:
    """A channel as Slack shows it. `is_shared` where people of other organizations read it."""

    id: str
    name: str
    is_archived: bool
    is_member: bool
    is_shared: bool
    people: int


def channel(session: Session, channel_id: str) -> Channel:
    """The channel. Raises of the tree."""
    call = Call(f"the channel {channel_id}", is_write=False, scope="messages:read")
    said = session.call(
        "conversations.info", call, channel=channel_id, include_num_members=True
    ).get("channel")
    if not isinstance(said, Mapping) or said.get("id") != channel_id:
        raise wire.unreadable(session.peer, call, "it is of another channel")
    people = said.get("num_members")
    return Channel(
        channel_id,
        str(said.get("name") or channel_id)[:80],
        said.get("is_archived") is True,
        said.get("is_member") is not False,
        bool(said.get("is_ext_shared") or said.get("is_org_shared")),
        people if type(people) is int else 0,
    )


def posts(session: Session, channel_id: str) -> tuple[Post, ...]:
    """Ours of the last day, newest first. Raises of the tree; Rejected where there is too much."""
    user = session.account.partition("/")[2]
    found = (_post(message) for message in _history(session, channel_id, user))
    return tuple(post for post in found if post is not None)


def hashed(key: str) -> str:
    """A key as it stands in a mark."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def digest(text: str) -> str:
    """By which a text of ours is known again: Slack may give emoji back as their names."""
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def content(text: str, key: str, of: str, undo_key: str = "") -> dict[str, Any]:
    """A message that says `text` literally, with its mark; keys and `of`, the digest of what was
    first said, are hashed already. The text outside the block is what notifications show."""
    block = {
        "type": "section",
        "block_id": ":".join((MARK, key, undo_key or NO_KEY, of)),
        "text": {"type": "plain_text", "text": text, "emoji": False},
    }
    return {"text": html.escape(text, quote=False), "blocks": [block]}


def _history(session: Session, channel_id: str, user: str) -> Iterator[Mapping[str, Any]]:
    call = Call(f"the history of {channel_id}", is_write=False, scope="messages:read")
    asked: dict[str, Any] = {
        "channel": channel_id,
        "oldest": f"{time.time() - HOURS * 3600:.6f}",
        "limit": PAGE_MESSAGES,
    }
    for _ in range(PAGES_MAX):
        said = session.call("conversations.history", call, **asked)
        messages = said.get("messages")
        if not isinstance(messages, list):
            raise wire.unreadable(session.peer, call, "it has no messages")
        yield from (m for m in messages if isinstance(m, Mapping) and m.get("user") == user)
        following = said.get("response_metadata")
        cursor = following.get("next_cursor") if isinstance(following, Mapping) else ""
        if not cursor:
            return
        asked["cursor"] = cursor
    raise Rejected(
        f"The channel {channel_id} has had more than {PAGES_MAX * PAGE_MESSAGES} messages within"
        f" {HOURS} hours: whether ours is among them cannot be found out.",
        next_step="Look there, or choose a quieter channel.",
    )


def _post(message: Mapping[str, Any]) -> Post | None:
    """None for messages that were not posted by this operation."""
    blocks, ts = message.get("blocks"), str(message.get("ts"))
    block = blocks[0] if isinstance(blocks, list) and blocks else None
    if not isinstance(block, Mapping) or not TS.fullmatch(ts):
        return None
    mark = _MARKED.fullmatch(str(block.get("block_id")))
    if mark is None:
        return None
    said = block.get("text")
    text = html.unescape(str(said.get("text") or "")) if isinstance(said, Mapping) else ""
    return Post(ts, text, mark["key"], mark["undo_key"].replace(NO_KEY, ""), mark["of"])

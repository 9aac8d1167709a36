"""`chat.post_message`: a message to a channel that the connection lists.

Slack keeps no key for a message: it stands in the id of the message's block, and is looked for in
the channel's history. Taking back replaces the text and keeps the mark: a deleted message could not
show who took it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from connectors.chat import posts
from connectors.chat.address import CHANNEL_ID
from connectors.chat.posts import Post
from connectors.chat.session import Session
from connectors.errors import Conflict, Rejected
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.saying import safe
from connectors.text import Text
from connectors.wire import Call, unreadable

READ_SCOPES = frozenset({"messages:read"})
SCOPES = READ_SCOPES | {"messages:write"}
NO_POST = Post("none", "", "", "", "")


class MessageParams(Params):
    """Which channel, and what to say there, as plain text."""

    channel: Annotated[str, StringConstraints(pattern=f"^{CHANNEL_ID}$")]
    text: Text


def read(session: Session, params: MessageParams) -> Snapshot:
    """The channel, and what was posted there from here in the last day."""
    session.require(READ_SCOPES)
    is_allowed = params.channel in session.place.channels
    if not is_allowed:
        raise Rejected(
            f"The connection of {session.account} may not write to {params.channel}.",
            next_step="Choose another channel, or have it added to the connection's address.",
        )
    channel = posts.channel(session, params.channel)
    standing = _standing(posts.posts(session, params.channel))
    last = standing[0] if standing else NO_POST
    return Snapshot(
        system="Chat",
        resource=f"channel #{safe(channel.name)} ({channel.id})",
        version=last.ts,
        fields={"posts": len(standing), "last_post": _text(params, last)},
        about={
            "is_archived": channel.is_archived,
            "is_member": channel.is_member,
            "is_shared": channel.is_shared,
            "people": channel.people,
        },
    )


def preview(params: MessageParams, before: Snapshot) -> Mapping[str, Value]:
    """One post more. Rejected where the bot cannot write, and for the same text twice running."""
    if before.about["is_archived"]:
        raise Rejected(
            f"The {before.resource} is archived.", next_step="Choose a channel that is in use."
        )
    if not before.about["is_member"]:
        raise Rejected(f"The bot is not in {before.resource}.", next_step="Invite it there first.")
    if before.fields["last_post"] == params.text:
        raise Rejected(
            f"The last post in {before.resource} said exactly this.",
            next_step="Change its words if it is meant to be said again.",
        )
    return {"posts": before.fields["posts"] + 1, "last_post": params.text}


def facts(params: MessageParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        "channel.id": params.channel,
        "channel.people": before.about["people"],
        "channel.is_shared": before.about["is_shared"],
        "channel.posts": before.fields["posts"],
        "message.characters": len(params.text),
    }


def undo(_params: MessageParams, _now: Snapshot) -> Reversible | Irreversible:
    """The text can be replaced; what was read was read."""
    return Reversible("for a day: the text is replaced; who has read it has read it")


def execute(session: Session, params: MessageParams, before: Snapshot, key: str) -> Result:
    """Posts it, unless it was posted under this key."""
    session.require(SCOPES)
    if earlier := lookup(session, params, key):
        return earlier
    live = read(session, params)
    if live.version != before.version:
        raise Conflict(
            f"Something was posted in {live.resource} since this was looked at.",
            next_step="Nothing was posted; look at what was said there.",
        )
    preview(params, live)
    call = Call(f"the message to {live.resource}", is_write=True, scope="messages:write")
    said = session.call(
        "chat.postMessage",
        call,
        channel=params.channel,
        **posts.content(params.text, posts.hashed(key), posts.digest(params.text)),
        **_AS_IT_IS,
    )
    ts = said.get("ts")
    if not isinstance(ts, str) or not posts.TS.fullmatch(ts):
        raise unreadable(session.peer, call, "it names no message")
    return Result(ts, ts)


def lookup(session: Session, params: MessageParams, key: str) -> Result | None:
    """The post of this key, or that which was taken back under it."""
    session.require(READ_SCOPES)
    hashed = posts.hashed(key)
    found = posts.posts(session, params.channel)
    for post in found:
        if post.key == hashed:
            _check_same(params, post)
            return Result(post.ts, post.ts, is_replay=True)
        if post.undo_key == hashed:
            return Result(post.ts, _version(found), is_replay=True)
    return None


def compensate(
    session: Session, params: MessageParams, _before: Snapshot, result: Result, key: str
) -> Result:
    """Replaces the text, once."""
    session.require(SCOPES)
    hashed = posts.hashed(key)
    found = posts.posts(session, params.channel)
    post = next((post for post in found if post.ts == result.reference), None)
    if post is None or post.key == hashed:
        raise _cannot(params, "there is no such message of ours within the last day")
    if post.undo_key == hashed:
        return Result(post.ts, _version(found), is_replay=True)
    if post.undo_key:
        raise _cannot(params, "it was taken back already")
    if post.digest != posts.digest(params.text):
        raise _cannot(params, "it says something else")
    session.call(
        "chat.update",
        Call(f"the message {post.ts}", is_write=True, scope="messages:write"),
        channel=params.channel,
        ts=post.ts,
        **posts.content(posts.TAKEN_BACK, post.key, post.digest, hashed),
    )
    return Result(post.ts, _version(tuple(each for each in found if each is not post)))


_AS_IT_IS = {"parse": "none", "unfurl_links": False, "unfurl_media": False}


def _standing(found: tuple[Post, ...]) -> tuple[Post, ...]:
    return tuple(post for post in found if not post.undo_key)


def _version(found: tuple[Post, ...]) -> str:
    standing = _standing(found)
    return standing[0].ts if standing else NO_POST.ts


def _text(params: MessageParams, post: Post) -> str:
    return params.text if post.digest == posts.digest(params.text) else post.text


def _check_same(params: MessageParams, post: Post) -> None:
    if post.digest != posts.digest(params.text):
        raise Rejected(
            "This key was used for another message.",
            next_step="Nothing was posted; a new intent needs a new key.",
        )


def _cannot(params: MessageParams, why: str) -> Rejected:
    return Rejected(
        f"The message in {params.channel} is not taken back: {why}.",
        next_step="Nothing was changed; look there and put it right by hand.",
    )


OPERATION = Operation(
    name="chat.post_message",
    title="Post in another channel",
    system="Chat",
    params=MessageParams,
    scopes=SCOPES,
    fact_types={
        "channel.id": "string",
        "channel.people": "int",
        "channel.is_shared": "bool",
        "channel.posts": "int",
        "message.characters": "int",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "the last post from here in the channel"),
    remembers="mark",
)

"""What a Slack event says, as our nouns: text without markup, places, keys. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.surfaces.mentions import mention
from store.model.request import Place
from store.model.values import Json

TEXT_CHARACTERS_MAX = 40_000  # docs.slack.dev, chat.postMessage: longer text is cut by Slack
MENTIONS_MAX = 12  # ours: of one message whose names are asked for
NAMELESS: Mapping[str, str] = {}
_MARKUP = re.compile(r"<([@#!]?)([^<>|]{1,2000})(?:\|([^<>]{0,2000}))?>")
# Message subtypes in which a person says something; every other one is Slack's own bookkeeping.
_SPOKEN_SUBTYPES = frozenset({None, "file_share", "thread_broadcast", "me_message"})


@dataclass(frozen=True)
class Heard:
    """One message of a person: who, where, what as Slack sent it, and the keys under which it may
    come again."""

    user: str
    place: Place
    message: str
    raw: str
    event_keys: tuple[str, ...]


def heard(body: dict[str, Json], team: str, bot_user: str) -> Heard | None:
    """The message that an event carries, None for edits, deletions, bots and bookkeeping."""
    event = body.get("event")
    if not isinstance(event, dict):
        return None
    channel, ts, user = (_text(event.get(name)) for name in ("channel", "ts", "user"))
    is_person = user and not event.get("bot_id") and user != bot_user
    subtype = event.get("subtype")
    is_known = subtype is None or isinstance(subtype, str)
    is_spoken = is_known and subtype in _SPOKEN_SUBTYPES and not event.get("hidden")
    if not (channel and ts and is_person and is_spoken):
        return None
    if event.get("type") == "message" and event.get("channel_type") != "im":
        return None  # in channels only what is addressed to us is ours: app_mention
    keys = [f"ts:{team}:{channel}:{ts}"]
    if event_id := _text(body.get("event_id")):
        keys.append(f"event:{event_id}")
    if client_id := _text(event.get("client_msg_id")):
        keys.append(f"client:{client_id}")
    thread = _text(event.get("thread_ts")) or ts
    place = Place(surface="slack", team=team, channel=channel, thread=thread)
    return Heard(user, place, ts, _text(event.get("text")), tuple(keys))


def mentioned(text: str, bot_user: str) -> tuple[str, ...]:
    """The accounts that a text names and gives no name of, at most MENTIONS_MAX, in order."""
    marks = _MARKUP.finditer(text[:TEXT_CHARACTERS_MAX])
    users = (mark[2] for mark in marks if mark[1] == "@" and not mark[3] and mark[2] != bot_user)
    return tuple(dict.fromkeys(users))[:MENTIONS_MAX]


def spoken(text: str, bot_user: str, names: Mapping[str, str] = NAMELESS) -> str:
    """Slack's text as the person typed it: mentions by name, links as shown, entities as signs.

    The mention of the bot is cut off. A link whose label differs from its target keeps both.
    `names` are those of accounts that the text names without.
    """
    bounded = text[:TEXT_CHARACTERS_MAX].replace("\xa0", " ")
    said = _MARKUP.sub(lambda match: _unmarked(match, bot_user, names), bounded)
    said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return said.strip().lstrip(":,").strip()


def _unmarked(match: re.Match[str], bot_user: str, names: Mapping[str, str]) -> str:
    sign, target, label = match[1], match[2], match[3] or ""
    if sign == "@":
        return "" if target == bot_user else mention(label or names.get(target, target))
    if sign == "#":
        return f"#{label or target}"
    if sign == "!":
        name = label or target.partition("^")[0]
        return name if name.startswith("@") else f"@{name}"
    shown = target.removeprefix("mailto:").removeprefix("tel:")
    return (
        shown
        if label in ("", shown, target) or shown.endswith(f"//{label}")
        else f"{label} ({shown})"
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""

"""Where something happened in Teams and who did it, as an activity says. Pure.

An activity comes with a token that names the channel service, so its conversation and its sender
are the service's word. What stands in an activity's `value` is the sender's, and is not read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.incoming import storable
from bot.surfaces.teams_wire import Activity
from policies.roles import TEAMS
from store.conversations import Contact, Conversation, Kind
from store.model.request import Place
from store.model.values import Json

NAME_CHARACTERS_MAX = 256  # learn.microsoft.com, Entra: displayName
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONVERSATION = re.compile(r"[\x21-\x3a\x3c-\x7e]{1,400}")  # printable, without ";"
_MESSAGE = re.compile(r"[A-Za-z0-9_:.@-]{1,200}")
_ADDRESS = re.compile(r"[\x21-\x7e]{1,300}")
_KINDS: dict[Json, Kind] = {"channel": "channel", "groupChat": "group", "personal": "personal"}


@dataclass(frozen=True)
class Origin:
    """One activity's place, its conversation's kind and service, and its sender.

    `user` is the Entra object id, empty where the service names none (an anonymous guest, say);
    `message` is the message that a press or a reply is about, for a message its own id.
    """

    place: Place
    kind: Kind
    service_url: str
    user: str
    address: str
    name: str
    message: str
    title: str = ""  # of the conversation, where it has a name and it is said

    @property
    def conversation(self) -> Conversation:
        """What the store keeps of the place."""
        return Conversation(
            surface=TEAMS,
            team=self.place.team,
            id=self.place.channel,
            kind=self.kind,
            service_url=self.service_url,
            name=self.title,
            user=self.user if self.kind == "personal" else "",
        )

    @property
    def contact(self) -> Contact:
        """What the store keeps of the sender, who has a `user`."""
        return Contact(
            surface=TEAMS,
            team=self.place.team,
            user=self.user,
            address=self.address,
            service_url=self.service_url,
            seen_in=self.place.channel,
        )


def origin(activity: Activity) -> Origin | None:
    """Where an activity comes from; None where it names no conversation or sender that we know."""
    talk, sender = member_of(activity, "conversation"), member_of(activity, "from")
    channel, _, thread = words(talk.get("id")).partition(";messageid=")
    kind = _kind(talk, channel)
    address, service_url = words(sender.get("id")), words(activity.get("serviceUrl"))
    is_known = _CONVERSATION.fullmatch(channel) and _ADDRESS.fullmatch(address)
    if not (is_known and kind and service_url):
        return None
    message = _message_of(activity)
    if kind == "channel" and not thread and activity.get("type") == "message":
        thread = words(activity.get("id"))
    has_thread = kind == "channel" and _MESSAGE.fullmatch(thread)
    return Origin(
        place=Place(
            surface=TEAMS,
            team=_tenant(activity, talk),
            channel=channel,
            thread=thread if has_thread else "",
        ),
        kind=kind,
        service_url=service_url,
        user=guid(sender.get("aadObjectId")),
        address=address,
        name=name_of(sender.get("name")) or address,
        message=message if _MESSAGE.fullmatch(message) else "",
        title=name_of(talk.get("name")) or _channel_name(activity, channel),
    )


def about(activity: Activity, at: Origin) -> Origin:
    """The channel that an update is about: it comes in the conversation of the channel's team."""
    told = member_of(member_of(activity, "channelData"), "channel")
    channel = words(told.get("id"))
    if not _CONVERSATION.fullmatch(channel):
        return at
    place = at.place.model_copy(update={"channel": channel, "thread": ""})
    return replace(at, place=place, title=name_of(told.get("name")))


def is_bot(activity: Activity, bot_id: str) -> bool:
    """Whether a bot sent it, this one included."""
    sender = member_of(activity, "from")
    address = words(sender.get("id")).lower()
    return sender.get("role") == "bot" or address.startswith("28:") or address == bot_id.lower()


def is_message_id(value: Json) -> bool:
    """Whether it has the shape of a message's id."""
    return isinstance(value, str) and _MESSAGE.fullmatch(value) is not None


def guid(value: Json) -> str:
    """An Entra id in lower case, empty where it is none."""
    found = words(value).lower()
    return found if _GUID.fullmatch(found) else ""


def name_of(value: Json) -> str:
    """A name as it may be kept: bounded, and text that every database takes."""
    return storable(words(value)[:NAME_CHARACTERS_MAX]).strip()


def member_of(value: Json, name: str) -> dict[str, Json]:
    """An object inside of another one, empty where it is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def words(value: Json) -> str:
    """A text, empty where it is none."""
    return value if isinstance(value, str) else ""


def _kind(talk: dict[str, Json], channel: str) -> Kind | None:
    said = talk.get("conversationType")
    if isinstance(said, str) and said:
        return _KINDS.get(said)
    if channel.endswith(("@thread.tacv2", "@thread.skype")):
        return "channel"
    return "group" if channel.endswith("@thread.v2") else None


def _channel_name(activity: Activity, channel: str) -> str:
    """A channel's name; that of its team for the channel that the team began with."""
    data = member_of(activity, "channelData")
    for part in ("channel", "team"):
        told = member_of(data, part)
        if told.get("id") == channel and name_of(told.get("name")):
            return name_of(told.get("name"))
    return ""


def _tenant(activity: Activity, talk: dict[str, Json]) -> str:
    told = member_of(member_of(activity, "channelData"), "tenant")
    return guid(talk.get("tenantId")) or guid(told.get("id"))


def _message_of(activity: Activity) -> str:
    """Its own id, or of a press (a message that carries a value, too) that of the card."""
    is_said = activity.get("type") == "message" and not isinstance(activity.get("value"), dict)
    return words(activity.get("id" if is_said else "replyToId"))

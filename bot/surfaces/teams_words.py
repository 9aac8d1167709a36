"""What a message in Teams says, as our nouns: text without markup, places, keys. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.incoming import storable
from bot.surfaces.mentions import mention
from bot.surfaces.teams_origin import (
    NAME_CHARACTERS_MAX,
    Origin,
    guid,
    is_bot,
    member_of,
    name_of,
    origin,
    words,
)
from bot.surfaces.teams_wire import Activity
from store.model.values import Json

TEXT_CHARACTERS_MAX = 40_000  # ours; a message in Teams has about 28 KB (learn.microsoft.com)
MENTIONS_MAX = 200  # entities that are looked at
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})((?:[\s/][^<>]{0,2000})?)>")
_RICH_FORMATS = frozenset({"xml", "html"})
_MENTION_MARK = "schema.skype.com/Mention"
_REPLY_MARK = "schema.skype.com/Reply"
_LINE_TAGS = frozenset({"p", "div", "li", "tr", "blockquote", "h1", "h2", "h3", "pre"})
_EMOJI = re.compile(r"alt=\"([^\"<>]{1,40})\"")


@dataclass(frozen=True)
class Mention:
    """Somebody (or a channel) who was named by a mention: as shown, and as Teams knows them."""

    name: str
    address: str
    user: str = ""


Piece = str | Mention


@dataclass(frozen=True)
class Heard:
    """One message of a person to us: from where and whom, what, and the keys under which it may
    come again. The mention of the bot is cut off."""

    origin: Origin
    pieces: tuple[Piece, ...]
    event_keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """As the person typed it; who was mentioned stands there by name."""
        return _said(self.pieces)

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Who else was mentioned."""
        return tuple(each for each in self.pieces if isinstance(each, Mention))

    def pointing(self, users: Mapping[str, str]) -> str:
        """The text with mentions as accounts, never names: `users` gives the object id of an
        address. One that is not known stays a name, and names nobody."""
        return _said(
            each if isinstance(each, str) else _pointed(each, users) for each in self.pieces
        )


def heard(activity: Activity, bot_id: str) -> Heard | None:
    """The message that an activity carries; None for edits, deletions, reactions, presses, bots,
    and for what is said in a channel or a group chat without naming us."""
    if activity.get("type") != "message" or is_bot(activity, bot_id):
        return None
    at = origin(activity)
    if at is None or not at.message or isinstance(activity.get("value"), dict):
        return None
    entities = _entities(activity)
    if at.kind != "personal" and not any(_is_us(entity, bot_id) for entity in entities):
        return None
    pieces = tuple(_pieces(activity, entities, bot_id))
    return Heard(at, pieces, (f"message:{at.place.channel}:{at.message}",))


def spoken(message: Json, app_id: str) -> str:
    """The text of somebody's message as the shortcut hands it over, without a mention of us."""
    body = member_of(message, "body")
    text = words(body.get("content"))[:TEXT_CHARACTERS_MAX]
    mentions: dict[str, list[Mention]] = {}
    named = message.get("mentions") if isinstance(message, dict) else None
    for each in named[:MENTIONS_MAX] if isinstance(named, list) else []:
        application = member_of(member_of(each, "mentioned"), "application")
        if words(application.get("id")).lower().removeprefix("28:") == app_id.lower():
            name = name_of(words(each.get("mentionText")))
            mentions[name] = [Mention(name, app_id)]
    marked = _Marked(mentions, frozenset({app_id.lower()}))
    pieces = marked.read(text, is_rich=words(body.get("contentType")) in _RICH_FORMATS)
    return _said(pieces)


def _pieces(activity: Activity, entities: list[dict[str, Json]], bot_id: str) -> Iterator[Piece]:
    """The message's pieces, out of its text; of its HTML where the text is empty, or where a quote
    of another message stands before it: what is quoted is not what this person says."""
    text = words(activity.get("text"))[:TEXT_CHARACTERS_MAX]
    rich = _rich(activity)
    is_rich = words(activity.get("textFormat")) in _RICH_FORMATS
    if rich and (not text.strip() or _REPLY_MARK in rich):
        text, is_rich = rich, True
    mentions: dict[str, list[Mention]] = {}
    for entity in entities:
        mention = _mention(entity)
        mentions.setdefault(mention.name, []).append(mention)
    yield from _Marked(mentions, frozenset({bot_id.lower()})).read(text, is_rich=is_rich)


@dataclass
class _Marked:
    """Reads text with tags. `mentions` are those that the entities name, by the name shown, in
    order; `ours` are the addresses whose mention is cut off."""

    mentions: Mapping[str, list[Mention]]
    ours: frozenset[str]
    _pieces: list[Piece] = field(default_factory=list)
    _inside: list[str] | None = None  # the name of a mention that is being read
    _quotes: int = 0  # how deep in quotes of other messages

    def read(self, text: str, *, is_rich: bool) -> list[Piece]:
        """Rich text loses every tag, plain text only those of mentions and quotes."""
        at = 0
        for match in _TAG.finditer(text):
            is_closing, tag, rest = bool(match[1]), match[2].lower(), match[3]
            if not is_rich and tag not in ("at", "quoted"):
                continue
            self._add(text[at : match.start()])
            at = match.end()
            self._turn(tag, rest, is_closing)
        self._add(text[at:])
        self._close(is_closed=False)
        return self._pieces

    def _turn(self, tag: str, rest: str, is_closing: bool) -> None:
        if tag == "blockquote" and (self._quotes or _REPLY_MARK in rest):
            self._quotes += -1 if is_closing else 1
        is_mention = tag == "at" or (tag == "span" and (is_closing or _MENTION_MARK in rest))
        if is_mention:
            self._close(is_closed=is_closing)
            self._inside = None if is_closing else []
        elif tag == "br" or (is_closing and tag in _LINE_TAGS):
            self._add("\n")
        elif tag in ("img", "emoji") and (emoji := _EMOJI.search(rest)):
            self._add(emoji[1])

    def _add(self, raw: str) -> None:
        if self._quotes or not raw:
            return
        text = html.unescape(raw)
        if self._inside is not None:
            self._inside.append(text)
        else:
            self._pieces.append(text)

    def _close(self, *, is_closed: bool) -> None:
        """The end of a mention. Tags that somebody typed, with no entity behind them, are a name at
        most; what was opened and not closed is text."""
        if self._inside is None:
            return
        raw, self._inside = "".join(self._inside), None
        name = name_of(raw)
        if not is_closed or len(raw) > NAME_CHARACTERS_MAX:
            self._pieces.append(raw)
            return
        known = self.mentions.get(name) or [Mention(name, "")]
        found = known.pop(0) if len(known) > 1 else known[0]
        if found.address.lower() in self.ours:
            return
        self._pieces.append(found if found.address else f"@{name}" if name else "")


def _said(pieces: Iterable[Piece]) -> str:
    said = (
        mention(each.name) if isinstance(each, Mention) else each.replace("\xa0", " ")
        for each in pieces
    )
    text = storable("".join(said)).replace("\r\n", "\n")
    return text.strip().lstrip(":,").strip()


def _pointed(mention: Mention, users: Mapping[str, str]) -> str:
    user = mention.user or users.get(mention.address, "")
    return f"teams:{user}" if user else f"@{mention.name}"


def _entities(activity: Activity) -> list[dict[str, Json]]:
    """The mentions among an activity's entities."""
    found = activity.get("entities")
    listed = found[:MENTIONS_MAX] if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, dict) and each.get("type") == "mention"]


def _mention(entity: dict[str, Json]) -> Mention:
    """Named as the text shows it; the entity's own text is "<at>Lee</at>"."""
    mentioned = member_of(entity, "mentioned")
    shown = html.unescape(_TAG.sub("", words(entity.get("text"))))
    return Mention(
        name=name_of(shown) or name_of(mentioned.get("name")),
        address=words(mentioned.get("id"))[:300],
        user=guid(mentioned.get("aadObjectId")),
    )


def _is_us(entity: dict[str, Json], bot_id: str) -> bool:
    return words(member_of(entity, "mentioned").get("id")).lower() == bot_id.lower()


def _rich(activity: Activity) -> str:
    """The message's HTML, as Teams attaches it."""
    found = activity.get("attachments")
    for each in found[:10] if isinstance(found, list) else []:
        if isinstance(each, dict) and each.get("contentType") == "text/html":
            return words(each.get("content"))[:TEXT_CHARACTERS_MAX]
    return ""

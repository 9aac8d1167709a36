"""The elements that every Adaptive Card of ours is made of: lines, boxes, the card itself. Pure.

A line of texts alone is a RichTextBlock, where nothing that people or systems wrote is read as
markdown. A line that says a time is a TextBlock, because only there the client words dates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.cards.adaptive_text import amid, date, inert, unstarted
from bot.cards.model import Channel, Moment, Piece, Strong, Words
from store.model.values import Json

Element = dict[str, Json]
Spacing = Literal["none", "small", "default", "medium"]

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"  # learn.microsoft.com, Adaptive Cards for bots in Teams: 1.5 and earlier
# Ours: what the oldest Teams clients still take (28 KB a message, learn.microsoft.com, "Format your
# bot messages"); newer ones take 80 KB and more.
CARD_BYTES_MAX = 28_000


@dataclass(frozen=True)
class Look:
    """How a line looks beside the others."""

    is_subtle: bool = False
    is_small: bool = False
    is_exact: bool = False
    color: str = ""
    spacing: Spacing = "small"
    has_separator: bool = False
    channels: Mapping[str, str] | None = None


PLAIN = Look()


def line(words: Words, units_max: int, look: Look = PLAIN) -> Element:
    """One line that wraps; each text in it has at most `units_max` units."""
    if any(isinstance(piece, Moment) for piece in words):
        marked = "".join(_marked(piece, units_max, look) for piece in words)
        element: Element = {"type": "TextBlock", "text": unstarted(marked), "wrap": True}
        return placed(element | _style(look), look)
    return rich([run for piece in words for run in _runs(piece, units_max, look)], look)


def rich(runs: Iterable[Element], look: Look = PLAIN) -> Element:
    """One line of runs made by `run` and `plain`; a dash where none of them says anything."""
    said = [part for part in runs if part["text"]]
    if not any(part["text"].strip() for part in said):
        said = [plain("–")]
    return placed({"type": "RichTextBlock", "inlines": said}, look)


def run(text: str, units_max: int, **style: Json) -> Element:
    """A few words, inert; `style` are a TextRun's own properties."""
    return {"type": "TextRun", "text": inert(text, units_max), **style}


def plain(text: str) -> Element:
    """Words of ours, or such as are inert already, with the blanks around them."""
    return {"type": "TextRun", "text": text}


def placed(element: Element, look: Look) -> Element:
    """The element with its distance from what stands above."""
    if look.spacing != "default":
        element["spacing"] = look.spacing
    if look.has_separator:
        element["separator"] = True
    return element


def box(items: Iterable[Element], style: str = "emphasis", spacing: Spacing = "small") -> Element:
    """A tinted box around some lines."""
    return {"type": "Container", "style": style, "spacing": spacing, "items": list(items)}


def envelope(body: Iterable[Element], fallback: str, refresh: Element | None = None) -> Element:
    """The whole card; `fallback` is what a client shows that knows no version 1.5."""
    card: Element = {
        "type": "AdaptiveCard",
        "$schema": SCHEMA,
        "version": VERSION,
        "fallbackText": fallback,
        "body": list(body),
        "msteams": {"width": "Full"},
    }
    if refresh is not None:
        card["refresh"] = refresh
    return card


def fitting(cards: Iterable[Element], bytes_max: int = CARD_BYTES_MAX) -> Element:
    """The first card that takes no more than `bytes_max` as UTF-8 JSON, else the last one; they
    come one by one, each smaller than the one before."""
    shown: Element = {}
    for shown in cards:
        if len(json.dumps(shown, ensure_ascii=False).encode()) <= bytes_max:
            break
    return shown


def _runs(piece: Piece, units_max: int, look: Look) -> list[Element]:
    match piece:
        case Moment():
            raise AssertionError("a line with a time is a TextBlock")
        case Strong(text):
            is_strong = True
        case Channel():
            text, is_strong = _channel(piece, look), False
        case str(text):
            is_strong = False
    shown = _spaced(text, inert(text, units_max))
    return [_run(shown, look, is_strong=is_strong)] if shown else []


def _run(text: str, look: Look, *, is_strong: bool = False) -> Element:
    found: Element = {"type": "TextRun", "text": text, **_style(look)}
    if is_strong:
        found["weight"] = "bolder"
    return found


def _marked(piece: Piece, units_max: int, look: Look) -> str:
    match piece:
        case Moment():
            return date(piece, is_exact=look.is_exact)
        case Strong(text):
            inner = amid(text, units_max)
            return _spaced(text, f"**{inner}**" if inner else "")
        case Channel():
            return amid(_channel(piece, look), units_max)
        case str(text):
            return _spaced(text, amid(text, units_max))


def _style(look: Look) -> Element:
    style: Element = {}
    if look.is_small:
        style["size"] = "small"
    if look.is_subtle:
        style["isSubtle"] = True
    if look.color:
        style["color"] = look.color
    return style


def _spaced(raw: str, shown: str) -> str:
    """What is shown, with the blanks that stood around it."""
    if not shown:
        return " " * bool(raw)
    return f"{' ' * (raw[:1] == ' ')}{shown}{' ' * (raw[-1:] == ' ')}"


# A conversation's id is no name; without one it is said what kind it is.
_KINDS = (
    ("19:", "@thread.v2", "a group chat"),
    ("19:", "", "a channel"),
    ("a:", "", "a personal chat"),
    ("D", "", "a direct message"),
    ("C", "", "a channel of Slack"),
    ("G", "", "a channel of Slack"),
)


def _channel(channel: Channel, look: Look) -> str:
    if name := (look.channels or {}).get(channel.id):
        return name
    if channel.name:
        return channel.name if ":" in channel.id else f"#{channel.name} in Slack"
    for head, tail, kind in _KINDS:
        if channel.id.startswith(head) and channel.id.endswith(tail):
            return kind
    return channel.id

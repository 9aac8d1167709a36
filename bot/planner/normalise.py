"""What a message says once mark-up, quotations, links and pictures are gone: the text that rules
read, and the way back to what was taken out.

Characters that a reader cannot see, or that look like others, become HIDDEN and stay where they
were, so that no number or name is ever read across them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from connectors.text import WEB_ADDRESS

HIDDEN = "\ufffd"
HAND_OVER = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # UAX #9, 2.1-2.5
JOINERS = frozenset("\u200d\ufe0f\ufe0e\u20e3")  # part of an emoji when they follow one
_CUT = "\x1f"  # where a link was cut out: a space to every pattern, and gone from what is heard
TIE = "\u203f"  # between the words of a name that is mentioned: one token, not read by its words
WORDS_IN_QUOTES_MAX = 2  # "1043" is emphasis; more words in quotes are somebody else's

_UNPLAIN = re.compile(r"[^\n\t\x1f -~]+")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
_REST_QUOTED = re.compile(r"(?m)^[ \t]*(?:>>>|&gt;&gt;&gt;)[\s\S]*\Z")
_LINE_QUOTED = re.compile(r"(?m)^[ \t]*(?:>|&gt;).*$")
_MENTION = re.compile(r"<[@#!][^<>|\n]{1,80}(?:\|[^<>\n]{0,80})?>|<at>[^<>\n]{0,80}</at>", re.I)
_LINK = re.compile(r"<(?:https?|mailto|tel):[^<>|\s]{1,2000}(?:\|([^<>\n]{0,300}))?>", re.I)
_TIED = re.compile(r"(?<![^\s(\[,;:])@[^\s@<>]{1,80}(?:\xa0[^\s@<>]{1,80}){1,10}")
_SHORTCODE = re.compile(r"(?<![^\s:]):[a-z0-9_+'-]{1,40}:(?![^\s:.,!?])")
_QUOTATION = re.compile(r"(?<![^\s(])[\"“„«]([^\"“”„«»\n]{1,2000})[\"”“»](?![^\s.,;:!?)])")


@dataclass(frozen=True)
class Link:
    """A link as a reader sees it, and the places in the text between which it stood."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Heard:
    """`text` is what the person says; `is_reordered` when hidden marks turn its direction round.

    `quoted` is `text` with longer quotations still in it: reasons may stand there, orders may not.
    `links` were cut out of `quoted`, to be passed on with what stands around them.
    """

    text: str
    quoted: str
    links: tuple[Link, ...]
    is_reordered: bool

    @property
    def whole(self) -> str:
        """All that was said, links and quotations too: to be passed on or searched, not read."""
        return with_links(self.quoted, self.links, 0, len(self.quoted))

    def clause(self, start: int, end: int, until: int) -> str:
        """The words of `quoted` from a place up to another, with the links in them and those behind
        them that stand before `until`."""
        ends = (link.end for link in self.links if end <= link.start and link.end <= until)
        return with_links(self.quoted, self.links, start, max([end, *ends]))


def hear(raw: str) -> Heard:
    """Pure and total: any string gives an answer, in time linear in its length."""
    raw = raw.replace("\r\n", "\n").replace("\r", "\n").replace(_CUT, "\0")
    text = _LINE_QUOTED.sub("", _REST_QUOTED.sub("", raw))
    text = _FENCE.sub("\n", text).replace("`", " ")
    text = _MENTION.sub(" ", text)
    text = _LINK.sub(lambda link: f" {link[1] or ''} ", text)
    text = _TIED.sub(lambda name: name[0].replace("\xa0", TIE), text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    links = [_visible(link) for link in WEB_ADDRESS.findall(text)]
    text = _SHORTCODE.sub(" ", _visible(WEB_ADDRESS.sub(_CUT, text)))
    places = [i for i, character in enumerate(text) if character == _CUT] if links else []
    text = text.replace(_CUT, " ")
    quoted = text.strip()
    before = text.find(quoted)
    return Heard(
        text=_QUOTATION.sub(_emphasis, text).strip(),
        quoted=quoted,
        links=tuple(
            _link(place - before, len(quoted), link)
            for place, link in zip(places, links, strict=True)
        ),
        is_reordered=any(c in HAND_OVER for c in raw),
    )


def _link(place: int, length: int, link: str) -> Link:
    """The link that stood at a place of a text of this length, or before or behind it."""
    if place < 0:
        return Link(0, 0, f"{link} ")
    return Link(length, length, f" {link}") if place >= length else Link(place, place + 1, link)


def with_links(quoted: str, links: tuple[Link, ...], start: int, end: int) -> str:
    """What stands from a place up to another, with the links between them."""
    parts, at = list[str](), start
    for link in links:
        if start <= link.start and link.end <= end:
            parts += [quoted[at : link.start], link.text]
            at = link.end
    return shown("".join((*parts, quoted[at:end]))).strip()


def spaced(text: str) -> str:
    """Words in which a mentioned name stands like any other."""
    return text.replace(TIE, " ").replace("\xa0", " ")


def shown(text: str) -> str:
    """Words as people see them; heard again, they are the same."""
    return text.replace(TIE, "\xa0")


def quotations(quoted: str) -> tuple[tuple[int, int], ...]:
    """Where somebody else's words stand in what was heard with quotations, their marks included."""
    longer = (m for m in _QUOTATION.finditer(quoted) if len(m[1].split()) > WORDS_IN_QUOTES_MAX)
    return tuple(match.span() for match in longer)


def in_quoted(quoted: str, place: int) -> int:
    """The place in what was heard with quotations of a place in what was heard without them."""
    text = _QUOTATION.sub(_emphasis, quoted)
    place += len(text) - len(text.lstrip())
    for match in _QUOTATION.finditer(quoted):
        kept, cut = len(_emphasis(match)), len(match[0])
        if place < match.start():
            break
        if place < match.start() + kept:
            return place + 1 if kept == cut - 2 else place  # behind its mark
        place += cut - kept
    return place


def _emphasis(quotation: re.Match[str]) -> str:
    return quotation[1] if len(quotation[1].split()) <= WORDS_IN_QUOTES_MAX else " "


def _visible(text: str) -> str:
    """NFKC, character by character, with emoji as spaces and what cannot be seen as HIDDEN."""
    return unicodedata.normalize("NFC", _UNPLAIN.sub(_seen, text))


def _seen(unplain: re.Match[str]) -> str:
    """What a reader sees of characters of which none is seen as itself without a look at it."""
    out: list[str] = []
    after_emoji = False
    for character in unplain[0]:
        is_emoji = _is_emoji(character)
        if is_emoji or (after_emoji and character in JOINERS):
            out.append(" ")
            after_emoji = True
            continue
        after_emoji = False
        out.append(_seen_as(character))
    return "".join(out)


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So" or "\U0001f3fb" <= character <= "\U0001f3ff"


@lru_cache(maxsize=4096)
def _seen_as(character: str) -> str:
    if character in "\n\t" or character.isascii():
        return (
            HIDDEN
            if unicodedata.category(character) == "Cc" and character not in "\n\t"
            else character
        )
    category = unicodedata.category(character)
    plain = unicodedata.normalize("NFKC", character)
    if category in {"Zs", "Zl", "Zp"}:
        return " " if category == "Zs" else "\n"
    if category[0] == "C" or category == "No" or 0xFE00 <= ord(character) <= 0xFE0F:
        return HIDDEN
    if category == "Nd":
        return plain if plain.isascii() else HIDDEN
    # A letter that NFKC would turn into a digit or a sign is not one that a person typed as such.
    return character if category[0] == "L" and not plain.isalpha() else plain

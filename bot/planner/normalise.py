"""What a message says once mark-up, quotations and pictures are gone: the text that rules read.

Characters that a reader cannot see, or that look like others, become HIDDEN and stay where they
were, so that no number or name is ever read across them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HIDDEN = "\ufffd"
HAND_OVER = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # UAX #9, 2.1-2.5
JOINERS = frozenset("\u200d\ufe0f\ufe0e\u20e3")  # part of an emoji when they follow one
WORDS_IN_QUOTES_MAX = 2  # "1043" is emphasis; more words in quotes are somebody else's

_UNPLAIN = re.compile(r"[^\n\t -~]+")
_FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
_REST_QUOTED = re.compile(r"(?m)^[ \t]*(?:>>>|&gt;&gt;&gt;)[\s\S]*\Z")
_LINE_QUOTED = re.compile(r"(?m)^[ \t]*(?:>|&gt;).*$")
_MENTION = re.compile(r"<[@#!][^<>|\n]{1,80}(?:\|[^<>\n]{0,80})?>|<at>[^<>\n]{0,80}</at>", re.I)
_LINK = re.compile(r"<(?:https?|mailto|tel):[^<>|\s]{1,2000}(?:\|([^<>\n]{0,300}))?>", re.I)
_BARE_LINK = re.compile(r"\bhttps?://\S+", re.I)
_SHORTCODE = re.compile(r"(?<![^\s:]):[a-z0-9_+'-]{1,40}:(?![^\s:.,!?])")
_QUOTATION = re.compile(r"(?<![^\s(])[\"“„«]([^\"“”„«»\n]{1,2000})[\"”“»](?![^\s.,;:!?)])")


@dataclass(frozen=True)
class Heard:
    """`text` is what the person says; `is_reordered` when hidden marks turn its direction round.

    `quoted` is `text` with longer quotations still in it: reasons may stand there, orders may not.
    """

    text: str
    quoted: str
    is_reordered: bool


def hear(raw: str) -> Heard:
    """Pure and total: any string gives an answer, in time linear in its length."""
    raw = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = _LINE_QUOTED.sub("", _REST_QUOTED.sub("", raw))
    text = _FENCE.sub("\n", text).replace("`", " ")
    text = _MENTION.sub(" ", text)
    text = _LINK.sub(lambda link: f" {link[1] or ''} ", text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    text = _BARE_LINK.sub(" ", text)
    text = _SHORTCODE.sub(" ", _visible(text))
    return Heard(
        text=_QUOTATION.sub(_emphasis, text).strip(),
        quoted=text.strip(),
        is_reordered=any(c in HAND_OVER for c in raw),
    )


def quotations(quoted: str) -> tuple[tuple[int, int], ...]:
    """Where somebody else's words stand in what was heard with quotations, their marks included."""
    longer = (m for m in _QUOTATION.finditer(quoted) if len(m[1].split()) > WORDS_IN_QUOTES_MAX)
    return tuple(match.span() for match in longer)


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

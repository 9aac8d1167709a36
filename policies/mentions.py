"""Which facts and constants a condition speaks of, found in its text, to show their values.

A mention is `now`, `refund.amount_minor`, `small["USD"]` or `small[refund.currency]`. The lexer
also finds what conditions may not use: decimal fractions, and functions beyond the listed ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

FUNCTIONS = frozenset({
    "size", "contains", "startsWith", "endsWith", "matches", "timestamp", "duration", "int",
    "string", "has", "all", "exists", "exists_one", "filter", "map", "getFullYear", "getMonth",
    "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes",
    "getSeconds", "getMilliseconds",
})  # fmt: skip

TEXTS_KEPT = 64  # conditions whose pieces are asked for again at once
_TOKEN = re.compile(
    r"""(?P<string>(?:[rR][bB]?|[bB][rR])(?:"[^"]*"|'[^']*')
        |[bB]?(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
      |(?P<fraction>\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
      |(?P<number>0[xX][\da-fA-F]+|\d+)
      |(?P<name>[A-Za-z_]\w*)
      |(?P<space>\s+|//[^\n]*)
      |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Key:
    """What stands in brackets: a literal text, or the fact whose value is the key."""

    text: str
    is_fact: bool


@dataclass(frozen=True)
class Mention:
    """One fact or constant as a condition writes it."""

    text: str
    root: str
    keys: tuple[Key, ...] = ()

    def value(self, bindings: Mapping[str, object]) -> object:
        """The value on these bindings, None where a key has no entry."""
        value = bindings[self.root]
        for key in self.keys:
            name = bindings[key.text] if key.is_fact else key.text
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


class Token(NamedTuple):
    """One piece of a condition. `start` and `end` are offsets into its text."""

    kind: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=TEXTS_KEPT)
def tokens(text: str) -> tuple[Token, ...]:
    """The condition's pieces without spaces and comments."""
    found = (Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in _TOKEN.finditer(text))
    return tuple(token for token in found if token.kind != "space")


def mentions(
    text: str, facts: Mapping[str, str], constants: Mapping[str, str]
) -> tuple[Mention, ...]:
    """Each fact and constant that the condition speaks of, once, in order of appearance."""
    pieces = tokens(text)
    found: dict[str, Mention] = {}
    index = 0
    while index < len(pieces):
        mention, index = _mention(pieces, index, facts, constants)
        if mention:
            found.setdefault(mention.text, mention)
    return tuple(found.values())


def objections(text: str) -> Iterator[tuple[int, str]]:
    """(offset, sentence) for each thing that conditions may not use although CEL has it."""
    pieces = tokens(text)
    for before, token, after in zip((None, *pieces), pieces, (*pieces[1:], None), strict=False):
        if token.kind == "fraction":
            yield token.start, f"{token.text} is not a whole number; count in minor units"
        elif token.kind == "name" and after and after.text == "(":
            if token.text not in FUNCTIONS:
                yield token.start, f"the function {token.text} is not available in conditions"
        elif token.kind == "string" and before and before.text == "(":
            yield from _zone_objection(pieces, token)


def _zone_objection(pieces: Sequence[Token], token: Token) -> Iterator[tuple[int, str]]:
    """The zone argument of now.getHours("Europe/Berlin"), where it names none."""
    index = pieces.index(token)
    if index >= 2 and pieces[index - 2].text.startswith("get"):
        name = token.text.strip("'\"")
        if not is_time_zone(name):
            yield token.start, f"{name!r} is not a time zone; use a name like Europe/Berlin"


def is_time_zone(name: str) -> bool:
    """Whether a name is in the time zone database that is installed with Assent."""
    return name in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    return frozenset((files("tzdata") / "zones").read_text().split())


def _mention(
    pieces: Sequence[Token], index: int, facts: Mapping[str, str], constants: Mapping[str, str]
) -> tuple[Mention | None, int]:
    """The mention that begins at `index`, and where to look on."""
    first = pieces[index]
    if first.kind != "name" or (index and pieces[index - 1].text == "."):
        return None, index + 1
    names, end = _chain(pieces, index)
    for length in range(len(names), 0, -1):
        name = ".".join(names[:length])
        if name in facts:
            return Mention(name, name), end
    if first.text not in constants:
        return None, end
    keys = tuple(Key(name, is_fact=False) for name in names[1:])
    text = ".".join(names)
    if not keys and (key := _bracket(pieces, end, facts)):
        inner = key.text if key.is_fact else f'"{key.text}"'
        return Mention(f"{text}[{inner}]", text, (key,)), _after_bracket(pieces, end)
    return Mention(text, first.text, keys), end


def _chain(pieces: Sequence[Token], index: int) -> tuple[list[str], int]:
    """Names joined by dots from `index`, without a method's name, and the index after them."""
    names = [pieces[index].text]
    end = index + 1
    while end + 1 < len(pieces) and pieces[end].text == "." and pieces[end + 1].kind == "name":
        if end + 2 < len(pieces) and pieces[end + 2].text == "(":
            return names, end + 2
        names.append(pieces[end + 1].text)
        end += 2
    return names, end


def _after_bracket(pieces: Sequence[Token], index: int) -> int:
    return next(at for at in range(index, len(pieces)) if pieces[at].text == "]") + 1


def _bracket(pieces: Sequence[Token], index: int, facts: Mapping[str, str]) -> Key | None:
    """The key in brackets at `index`: one fact, or one plain literal."""
    if index + 2 >= len(pieces) or pieces[index].text != "[":
        return None
    if pieces[index + 1].kind == "string":
        literal = pieces[index + 1].text[1:-1]
        return Key(literal, is_fact=False) if pieces[index + 2].text == "]" else None
    if pieces[index + 1].kind != "name":
        return None
    names, end = _chain(pieces, index + 1)
    name = ".".join(names)
    if name in facts and end < len(pieces) and pieces[end].text == "]":
        return Key(name, is_fact=True)
    return None

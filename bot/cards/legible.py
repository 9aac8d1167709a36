"""Hostile text made legible: nothing invisible, nothing that turns the reading direction."""

from __future__ import annotations

import unicodedata

MARKS_MAX = 4  # combining marks on one letter; more only hides what stands around it
_ZERO_WIDTH_JOINER = "\u200d"
_LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
# Letters and blanks that draw nothing although Unicode calls them letters or symbols.
_BLANKS = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0"
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def legible(text: str) -> str:
    """The text with every control, direction and zero-width character made visible.

    Controls become their pictures (␀), others their code point (⟨U+202E⟩); line ends become one
    newline; a pile of combining marks is cut to MARKS_MAX. Emoji sequences stay whole.
    """
    for end, newline in _LINE_ENDS.items():
        text = text.replace(end, newline)
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for index, character in enumerate(text):
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_MAX:
            shown.append(_shown(text, index, character))
    return "".join(shown)


def one_line(text: str) -> str:
    """Legible text on one line: each line end becomes a visible sign, outer blanks go."""
    return legible(text).strip().replace("\n", " ⏎ ")


def cut(text: str, characters_max: int) -> str:
    """The text, or its beginning with a mark that says how much is missing."""
    if len(text) <= characters_max:
        return text
    mark = f"… (+{len(text) - characters_max} characters)"
    return text[:characters_max].rstrip() + mark


def _shown(text: str, index: int, character: str) -> str:
    if character in ("\n", " "):
        return character
    if character == "\t":
        return " "
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "␡"
    if character == _ZERO_WIDTH_JOINER and _is_inside_emoji(text, index):
        return character
    hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _BLANKS
    return f"⟨U+{ord(character):04X}⟩" if hidden else character


def _is_inside_emoji(text: str, index: int) -> bool:
    before = text[max(0, index - 2) : index].rstrip("\ufe0f")[-1:]
    after = text[index + 1 : index + 2]
    return bool(before and after) and all(
        unicodedata.category(c) in ("So", "Sk") for c in (before, after)
    )

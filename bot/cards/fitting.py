"""Texts within a budget: cut with a mark that says how much is missing."""

from __future__ import annotations

from collections.abc import Callable


def units(text: str) -> int:
    """Length in UTF-16 units, the strictest way in which a chat may count characters."""
    return len(text.encode("utf-16-le")) // 2


def fit(text: str, units_max: int, hidden: int, escaped: Callable[[str], str] = str) -> str:
    """The text, escaped; cut with a mark where it, or what is hidden, exceeds `units_max` units.

    `hidden` characters follow that are not in `text`; `escaped` is asked for characters, too.
    """
    whole = escaped(text)
    if not hidden and units(whole) <= units_max:
        return whole
    room = units_max - units(f"… (+{len(text) + hidden} characters)")
    kept: list[str] = []
    for character in text:
        room -= units(escaped(character))
        if room < 0:
            break
        kept.append(character)
    beginning = "".join(kept).rstrip()
    if not beginning:
        return "…"
    return f"{escaped(beginning)}… (+{len(text) - len(beginning) + hidden} characters)"

"""Text for Adaptive Cards: legible, cut within a budget, unable to ping, link, date or format.

A TextRun knows no markdown: `inert` is for it and for every other plain text. A TextBlock, the
title of a toggle and a notification read markdown: `unmarked` is for those.
"""

from __future__ import annotations

import re
from datetime import UTC

from bot.cards.fitting import fit
from bot.cards.legible import one_line
from bot.cards.model import Moment

# {{DATE(…)}} and {{TIME(…)}} are worked out in TextRuns too by the renderer of npm adaptivecards
# (text-formatters.ts): no two braces stand side by side, nor one where another text may follow.
_BRACES = re.compile(r"\{(?=\{|\Z)")
# <at>Name</at> names somebody; Teams also drops what looks like a tag.
_TAG = re.compile(r"<(?=\s*(?:[A-Za-z/!?]|\Z))")
_SLASHES = re.compile(r"(?:\A|(?<=:))//")
_SCHEME = re.compile(r"(?<![^\W_])(mailto|tel):", re.IGNORECASE)

# What markdown would take for a sign of its own, and what stands for it.
_LOOKALIKES = {
    "*": "∗", "`": "ˋ", "~": "∼", "[": "［", "]": "］", "<": "‹", ">": "›", "\\": "＼", "|": "∣",
}  # fmt: skip
_SIGNS = str.maketrans(_LOOKALIKES)
_EDGE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")  # inside a word (pay_7731) it does not format
_ENTITY = re.compile(r"&(?=#|\w|\Z)")
_LINKED_HOST = re.compile(r"(?<![^\W_])(www)\.", re.IGNORECASE)
_AT_LINE_START = re.compile(r"\A(\s*)(?:(#+)|([-+=])|([0-9]{1,9})([.)]))(?=\s|[-+=#]|\Z)")
_START_LOOKALIKES = {"-": "‐", "+": "＋", "=": "꞊", ".": "․", ")": "）"}


def inert(text: str, units_max: int) -> str:
    """Any text on one line, legible and inert where no markdown is read.

    At most `units_max` UTF-16 units; a longer text ends with a mark that says how many characters
    are missing.
    """
    head = text[:units_max]  # each character takes a unit at least; the rest only has to be counted
    return fit(_harmless(one_line(head)), units_max, len(text) - len(head))


def unmarked(text: str, units_max: int) -> str:
    """Any text on one line, legible and inert where markdown is read; cut as `inert` does."""
    head = text[:units_max]
    return unstarted(fit(_without_signs(one_line(head)), units_max, len(text) - len(head)))


def amid(text: str, units_max: int) -> str:
    """As `unmarked`, for text that stands within a line, which begins with something else."""
    head = text[:units_max]
    return fit(_without_signs(one_line(head)), units_max, len(text) - len(head))


def unstarted(line: str) -> str:
    """A line that begins no heading, list, rule or, by blanks, block of code."""
    return _AT_LINE_START.sub(_started, line.lstrip())


def date(value: Moment, *, is_exact: bool = False) -> str:
    """A time that the reader's client words in its own zone; for TextBlocks alone.

    Teams leaves these as they are in TextRuns (AdaptiveCards#6194). It knows no seconds: `is_exact`
    adds them in UTC.
    """
    at = value.at.astimezone(UTC)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    time = f"{{{{TIME({stamp})}}}}"
    if value.style == "day":
        return f"{{{{DATE({stamp}, SHORT)}}}} {time}"
    if value.style == "seconds" and is_exact:
        return f"{time} ({at:%H:%M:%S} UTC)"
    return time


def _harmless(text: str) -> str:
    said = _TAG.sub("‹", _BRACES.sub("｛", text))
    return _SCHEME.sub(r"\1∶", _SLASHES.sub("∕∕", said))


def _without_signs(text: str) -> str:
    said = _harmless(text).translate(_SIGNS)
    said = _EDGE.sub(lambda match: "＿" * len(match[0]), said)
    return _LINKED_HOST.sub(r"\1․", _ENTITY.sub("＆", said))


def _started(match: re.Match[str]) -> str:
    blank, heading, bullet, number, dot = match.groups()
    if heading:
        return f"{blank}{'＃' * len(heading)}"
    if bullet:
        return f"{blank}{_START_LOOKALIKES[bullet]}"
    return f"{blank}{number}{_START_LOOKALIKES[dot]}"

"""What the compiler objects to in a condition, as a sentence that says what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

MESSAGE_MAX = 300  # characters of one message

_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '([^']*)'")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
# What people write who know other languages, and what stands for it here.
_HABITS = (
    (re.compile(r"(?<![=!<>])=(?!=)"), "`==` compares"),
    (re.compile(r"\band\b", re.IGNORECASE), "write `&&` for and"),
    (re.compile(r"\bor\b", re.IGNORECASE), "write `||` for or"),
    (re.compile(r"<>"), "write `!=` for is not"),
    (re.compile(r"[\u2018-\u201f]"), "quote with plain ' marks"),
)
_FOREIGN = {"True": "true", "False": "false"}


def said(message: str, text: str, names: Iterable[str]) -> str:
    """A compiler's message about the condition `text`, in which `names` may stand."""
    if found := _UNDECLARED.match(message):
        return _undeclared(found[1], tuple(names))
    if found := _OVERLOAD.match(message):
        return _mistyped(found[1], found[2])
    if message.startswith("Syntax error"):
        plain = _QUOTED.sub("''", text)
        hints = [hint for habit, hint in _HABITS if habit.search(plain)]
        message = "; ".join([message[: MESSAGE_MAX // 2], *hints])
    return message[:MESSAGE_MAX]


def _undeclared(name: str, names: tuple[str, ...]) -> str:
    shown = name[: MESSAGE_MAX // 2]
    if name in _FOREIGN:
        return f"undeclared reference to '{name}'; write `{_FOREIGN[name]}`"
    near = difflib.get_close_matches(name[:MESSAGE_MAX], sorted(names), n=1)
    hint = f"did you mean '{near[0]}'?" if near else "no fact here and no constant has this name"
    return f"undeclared reference to '{shown}'; {hint}"


def _mistyped(name: str, types: str) -> str:
    kinds = types.replace("google.protobuf.", "").lower().strip("()")
    operator = name.strip("_@") or name
    message = f"`{operator}` does not go with {kinds} (no matching overload)"
    if "duration" in kinds and re.search(r"\b(int|string)\b", kinds):
        message += "; write a duration with its unit, as 90 days"
    return message[:MESSAGE_MAX]

"""One condition, wrong in one small way: what a slip of the pen makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.mentions import Token, tokens

_OPERATORS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
}  # fmt: skip


@dataclass(frozen=True)
class Slip:
    """A changed text; `offset` is where it was changed, `what` says how."""

    text: str
    offset: int
    what: str


def slips(text: str) -> Iterator[Slip]:
    """The condition negated, each operator turned, each whole number one more and one less."""
    yield Slip(f"!({text}\n)", 0, "negated")
    for start, end, operator in _operators(tokens(text)):
        other = _OPERATORS[operator]
        yield Slip(_spliced(text, start, end, other), start, f"{operator} made {other}")
    for token in tokens(text):
        if token.kind == "number" and token.text.isdigit():
            for number in (int(token.text) - 1, int(token.text) + 1):
                changed = _spliced(text, token.start, token.end, f"({number})")
                yield Slip(changed, token.start, f"{token.text} made {number}")


def _operators(pieces: tuple[Token, ...]) -> Iterator[tuple[int, int, str]]:
    """(start, end, operator): marks are single characters, so two that touch are one operator."""
    at = 0
    while at < len(pieces):
        token = pieces[at]
        after = pieces[at + 1] if at + 1 < len(pieces) else None
        if after and after.start == token.end and token.text + after.text in _OPERATORS:
            yield token.start, after.end, token.text + after.text
            at += 2
            continue
        if token.kind == "mark" and token.text in _OPERATORS:
            yield token.start, token.end, token.text
        at += 1


def _spliced(text: str, start: int, end: int, other: str) -> str:
    return f"{text[:start]}{other}{text[end:]}"

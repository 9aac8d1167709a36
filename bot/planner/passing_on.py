"""Words that are passed on and not read: a comment, with its links and what is quoted in it."""

from __future__ import annotations

import re

from bot.planner.normalise import in_quoted, quotations
from bot.planner.source import Source

_MARKS = frozenset('"“”„«»')
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]")  # all of it is one quotation


def rest(source: Source, first: int, last: int) -> str:
    """What stands from a token up to another one, the last of the message."""
    start = _behind(source, first)
    if any(begin >= start for begin, _ in quotations(source.quoted)):
        return unquoted(source.passed_on(start, len(source.quoted)))
    return _linked(source, first, last, len(source.quoted))


def line(source: Source, first: int, last: int) -> str:
    """What stands from a token up to another one, in one line of a form."""
    breaks = (token.start for token in source.tokens[last:] if token.kind == "break")
    return _linked(source, first, last, in_quoted(source.quoted, next(breaks, len(source.text))))


def _linked(source: Source, first: int, last: int, stop: int) -> str:
    """The words with the links in them, and with those right before and behind, up to a place."""
    start, said = _behind(source, first), source.tokens[first:last]
    links = [link for link in source.links if start <= link.start and link.end <= stop]
    begin = in_quoted(source.quoted, said[0].start)
    end = in_quoted(source.quoted, said[-1].end - 1) + 1
    begin = min([begin - (source.quoted[begin - 1 : begin] in _MARKS), *(k.start for k in links)])
    end = max([end + (source.quoted[end : end + 1] in _MARKS), *(link.end for link in links)])
    return unquoted(source.passed_on(begin, end))


def _behind(source: Source, token: int) -> int:
    """The place behind the token before one."""
    return in_quoted(source.quoted, source.tokens[token - 1].end - 1) + 1 if token else 0


def alone(source: Source) -> str:
    """What was cut out behind a colon or a comma at the end, one quotation or links alone:
    "comment on PAY-12: “...”"."""
    before = source.text.rstrip(" .!?")
    if not before.endswith((":", ",")):
        return ""
    start = in_quoted(source.quoted, len(before) - 1) + 1
    cut = source.passed_on(start, len(source.quoted))
    is_links = bool(source.links) and not source.quoted[start:].strip(" .!?")
    return unquoted(cut) if is_links or _QUOTED.fullmatch(cut.strip(" .!?")) else ""


def unquoted(text: str) -> str:
    """A text without its final full stop, and without quotation marks around all of it."""
    text = text.strip()
    whole = _QUOTED.fullmatch(text.rstrip(".!?"))
    return whole[1] if whole else text.removesuffix(".")

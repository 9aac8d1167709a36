"""Whose words are these: every text that a value may come from, and where quoted words stand in it.

Words stand in a text when they are there letter by letter, whole words, in the form in which they
were heard: what cannot be seen, and what only looks alike, is not the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.planner.normalise import HIDDEN, hear, spaced
from bot.planner.planner import Asked, Said
from bot.planner.source import Source, listen
from bot.planner.tokens import Token, tokenize
from bot.planner.tools import Read
from bot.planner.vocabulary import NEGATORS
from policies.workflow import Workflow

WORDS_CHARACTERS_MAX = 2_000  # that are looked for at once
_EDGES = " \t\n.,;:!?\"'“”„‘’«»()[]*_`"
_NEAR = 2  # words before, among which a "not" turns them round

Kind = Literal["request", "answer", "thread", "record"]


@dataclass(frozen=True)
class Passage:
    """One text. `origin` is how people call it, empty for the requester's own words about this
    request; `is_requester` holds for all that the requester ever wrote here."""

    source: Source
    kind: Kind
    origin: str = ""
    is_requester: bool = True

    @cached_property
    def edges(self) -> frozenset[int]:
        """Where words of the text begin and end."""
        tokens = (*self.source.tokens, *self.source.quoted_tokens)
        if self.source.links:
            tokens += tokenize(self.source.whole)
        return frozenset(place for token in tokens for place in (token.start, token.end))


@dataclass(frozen=True)
class Quote:
    """Words that stand in a passage, as they stand there."""

    passage: Passage
    within: str  # the passage as it was searched: with or without quotations and links
    start: int
    end: int
    is_negated: bool = False

    @property
    def text(self) -> str:
        return self.within[self.start : self.end]

    @property
    def tokens(self) -> tuple[Token, ...]:
        source = self.passage.source
        if self.within == spaced(source.text):
            return source.tokens
        is_quoted = self.within == spaced(source.quoted)
        return source.quoted_tokens if is_quoted else tokenize(self.within)


def passages(workflow: Workflow, asked: Asked, reads: Iterable[Read] = ()) -> tuple[Passage, ...]:
    """All of them, whose words count most first: the request, answers, the requester's and then
    others' messages of the thread, records. Of what was said the latest comes first."""
    said = [(s, listen(workflow, s.text)) for s in reversed(asked.context.thread)]
    own = [
        Passage(source, "thread", "an earlier message", True)
        for s, source in said
        if s.is_requester
    ]
    others = [
        Passage(source, "thread", f"{_name(s)}'s message", False)
        for s, source in said
        if not s.is_requester
    ]
    before = asked.context.before
    earlier = [
        Passage(listen(workflow, slot.said), "record", slot.source, False)
        for slot in (before.slots if before else ())
        if slot.source
    ]
    records = [
        Passage(listen(workflow, text), "record", read.label, False)
        for read in reads
        for text in read.texts
    ]
    return (
        Passage(listen(workflow, asked.text), "request"),
        *(Passage(listen(workflow, a.text, a.slot), "answer") for a in reversed(asked.answers)),
        *own,
        *others,
        *earlier,
        *records,
    )


def quote(
    words: str,
    among: Iterable[Passage],
    *,
    is_quoted_enough: bool = False,
    is_passed_on: bool = False,
) -> Quote | None:
    """The first passage in which the words stand. `is_quoted_enough`: also inside quotations, which
    are somebody else's words in the requester's mouth. `is_passed_on`: with the links in them."""
    heard = hear(words)
    wanted = spaced(heard.whole if is_passed_on else heard.quoted).strip(_EDGES)
    if heard.is_reordered or not wanted or HIDDEN in wanted or len(wanted) > WORDS_CHARACTERS_MAX:
        return None
    pattern = re.compile(r"\s+".join(map(re.escape, wanted.split())), re.IGNORECASE)
    for passage in among:
        texts = [passage.source.text]
        if is_quoted_enough:
            texts.append(passage.source.quoted)
        if is_passed_on and passage.source.links:
            texts.append(passage.source.whole)
        for text in map(spaced, texts):
            for match in pattern.finditer(text):
                if _is_whole(passage, text, match.start()) and _is_whole(
                    passage, text, match.end()
                ):
                    is_negated = _is_negated(text[: match.start()])
                    return Quote(passage, text, match.start(), match.end(), is_negated)
    return None


def _is_whole(passage: Passage, text: str, place: int) -> bool:
    """Whether a word begins or ends here; in scripts without spaces, any letter may."""
    if place in {0, len(text)} or place in passage.edges or text[place - 1] in "#№@":
        return True
    around = text[place - 1], text[place]
    return any(unicodedata.category(c) == "Lo" for c in around)


def _is_negated(before: str) -> bool:
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", before.casefold())
    return any(word.replace("’", "'") in NEGATORS for word in words[-_NEAR:])


def _name(said: Said) -> str:
    return " ".join(hear(said.name).text.replace(HIDDEN, "").split())[:60] or "somebody"

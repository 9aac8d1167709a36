"""One thing that the person said, the request or an answer, as the slots read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.planner.grammar import Span, place, place_from
from bot.planner.normalise import Link, hear, shown, with_links
from bot.planner.phrases import Words
from bot.planner.tokens import Token, tokenize
from policies.workflow import TextSlot, Workflow


@dataclass(frozen=True)
class Source:
    """`slot` is the one that an answer was given to; empty for the request itself."""

    workflow: Workflow
    text: str
    quoted: str
    slot: str
    links: tuple[Link, ...] = ()  # cut out of `quoted`

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tokenize(self.text)

    @cached_property
    def words(self) -> Words:
        return Words(self.tokens)

    @cached_property
    def quoted_tokens(self) -> tuple[Token, ...]:
        """The tokens with longer quotations in: reasons may stand there."""
        return self.tokens if self.quoted == self.text else tokenize(self.quoted)

    @cached_property
    def placed(self) -> Mapping[str, Span]:
        if isinstance(self.workflow.slots.get(self.slot), TextSlot):
            return place_from(self.workflow, self.slot, self.tokens)
        return place(self.workflow, self.tokens)

    def said(self, start: int, end: int) -> str:
        """The person's own words from a token up to another."""
        return shown(self.text[self.tokens[start].start : self.tokens[end - 1].end])

    @cached_property
    def whole(self) -> str:
        """All that was said, links and quotations too: to be passed on or searched, not read."""
        return self.passed_on(0, len(self.quoted))

    def passed_on(self, start: int, end: int) -> str:
        """What stands in `quoted` from a place up to another, with the links between them."""
        return with_links(self.quoted, self.links, start, end)


def listen(workflow: Workflow, raw: str, slot: str = "") -> Source:
    """A source from raw text."""
    heard = hear(raw)
    return Source(workflow, heard.text, heard.quoted, slot, heard.links)


def for_slot(slot: str, sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """What speaks about a slot: its last own answer, else the request; then all that came later."""
    own = [i for i, source in enumerate(sources) if source.slot == slot]
    return sources[own[-1] if own else 0 :]

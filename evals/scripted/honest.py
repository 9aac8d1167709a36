"""A simulated reader that does what its prompt says, as well as its few words allow.

It is no measure of any model. It is there so that one prompt can be told from another without a
key: each ability rests on what the prompt says (ABILITIES), so a prompt that loses a sentence loses
cases, in a way that a test can predict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from bot.planner.model import Message, Wire
from evals.scripted import knowledge as k
from evals.scripted.dividing import Division
from evals.scripted.saying import asks, claim, says
from evals.scripted.seen import Seen

# Ability -> what the prompt must say for it, in whatever sentence.
ABILITIES = MappingProxyType(
    {
        "other words": r"\b(?:other words|paraphras|slang|however (?:people|they) (?:say|put))",
        "languages": r"\b(?:any|every|other) languages?\b",
        "number words": r"\b(?:number words|numbers? (?:written )?(?:out )?in words|“?forty)",
        "thread": r"\bthread\b",
        "look up": r"\b(?:look (?:it|them|records?) up|tools?|finders?)\b",
        "quote": r"\b(?:word for word|letter (?:by|for) letter|verbatim)\b",
        "ask": r"\bquestions?\b|\bask (?:back|for)\b",
        "refuse": r"\brefus",
    }
)
FINDS_MAX = 2  # searches of one request

SlotClaim = tuple[str, str, str, str]


@dataclass(frozen=True)
class Honest:
    """Reads, looks up, and claims what it found."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        """One answer; the same for the same request."""
        del timeout_seconds
        seen = Seen(request)
        if seen.specialists:
            return says(request, Division(seen).rightly())
        reading = Reading(seen)
        if wanted := reading.wants_to_find:
            return asks(request, [(reading.finder, {"words": wanted})])
        return says(request, reading.claim())


@dataclass(frozen=True)
class Reading:
    """What the simulated reader makes of one request."""

    seen: Seen

    @cached_property
    def abilities(self) -> frozenset[str]:
        return frozenset(
            a for a, said in ABILITIES.items() if re.search(said, self.seen.prompt, re.I)
        )

    @cached_property
    def workflow(self) -> str:
        """The first task that the words ask for, "" for none."""
        found = [(at, name) for name in self.seen.workflows for at in self._asked_at(name)]
        if not found and "refuse" not in self.abilities:
            return next(iter(self.seen.workflows), "")
        return min(found, default=(0, ""))[1]

    @property
    def finder(self) -> str:
        return next((name for name in self.seen.tools if "find" in name), "")

    @cached_property
    def wants_to_find(self) -> str:
        """Words to search a record by, "" where nothing is to be looked up (any more)."""
        may = "look up" in self.abilities and self.finder and self.seen.turn < FINDS_MAX
        if not may or not self.workflow or self.seen.records:
            return ""
        number = self._number()
        needs = not number or self._whole()
        return (number[0] if number else self._name()) if needs else ""

    def claim(self) -> dict[str, Any]:
        """A plan, the question for what is missing, or a refusal."""
        if not self.workflow:
            return claim("refusal", why="out of scope")
        slots = list(self._slots())
        known = {slot for slot, *_ in slots}
        declared = self._declared()
        missing = [n for n, s in declared.items() if n not in known and not s.get("is_optional")]
        if missing and "ask" in self.abilities:
            return claim("question", self.workflow, slots, asks=missing[0], why="unclear")
        return claim("plan", self.workflow, slots)

    def _asked_at(self, name: str) -> Iterator[int]:
        heard = self.seen.text.casefold()
        for word, phrases in k.TASKS.items():
            if word not in f"{name} {self.seen.workflows[name].get('title', '')}".casefold():
                continue
            known = phrases if "other words" in self.abilities else phrases[:1]
            known += k.FOREIGN_TASKS[word] if "languages" in self.abilities else ()
            yield from (heard.index(phrase) for phrase in known if phrase in heard)

    def _declared(self) -> Mapping[str, Mapping[str, Any]]:
        slots = self.seen.workflows[self.workflow].get("slots", {})
        return slots if isinstance(slots, dict) else {}

    def _slots(self) -> Iterator[SlotClaim]:
        for name, slot in self._declared().items():
            found: tuple[str, str, str] | None = None
            match slot.get("type"):
                case "record":
                    found = self._record()
                case "money":
                    found = self._money()
                case "choice":
                    found = self._choice(slot.get("one_of", ()))
            if found is not None:
                value, words, where = found
                words = words if "quote" in self.abilities else f"the {words}, about"
                yield name, value, words, where

    def _record(self) -> tuple[str, str, str] | None:
        if number := self._number():
            return number[0], number[0], number[1]
        numbers = {str(r.get("number", "")) for r in self.seen.records}
        return (numbers.pop(), self._name(), "request") if len(numbers) == 1 else None

    def _number(self) -> tuple[str, str] | None:
        """(the order's number, whose words it stands in)."""
        said = [("request", self.seen.text), *(("answer", t) for _, t in self.seen.answers)]
        if "thread" in self.abilities:
            said += [("thread", text) for _, text in reversed(self.seen.thread)]
        return next(
            ((found[1], where) for where, text in said if (found := k.ORDER.search(text))), None
        )

    def _name(self) -> str:
        """The first name in the request that is not its first word."""
        return next((m[0] for m in k.NAME.finditer(self.seen.text) if m.start()), "")

    def _own(self) -> Iterator[tuple[str, str]]:
        """The requester's own words, newest first."""
        yield from (("answer", text) for _, text in reversed(self.seen.answers))
        yield "request", self.seen.text
        if "thread" in self.abilities:
            yield from (("thread", text) for is_own, text in reversed(self.seen.thread) if is_own)

    def _whole(self) -> str:
        """The words for all of it, "" where a part is meant."""
        if k.IN_FIGURES.search(self.seen.text):
            return ""
        return next((words for words in k.WHOLE if words in self.seen.text.casefold()), "")

    def _money(self) -> tuple[str, str, str] | None:
        for where, text in self._own():
            if found := k.IN_FIGURES.search(text):
                mark = (found["before"] or found["after"]).casefold()
                figures = found["figures"] or found["figures2"]
                return amount(figures.replace(",", ""), k.CURRENCIES[mark]), found[0], where
            if (found := k.IN_WORDS.search(text)) and "number words" in self.abilities:
                count = sum(k.NUMBERS[word] for word in re.split("[ -]", found["count"].casefold()))
                unit = k.CURRENCIES[found["unit"].casefold()]
                return amount(str(count), unit), found[0], where
        left = next((r.get("refundable") for r in self.seen.records), None)
        if (words := self._whole()) and isinstance(left, dict):
            return minor_amount(left["minor"], left["currency"]), words, "request"
        return None

    def _choice(self, values: Iterable[str]) -> tuple[str, str, str] | None:
        for where, text in self._own():
            for value in values:
                known = k.REASONS.get(value, ()) if "other words" in self.abilities else ()
                for words in (value, value.replace("-", " "), *known):
                    if found := re.search(rf"\b{re.escape(words)}\w*", text, re.I):
                        return value, found[0], where
        return None


def amount(figures: str, currency: str) -> str:
    """ "40.00 USD" for "40" dollars."""
    whole, _, rest = figures.partition(".")
    places = k.DECIMALS.get(currency, 2)
    return f"{whole}.{rest.ljust(places, '0')} {currency}" if places else f"{whole} {currency}"


def minor_amount(minor: int, currency: str) -> str:
    """ "129.00 USD" for 12900 cents."""
    places = k.DECIMALS.get(currency, 2)
    digits = str(minor).rjust(places + 1, "0")
    return amount(f"{digits[:-places]}.{digits[-places:]}" if places else digits, currency)

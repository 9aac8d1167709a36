"""A request divided into parts: a coordinator's claim, checked word by word. Pure.

Every part's words stand in the request, no word stands in two parts, what stands in none is filler,
and what somebody else said stays a quotation. A request with a "not", an "if" or an "or" in it is
not divided at all: it could turn round a part that it does not stand in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, ValidationError

from bot.joint.names import PARTS_MAX, named
from bot.planner import vocabulary as v
from bot.planner.choices import places_of_choices
from bot.planner.intent import intent
from bot.planner.normalise import Heard, hear, quotations, shown, spaced
from bot.planner.phrases import Words
from bot.planner.schema import WRONG_CHARACTERS_MAX, ClaimMalformedError
from bot.planner.tokens import Token, tokenize
from bot.planner.turns import Faults
from policies.workflow import Workflow
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.run import Part
from store.model.values import Frozen, Json

# What joins parts and asks for both; all else has to belong to one of them.
FILLER = (
    v.POLITE
    | v.PRONOUNS
    | v.word_set(
        "and then also plus too additionally furthermore besides can could would will "
        "und dann auch danach ausserdem konnen konnten et puis ensuite aussi "
        "y luego tambien despues"
    )
)
# One of several is the requester's to choose.
_ALTERNATIVES = v.word_set("or either else instead otherwise oder entweder ou soit o")
_EDGES = " \t\n.,;:!?"
CLAIMED_MAX = 20  # parts of a claim that are read at all


class PartClaim(Frozen):
    """One part as a coordinator claims it."""

    specialist: Annotated[str, Field(max_length=64)]
    workflow: Annotated[str, Field(max_length=64)]
    words: Annotated[str, Field(max_length=TEXT_CHARACTERS_MAX)]


class DivisionClaim(Frozen):
    """What a coordinator says of a request; no parts: it takes one workflow, or none."""

    parts: Annotated[tuple[PartClaim, ...], Field(max_length=CLAIMED_MAX, strict=False)]


@dataclass(frozen=True)
class Overlap:
    """Two parts claim the same words of the request."""

    words: str
    workflows: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    """It is not several things."""


Division = tuple[Part, ...] | Overlap | Whole


def is_divisible(text: str, workflows: tuple[Workflow, ...]) -> bool:
    """Whether nothing in the request can turn one of its parts round."""
    words = Words(tokenize(hear(text).quoted))
    masked = {place for w in workflows for place in places_of_choices(w, words)}
    masked |= {place for c in v.POLITE_CONDITIONS for places in words.find(c) for place in places}
    turning = v.NEGATORS | v.CONDITIONS | _ALTERNATIVES
    if any(word in turning and i not in masked for i, word in enumerate(words.folds)):
        return False
    return not any(True for phrase in v.RETRACTIONS for _ in words.find(phrase))


def division_claim(value: Json) -> DivisionClaim:
    """A claim from JSON. Raises ClaimMalformedError."""
    try:
        return DivisionClaim.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise ClaimMalformedError(f"{where}: {first['msg']}"[:WRONG_CHARACTERS_MAX]) from None


def divided(
    claim: DivisionClaim,
    text: str,
    specialists: Mapping[str, tuple[Workflow, ...]],
    workflows: tuple[Workflow, ...],
) -> Division | Faults:
    """The parts, in the order of the request, with its own words. `specialists` have workflows of
    this channel alone; `workflows` are all that the channel has."""
    if len(claim.parts) < 2:
        return Whole()
    if len(claim.parts) > PARTS_MAX:
        return Faults((f"{len(claim.parts)} parts; {PARTS_MAX} at most",))
    heard = hear(text)
    request = heard.quoted
    tokens = tokenize(heard.quoted)
    faults: list[str] = []
    spans: list[tuple[int, int, PartClaim]] = []
    for part in claim.parts:
        if part.workflow not in {w.workflow for w in specialists.get(part.specialist, ())}:
            faults.append(f"the specialist {part.specialist!r} has no workflow {part.workflow!r}")
            continue
        places = _places(part.words, request, tokens)
        if not places:
            faults.append(f"the words {part.words[:200]!r} do not stand in the request, whole")
            continue
        taken = [(start, end) for start, end, _ in spans]
        free = [p for p in places if not any(_overlap(p, other) for other in taken)]
        if not free:
            claimed = [o.workflow for s, e, o in spans if _overlap(places[0], (s, e))]
            names = dict.fromkeys([*claimed, part.workflow])
            return Overlap(shown(request[slice(*places[0])]), tuple(names))
        spans.append((*free[0], part))
        faults += _torn(request, free[0])
        faults += _misread(request[slice(*free[0])], part, workflows)
    if not faults:
        faults += _left_over(request, tokens, [(start, end) for start, end, _ in spans])
    return Faults(tuple(faults)) if faults else _parts(heard, spans)


def _parts(heard: Heard, spans: list[tuple[int, int, PartClaim]]) -> tuple[Part, ...]:
    ordered = sorted(spans, key=lambda span: span[0])
    until = [*(start for start, _, _ in ordered[1:]), len(heard.quoted)]
    names = named(claim.workflow for _, _, claim in ordered)
    return tuple(
        Part(name=name, words=heard.clause(start, end, stop), specialist=claim.specialist)
        for name, (start, end, claim), stop in zip(names, ordered, until, strict=True)
    )


def _places(words: str, request: str, tokens: tuple[Token, ...]) -> list[tuple[int, int]]:
    """Where the words stand in the request, from the edge of a word to the edge of a word."""
    wanted = spaced(hear(words).quoted).strip(_EDGES)
    if not wanted:
        return []
    edges = {place for token in tokens for place in (token.start, token.end)}
    pattern = re.compile(r"\s+".join(map(re.escape, wanted.split())), re.IGNORECASE)
    found = [match.span() for match in pattern.finditer(spaced(request))]
    return [(start, end) for start, end in found if start in edges and end in edges]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _torn(request: str, span: tuple[int, int]) -> list[str]:
    """A quotation that is cut open would become the requester's own words."""
    torn = [
        request[start:end]
        for start, end in quotations(request)
        if any(start < edge < end for edge in span)
    ]
    return [f"take the quotation {quotation[:200]!r} whole" for quotation in torn]


def _misread(words: str, part: PartClaim, workflows: tuple[Workflow, ...]) -> list[str]:
    """Where the words' own verbs ask for something else, or for several things."""
    meant = [w.workflow for w in intent(tokenize(words), workflows).workflows]
    if not meant or meant == [part.workflow]:
        return []
    return [f"the words {words[:200]!r} ask for {' and '.join(meant)}, not for {part.workflow}"]


def _left_over(request: str, tokens: tuple[Token, ...], spans: list[tuple[int, int]]) -> list[str]:
    """The words that belong to no part and are no filler."""
    left = [
        request[token.start : token.end]
        for token in tokens
        if token.kind not in {"mark", "break"}
        and token.fold not in FILLER
        and not any(start <= token.start and token.end <= end for start, end in spans)
    ]
    return [f"these words belong to no part: {' '.join(left)[:200]!r}"] if left else []

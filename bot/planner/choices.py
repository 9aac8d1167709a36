"""Choice slots: which of a few values the person's words mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.planner.phrases import Words, phrase
from bot.planner.tokens import Token
from bot.planner.vocabulary import NEGATORS, fold
from policies.workflow import ChoiceSlot, Workflow

SAID_CHARACTERS_MAX = 200  # of the person's words that are kept with a value
LABELS_MAX = 10  # a longer list is asked for in words


@dataclass(frozen=True)
class Chosen:
    """One value, and the tokens that said so."""

    value: str
    places: tuple[int, ...]


def label(value: str) -> str:
    """A value for people: "wrong-item" is "wrong item", "US" stays."""
    return value.replace("-", " ").replace("_", " ")


def choices(slot: ChoiceSlot) -> tuple[tuple[str, str], ...]:
    """The values to offer, none when there are too many for buttons."""
    return tuple((v, label(v)) for v in slot.of) if len(slot.of) <= LABELS_MAX else ()


def chosen(
    slot: ChoiceSlot, tokens: tuple[Token, ...], words: Words | None = None
) -> tuple[Chosen, ...]:
    """Every value said, each once, in the order of its first words; a negated one is not said."""
    words = words or Words(tokens)
    found: dict[str, Chosen] = {}
    taken: set[int] = set()
    for spoken, value in _spoken(slot):
        for places in words.find(spoken):
            is_code = value.isupper() and len(spoken) == 1 and spoken[0] == fold(value)
            if taken & set(places) or (is_code and tokens[places[0]].text != value):
                continue
            taken |= set(places)
            if not _is_negated(words.folds, places[0]):
                found.setdefault(value, Chosen(value, places))
    return tuple(sorted(found.values(), key=lambda c: c.places[0]))


def places_of_choices(workflow: Workflow, words: Words) -> frozenset[int]:
    """Where words of any choice stand ("did not arrive"): their "not" forbids nothing."""
    return frozenset(
        place
        for slot in workflow.slots.values()
        if isinstance(slot, ChoiceSlot)
        for spoken, _ in _spoken(slot)
        for places in words.find(spoken)
        for place in places
    )


def _is_negated(folds: tuple[str, ...], first: int) -> bool:
    return any(word in NEGATORS for word in folds[max(0, first - 2) : first])


def _spoken(slot: ChoiceSlot) -> tuple[tuple[tuple[str, ...], str], ...]:
    return _all_spoken(tuple((value, tuple(spoken)) for value, spoken in slot.of.items()))


@lru_cache(maxsize=256)
def _all_spoken(
    of: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[tuple[tuple[str, ...], str], ...]:
    """(folded words, value), longest first, so that "not damaged" never hides in "damaged"."""
    pairs = {
        phrase(spoken): value for value, others in of for spoken in (value, label(value), *others)
    }
    return tuple(sorted(pairs.items(), key=lambda pair: len(pair[0]), reverse=True))

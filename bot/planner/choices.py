"""Choice slots: which of a few values the person's words mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.planner.left_out import OR, is_left_out
from bot.planner.phrases import Words, phrase, phrases_of
from bot.planner.tokens import Token
from bot.planner.vocabulary import LISTING, NEGATORS, fold, word_set
from policies.workflow import ChoiceSlot, Workflow

SAID_CHARACTERS_MAX = 200  # of the person's words that are kept with a value
LABELS_MAX = 10  # a longer list is asked for in words
_AWAY = word_set("away from off")  # "from payments" is where it comes from
_BETWEEN = word_set(
    "the a an to with for in as maybe perhaps even team zum zur der die das an fur a"
)
_JOINING = (LISTING | OR) - {","}


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
    for said in _said(slot, tokens, words):
        if not _is_negated(words.folds, said.places[0]):
            found.setdefault(said.value, said)
    return tuple(sorted(found.values(), key=lambda c: c.places[0]))


def negated(slot: ChoiceSlot, tokens: tuple[Token, ...]) -> tuple[Chosen, ...]:
    """Every value that was said not to be it ("away from payments")."""
    words = Words(tokens)
    every = _said(slot, tokens, words)
    return tuple(said for said in every if _is_negated(words.folds, said.places[0]))


def alternatives(slot: ChoiceSlot, tokens: tuple[Token, ...], said: Chosen) -> tuple[str, ...]:
    """The values that one was said together with ("payments or platform", "payments and web"), the
    value itself alone where what stands beyond an "or" is none of the slot's; empty for none."""
    skipped = _BETWEEN | {word for words in phrases_of(slot.words) for word in words}
    behind = _past(tokens, said.places[-1] + 1, skipped, 1)
    before = _past(tokens, said.places[0] - 1, skipped, -1)
    if behind + 1 < len(tokens) and tokens[behind].text == "," and tokens[behind + 1].fold in OR:
        behind += 1
    every = _said(slot, tokens, Words(tokens))
    found: list[str] = []
    if behind < len(tokens) and tokens[behind].fold in _JOINING:
        at = _past(tokens, behind + 1, skipped, 1)
        others = [c.value for c in every if c.places[0] == at]
        found += others or ([said.value] if tokens[behind].fold in OR else [])
    if before > 0 and tokens[before].fold in OR:
        at = _past(tokens, before - 1, skipped, -1)
        found += [c.value for c in every if c.places[-1] == at] or [said.value]
    is_same = bool(found) and set(found) == {said.value} and len(every) > 1
    return () if is_same else tuple(dict.fromkeys((said.value, *found))) if found else ()


def offered(slot: ChoiceSlot, tokens: tuple[Token, ...]) -> tuple[Chosen, ...]:
    """Every value that stands behind an "or", wherever its other side is ("close it or cancel")."""
    before = (
        (c, _past(tokens, c.places[0] - 1, _BETWEEN, -1))
        for c in _said(slot, tokens, Words(tokens))
    )
    return tuple(c for c, at in before if at > 0 and tokens[at].fold in OR)


def _past(tokens: tuple[Token, ...], at: int, skipped: frozenset[str], step: int) -> int:
    while 0 <= at < len(tokens) and tokens[at].fold in skipped - OR:
        at += step
    return at


def _said(slot: ChoiceSlot, tokens: tuple[Token, ...], words: Words) -> list[Chosen]:
    """Everywhere that a value's words stand, none inside of longer ones."""
    found: list[Chosen] = []
    taken: set[int] = set()
    for spoken, value in _spoken(slot):
        for places in words.find(spoken):
            is_code = value.isupper() and len(spoken) == 1 and spoken[0] == fold(value)
            if taken & set(places) or (is_code and tokens[places[0]].text != value):
                continue
            taken |= set(places)
            found.append(Chosen(value, places))
    return found


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
    is_near = any(word in NEGATORS for word in folds[max(0, first - 2) : first])
    return is_near or is_left_out(folds, first, _AWAY)


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

"""Which workflow a request asks for, if it asks: no question, no prohibition, no condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.planner import vocabulary as v
from bot.planner.choices import places_of_choices
from bot.planner.days import phrases
from bot.planner.grammar import place
from bot.planner.left_out import OR
from bot.planner.phrases import Words, phrases_of
from bot.planner.tokens import Token
from policies.workflow import DaySlot, MoneySlot, RecordSlot, Workflow

Tone = Literal["request", "question", "negated", "conditional", "retracted"]

_SENTENCE_ENDS = frozenset(".!?;\n")
_CLAUSE_ENDS = _SENTENCE_ENDS | frozenset(",:-—–()") | {"but", "please", "pls", "bitte", "however"}
_NEGATORS_AFTER = v.fold("not nicht kein keine pas don't never").split()
_BEFORE_VERB = (
    v.POLITE
    | v.PRONOUNS
    | v.word_set(
        "can could would will must may let's lets let want need to like go ahead do process issue "
        "make a an full partial complete immediate customer wants needs asks konnen kannst konnten "
        "mochte peux peut pouvez puedes podemos me"
    )
)
_FILLER = v.NEGATORS | v.POLITE | v.PRONOUNS | {"do", "wait", "actually", "yet", "though"}
# The order is taken back: a clause of these words alone, or one that begins with "but" and these.
_KEPT = frozenset(
    tuple(text.split())
    for text in (
        "leave it", "leave it be", "leave it alone", "leave it for now", "leave it as it is",
        "leave it as is", "leave them", "leave them alone", "let it be", "keep it",
        "keep it as it is", "keep it as is", "hold on", "hold off", "hold it", "wait with it",
        "lass es", "lass das",
    )
)  # fmt: skip
_KEPT_AFTER_ALL = tuple(
    ("but", *text.split())
    for text in (
        "leave it", "leave this", "leave that", "leave them", "leave him", "leave her",
        "leave everything", "let it be", "keep it as", "hold off", "hold on", "wait",
    )
)  # fmt: skip
_JOINING = frozenset({"and", "then", "und", "et", "else"}) | OR
VERBS_MAX = 20  # times that one message asks for something; more is no request of a person
DATA = frozenset({"integer", "decimal", "money", "reference", "code", "unclear", "hidden"})


@dataclass(frozen=True)
class Intent:
    """The workflows that the words fit, and how they are meant."""

    workflows: tuple[Workflow, ...]
    tone: Tone


def intent(tokens: tuple[Token, ...], workflows: tuple[Workflow, ...]) -> Intent:
    """Pure. No workflows: nothing here is asked for."""
    words = Words(tokens)
    has_data = any(t.kind in DATA for t in tokens)
    has_money = any(t.kind == "money" for t in tokens)
    hits = {w.workflow: hits_of(w, words) for w in workflows}
    is_said = {w.workflow: bool(hits[w.workflow]) and _is_said(w, tokens) for w in workflows}
    found: set[str] = set()
    imperative: set[str] = set()
    tone: Tone = "request"
    for workflow in workflows:
        all_places = hits[workflow.workflow]
        if len({places[0] for places in all_places}) > VERBS_MAX:
            return Intent((), "request")
        masked = places_of_choices(workflow, words) | _places_of_days(workflow, tokens)
        takes_money = any(isinstance(slot, MoneySlot) for slot in workflow.slots.values())
        is_own = takes_money and has_money  # "cancel it and refund $40": no other can do the $40
        ours = [
            p for p in all_places if is_own or not _is_part_of_another(p, workflow.workflow, hits)
        ]
        for places in ours:
            is_order = _is_imperative(words.folds, places[0])
            if (
                is_order
                or has_data
                or names_a_record(workflow, words)
                or is_said[workflow.workflow]
            ):
                found.add(workflow.workflow)
                imperative |= {workflow.workflow} if is_order else set()
                tone = tone if tone != "request" else _tone(words.folds, places, masked)
    kept = [w for w in workflows if w.workflow in found]
    if imperative and len(imperative) < len(kept):
        kept = [w for w in kept if w.workflow in imperative]
    return Intent(tuple(kept), tone)


def spoken_of(tokens: tuple[Token, ...], workflows: tuple[Workflow, ...]) -> tuple[Workflow, ...]:
    """The workflows whose words stand there in whatever form ("the refund"): an answer to the
    question which one is meant. None where something is negated. Pure."""
    words = Words(tokens)
    if any(word in v.NEGATORS for word in words.folds):
        return ()
    return tuple(workflow for workflow in workflows if hits_of(workflow, words))


def verbs_of(workflow: Workflow) -> tuple[tuple[str, ...], ...]:
    """The phrases that ask for it: those declared, else what its sentences begin with."""
    starts = [u.split("{")[0].split("[")[0].strip() for u in workflow.understands]
    return phrases_of(workflow.verbs or [start for start in starts if start])


def hits_of(workflow: Workflow, words: Words) -> list[tuple[int, ...]]:
    """Where the phrases stand that ask for a workflow."""
    found: list[tuple[int, ...]] = []
    for verb in verbs_of(workflow):
        found += words.find(verb)
        if len(verb) == 1:
            found += [(place,) for place in words.like(verb[0])]
    return found


def _places_of_days(workflow: Workflow, tokens: tuple[Token, ...]) -> frozenset[int]:
    """Where words for days stand ("until Friday"), which are no conditions."""
    if not any(isinstance(slot, DaySlot) for slot in workflow.slots.values()):
        return frozenset()
    said = phrases(tokens)
    return frozenset(place for each in said for place in range(each.start, each.end))


def _is_said(workflow: Workflow, tokens: tuple[Token, ...]) -> bool:
    """Whether a sentence of the workflow's stands there with every name that it needs."""
    named = {n for n, s in workflow.slots.items() if isinstance(s, RecordSlot) and s.is_named}
    return bool(named) and named <= place(workflow, tokens).keys()


def _is_part_of_another(
    places: tuple[int, ...], own: str, hits: dict[str, list[tuple[int, ...]]]
) -> bool:
    mine = set(places)
    return any(mine < set(p) for name, other in hits.items() if name != own for p in other)


def names_a_record(workflow: Workflow, words: Words) -> bool:
    """Whether a word for the workflow's records stands there."""
    nouns = [
        noun
        for slot in workflow.slots.values()
        if isinstance(slot, RecordSlot)
        for noun in (slot.noun, *slot.words)
    ]
    return any(True for noun in phrases_of(nouns) for _ in words.find(noun))


def _is_imperative(folds: tuple[str, ...], verb: int) -> bool:
    before = _before(folds, verb, _CLAUSE_ENDS | _JOINING)
    return all(word in _BEFORE_VERB for word in before)


def _before(folds: tuple[str, ...], place: int, ends: Iterable[str]) -> tuple[str, ...]:
    """The words of the same clause (or sentence) before a place."""
    start = place
    while start > 0 and folds[start - 1] not in ends:
        start -= 1
    return folds[start:place]


def _after(folds: tuple[str, ...], place: int, ends: Iterable[str]) -> tuple[str, ...]:
    end = place + 1
    while end < len(folds) and folds[end] not in ends:
        end += 1
    return folds[place + 1 : end]


def _tone(folds: tuple[str, ...], places: tuple[int, ...], masked: frozenset[int]) -> Tone:
    folds = tuple("" if i in masked else word for i, word in enumerate(folds))
    verb = places[0]
    if _is_retracted(folds, verb):
        return "retracted"
    sentence = _before(folds, verb, _SENTENCE_ENDS)
    clause = _before(folds, verb, _CLAUSE_ENDS)
    asking = (clause,) if _is_imperative(folds, verb) else (sentence, clause)
    if any(_is_question(words, folds[verb]) for words in asking):
        return "question"
    if _is_negated(folds, verb, clause):
        return "negated"
    if _is_conditional(sentence, _after(folds, verb, _SENTENCE_ENDS)):
        return "conditional"
    return "request"


def _is_retracted(folds: tuple[str, ...], verb: int) -> bool:
    rest = _words(folds)
    if any(True for retraction in v.RETRACTIONS for _ in rest.find(retraction)):
        return True
    if any(True for kept in _KEPT_AFTER_ALL for _ in rest.find(kept)):
        return True
    clause: list[str] = []
    for word in (*folds[verb + 1 :], "."):
        if word not in _CLAUSE_ENDS:
            clause.append(word)
            continue
        is_no = all(w in _FILLER for w in clause) and any(w in v.NEGATORS for w in clause)
        if is_no or tuple(w for w in clause if w not in v.POLITE | {"actually", "no"}) in _KEPT:
            return True
        clause = []
    return False


def _words(folds: tuple[str, ...]) -> Words:
    return Words(tuple(Token("word", word, 0, 0) for word in folds))


def _is_question(before: tuple[str, ...], verb: str) -> bool:
    words = [w for w in before if w not in v.POLITE and w not in {",", ":", "-", ""}]
    if any(w in {"explain", "wonder", "wondering", "whether", "understand"} for w in words):
        return True
    if not words:
        return False
    if {"possible", "able", "about"} & set(words[:3]):
        return False  # "is it possible to", "are you able to", "how about we": asked for politely
    if words[0] in {"do", "have", "dont", "don't"}:
        return len(words) > 1 and words[1] in v.PRONOUNS
    return words[0] in v.QUESTIONS


def _is_negated(folds: tuple[str, ...], verb: int, clause: tuple[str, ...]) -> bool:
    start = verb - len(clause)
    for index in range(start, verb):
        is_number_sign = folds[index] == "no" and folds[index + 1][:1] in tuple("#.0123456789")
        if folds[index] in v.NEGATORS and not is_number_sign:
            return True
    after = _after(folds, verb, _CLAUSE_ENDS)
    return any(word in _NEGATORS_AFTER for word in after[:3]) or after[-1:] == ("nicht",)


def _is_conditional(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    words = [w for w in before if w not in v.POLITE and w not in {",", ""}]
    if words and words[0] in v.CONDITIONS_AT_START:
        return True
    sentence = _words((*before, "verb", *after))
    polite = {p[0] for c in v.POLITE_CONDITIONS for p in sentence.find(c)}
    return any(w in v.CONDITIONS and i not in polite for i, w in enumerate(sentence.folds))

"""What words besides a number say which record is meant: descriptions, names, and what is left out
("but not checkout-worker")."""

from __future__ import annotations

from bot.planner import vocabulary as v
from bot.planner.choices import places_of_choices
from bot.planner.grammar import is_number_of, nouns_of
from bot.planner.intent import verbs_of
from bot.planner.left_out import is_left_out
from bot.planner.normalise import shown
from bot.planner.phrases import TYPO_LETTERS_MIN, is_slip, phrases_of
from bot.planner.planner import Find
from bot.planner.source import Source
from connectors.operation import Record
from policies.workflow import RecordSlot, TextSlot, Workflow

NAMES_MAX = 3  # names of one message that are looked up
NAME_WORDS_MAX = 6
SHOWN_CHARACTERS_MAX = 80  # of the words that a question repeats
ENDS = frozenset({",", ";", ".", "!", "?", ":", "\n", "(", ")"})  # of a clause
_LEAVING = v.word_set("leave leaving skip skipping spare lass deja")  # "leave PAY-13 alone"
_OPENING = frozenset("([<,:=")
_SIGNS = v.word_set("# № nr nr. number")


def descriptions(name: str, slot: RecordSlot, source: Source) -> tuple[str, ...]:
    """Word groups that may describe the record, the fullest first; at most NAMES_MAX."""
    whole, is_own = "", source.slot == name
    if slot.is_named:
        if span := source.placed.get(name):
            return (source.said(span.start, span.end),)
        if not is_own:
            return ()
        whole = " ".join(shown(source.text).split()).rstrip(".!?,")
    parts = groups(slot, source, is_own=is_own)
    joined = " ".join(parts)
    return tuple(dict.fromkeys(g for g in (whole, joined, *parts) if g))[:NAMES_MAX]


def groups(slot: RecordSlot, source: Source, *, is_own: bool) -> list[str]:
    """Runs of words near the task that are neither small words, verbs nor reasons."""
    return [words for words, is_out in _runs(slot, source, is_own=is_own) if not is_out][:NAMES_MAX]


def _runs(slot: RecordSlot, source: Source, *, is_own: bool) -> list[tuple[str, bool]]:
    """Each run of such words, and whether it is left out."""
    skipped = _skipped(slot, source.workflow)
    masked = places_of_choices(source.workflow, source.words)
    verbs = [verb[0] for verb in verbs_of(source.workflow) if len(verb[0]) >= TYPO_LETTERS_MIN]
    texts = [n for n, s in source.workflow.slots.items() if isinstance(s, TextSlot)]
    end = min(
        (source.placed[n].start for n in texts if n in source.placed), default=len(source.tokens)
    )
    runs: list[tuple[list[str], bool]] = [([], False)]
    for index, token in enumerate(source.tokens):
        is_part = token.kind == "word" and token.fold not in skipped and index not in masked
        is_part = is_part and index < end and not any(is_slip(word, token.fold) for word in verbs)
        if is_part and (is_own or _is_near_the_task(source, index, slot)):
            words, is_out = runs[-1]
            is_turned = not is_out and is_left_out_here(source, index)
            if is_turned:
                runs.append(([token.text], True))
            else:
                words.append(token.text)
        elif runs[-1][0] and token.fold not in {"&", "'"}:
            runs.append(([], False))
    return [(shown(" ".join(words[:NAME_WORDS_MAX])), is_out) for words, is_out in runs if words]


def called(slot: RecordSlot, source: Source) -> list[str]:
    """Single words that look like a number of the slot's, wherever they stand, and the parts of
    "checkout/checkout-worker"."""
    if not slot.form:
        return []
    words = [
        token
        for index, token in enumerate(source.tokens)
        if not is_left_out_here(source, index)
        and (is_number_of(source.workflow, slot, token) or "/" in token.text.strip("/"))
    ]
    return [part for token in words for part in token.text.split("/") if part][:NAMES_MAX]


def is_left_out_here(source: Source, index: int) -> bool:
    """Whether what begins at a place is left out: "but not checkout-worker", "leave PAY-13"."""
    return is_left_out(source.words.folds, index, _LEAVING, nouns_of(source.workflow) | _SIGNS)


def leaves_out(name: str, slot: RecordSlot, source: Source, find: Find) -> bool:
    """Whether one of the slot's records is left out: by its number, or by words that find one."""
    if source.slot not in {"", name}:
        return False
    others = [span for other, span in source.placed.items() if other != name]
    for index, token in enumerate(source.tokens):
        is_number = token.kind in {"integer", "reference", "code"}
        if not is_number or any(span.start <= index < span.end for span in others):
            continue
        if is_number_of(source.workflow, slot, token) and is_left_out_here(source, index):
            return True
    if not slot.is_described or slot.is_named:
        return False
    runs = _runs(slot, source, is_own=source.slot == name)
    return any(is_out and find(slot.finder, words) for words, is_out in runs[:NAMES_MAX])


def exactly(words: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The records that are called so, and not only like it."""
    said = v.fold(words)
    return tuple(
        r for r in records if said in {v.fold(r.id), v.fold(str(r.fields.get("number", "")))}
    )


Named = tuple[str, tuple[Record, ...]]  # words, and the records that they find


def others_named(
    name: str, slot: RecordSlot, sources: tuple[Source, ...], record: Record, find: Find
) -> Named | None:
    """The words beside a record that say another one, with what they find: its name beside another
    one's number or address, or two of them by their numbers ("checkout and checkout-worker")."""
    for source in sources:
        if source.slot not in {"", name}:
            continue
        if slot.is_named:
            other = _other_name(name, slot, source, record, find)
        else:
            other = _other_number(name, slot, source, record, find)
        if other:
            return other
    return None


def _other_name(
    name: str, slot: RecordSlot, source: Source, record: Record, find: Find
) -> Named | None:
    for words in _in_brackets(name, source):
        found = find(slot.finder, words)
        if found and all(other.id != record.id for other in found):
            return words[:SHOWN_CHARACTERS_MAX], found
    found = ()
    beside = _beside_number(name, slot, source) if slot.form else ()
    for words in beside:
        found = find(slot.finder, words)
        if any(other.id == record.id for other in found):
            return None
    return (beside[-1][:SHOWN_CHARACTERS_MAX], found) if beside else None


def _other_number(
    name: str, slot: RecordSlot, source: Source, record: Record, find: Find
) -> Named | None:
    is_told_apart = slot.form and slot.is_described  # "checkout" from "checkout-worker"
    for words in groups(slot, source, is_own=source.slot == name) if is_told_apart else ():
        found = exactly(words, find(slot.finder, words))
        if found and all(other.id != record.id for other in found):
            return words[:SHOWN_CHARACTERS_MAX], found
    return None


def _beside_number(name: str, slot: RecordSlot, source: Source) -> tuple[str, ...]:
    """The name beside a record's number, whole and without its small words: the words of its place,
    else those right before the number or in brackets behind it. None where there is no number."""
    tokens, span = source.tokens, source.placed.get(name)
    skipped = _skipped(slot, source.workflow)
    numbers = [
        i for i, t in enumerate(tokens)
        if t.kind in {"integer", "reference", "code"} and is_number_of(source.workflow, slot, t)
    ]  # fmt: skip
    others = [other for slot_name, other in source.placed.items() if slot_name != name]
    taken = {at for other in others for at in range(other.start, other.end)}
    if not numbers:
        return ()
    if span:
        near = list(range(span.start, span.end))
    elif source.slot == name:
        near = list(range(len(tokens)))
    else:
        near = [at for number in numbers for at in _around(source, number, skipped)]
    words = [tokens[i] for i in near if i not in numbers and i not in taken]
    said = [t for t in words if t.kind not in {"mark", "break"}]
    name_alone = " ".join(t.text for t in said if t.fold not in skipped)
    whole = " ".join(t.text for t in said)
    return tuple(dict.fromkeys((whole, name_alone))) if name_alone else ()


def _in_brackets(name: str, source: Source) -> list[str]:
    """What stands in brackets right behind a name, and each number or address alone in brackets."""
    tokens, span = source.tokens, source.placed.get(name)
    found: list[str] = []
    for at, token in enumerate(tokens[:-1]):
        if token.text != "(":
            continue
        end = next((i for i in range(at + 1, len(tokens)) if tokens[i].text == ")"), len(tokens))
        inside = tokens[at + 1 : end]
        is_name = len(inside) == 1 and (inside[0].kind == "code" or "@" in inside[0].text)
        if inside and (is_name or (span is not None and span.end == at)):
            found.append(source.said(at + 1, end))
    return found[:NAMES_MAX]


def _around(source: Source, number: int, skipped: frozenset[str]) -> list[int]:
    """The places of the words right before a number, a bracket or a comma between, and of those in
    brackets right behind it."""
    tokens = source.tokens
    start = number - 1 if number and tokens[number - 1].text in _OPENING else number
    first = start
    while first and tokens[first - 1].kind == "word" and tokens[first - 1].fold not in skipped:
        first -= 1
    end = number + 1
    if end < len(tokens) and tokens[end].text == "(":
        while end < len(tokens) and tokens[end].text != ")":
            end += 1
    return [*range(first, start), *range(number + 1, end)]


def _skipped(slot: RecordSlot, workflow: Workflow) -> frozenset[str]:
    verbs = {word for verb in verbs_of(workflow) for word in verb}
    slots = [s for s in workflow.slots.values() if isinstance(s, RecordSlot) and s.form] + [slot]
    called = [called for s in slots for called in (s.noun, *s.words)]
    nouns = {word for noun in phrases_of(called) for word in noun}
    return v.COMMON | verbs | nouns | {f"{noun}s" for noun in nouns}


def _is_near_the_task(source: Source, index: int, slot: RecordSlot) -> bool:
    """Whether the clause of a word holds the verb, the noun or a number."""
    start, end = index, index
    while start > 0 and source.tokens[start - 1].text not in ENDS:
        start -= 1
    while end < len(source.tokens) and source.tokens[end].text not in ENDS:
        end += 1
    clause = source.tokens[start:end]
    marks = {w for verb in verbs_of(source.workflow) for w in verb if len(w) > 3} | {slot.noun}
    marks |= {w for noun in phrases_of(slot.words) for w in noun}
    long = [mark for mark in marks if len(mark) >= TYPO_LETTERS_MIN]
    return any(
        t.fold in marks or t.kind in {"reference", "money"} or any(is_slip(m, t.fold) for m in long)
        for t in clause
    )


def stranger(
    slot_name: str, slot: RecordSlot, sources: tuple[Source, ...], record: Record, find: Find
) -> str:
    """A name beside the number that belongs to other records and not to this one, or ""."""
    names = [
        group
        for source in sources
        if slot.is_described and not slot.is_named and source.slot in {"", slot_name}
        for group in groups(slot, source, is_own=source.slot != "")
    ]
    for name in names[:NAMES_MAX]:
        wanted = _words(name)
        if wanted <= _words(" ".join(_texts(record))) | _words(record.label):
            continue
        others = find(slot.finder, name)
        if any(
            wanted <= _words(text) for other in others for text in (*_texts(other), other.label)
        ):
            return name[:80]
    return ""


def _texts(record: Record) -> list[str]:
    return [value for value in record.fields.values() if isinstance(value, str)]


def _words(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in v.fold(text)).split())

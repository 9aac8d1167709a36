"""Money slots: the amount that the person wrote, in the record's currency, or what to ask. No guesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.planner import vocabulary as v
from bot.planner.binding import Filled
from bot.planner.currencies import DOLLARS
from bot.planner.money import Reading, read, spell
from bot.planner.phrases import Words
from bot.planner.source import Source, for_slot
from bot.planner.tokens import Token
from policies.workflow import MoneySlot
from store.model.plan import Slot
from store.model.run import Question
from store.model.values import CURRENCY_EXPONENTS, Money, format_money

CHOICES_MAX = 5
SAID_CHARACTERS_MAX = 200
FULL = "full"
NO_NUMBERS = frozenset({"nan", "inf", "infinity"})
_RANGE = frozenset("-–—/") | {"or", "oder", "to", "bis", "and"}


@dataclass(frozen=True)
class Invalid:
    """An amount that cannot be one, said so that the person can write a better one."""

    text: str


@dataclass(frozen=True)
class Limit:
    """What can be had at most, and of which record: "order 1043"."""

    money: Money
    noun: str
    says: str

    @property
    def text(self) -> str:
        """ "Order 1043 has $129.00 left to refund" """
        return _cap(f"{self.noun} {self.says.replace('{max}', str(self.money))}")


@dataclass(frozen=True)
class Evidence:
    """What the sources say about the amount."""

    tokens: tuple[Token, ...]
    full: str
    is_unclear: bool
    is_hedged: bool
    is_no_number: bool = False

    @property
    def is_sure(self) -> bool:
        return bool(self.tokens or self.full)


def fill(
    name: str, slot: MoneySlot, sources: tuple[Source, ...], limit: Limit, taken: str
) -> Filled | Question | Invalid | None:
    """The amount, or what is in its way; None when nothing was said. `taken`: the record's number."""
    if limit.money.minor <= 0:
        return Invalid(f"{limit.text}, so there is nothing to do.")
    told = for_slot(name, sources)
    if told[0].slot == name and _is_yes(told[0]):
        return _confirmed(name, slot, sources, limit, taken)
    found = evidence(name, told, taken)
    result = _judge(name, slot, found, limit)
    if isinstance(result, Invalid) and told[0].slot == name:
        return Question(slot=name, text=f"{result.text} {slot.ask}")
    return result


def wrong(name: str, sources: tuple[Source, ...]) -> Invalid | None:
    """What is wrong with an amount in whatever currency: said before a record is known."""
    told = for_slot(name, sources)
    if told[0].slot == name:
        return None
    found = evidence(name, told, "")
    if found.is_no_number and not found.is_sure:
        return Invalid("That amount is not a number.")
    for token in found.tokens:
        currency = next(iter(sorted(token.currencies or ())), "USD")
        if problem := _impossible(token, read(token.digits, currency)):
            return problem
    return None


def evidence(name: str, sources: tuple[Source, ...], taken: str) -> Evidence:
    """Everything that the sources say about one amount."""
    found = [_evidence(name, source, taken) for source in sources]
    return Evidence(
        tokens=tuple(token for e in found for token in e.tokens),
        full=next((e.full for e in found if e.full), ""),
        is_unclear=any(e.is_unclear for e in found),
        is_hedged=any(e.is_hedged for e in found),
        is_no_number=any(e.is_no_number for e in found),
    )


def _evidence(name: str, source: Source, taken: str) -> Evidence:
    is_own, is_request = source.slot == name, not source.slot
    tokens = source.tokens
    if not is_own and not is_request and _is_about_text(source):
        return Evidence((), "", is_unclear=False, is_hedged=False)
    amounts = [i for i, t in enumerate(tokens) if _is_amount(name, source, i, taken)]
    full_at, full = _full(source, is_own=is_own)
    near = [*amounts, *full_at]
    is_part = any(_is_between(tokens, place, v.PARTS, 3, 2) for place in near)
    is_spaced = any(" " in tokens[i].digits and not _is_spaced_amount(source, i, is_own) for i in amounts)
    unread = any(t.kind == "unclear" for t in tokens) or any(
        t.kind == "hidden" and any(c.isdigit() for c in t.text) for t in tokens
    )
    partial = bool(full_at) and any(w in v.PARTIAL for w in source.words.folds)
    return Evidence(
        tokens=tuple(_signed(tokens, i) for i in amounts),
        full=full,
        is_unclear=is_part or is_spaced or unread or partial or _is_range(tokens, amounts, taken),
        is_hedged=any(
            _is_between(tokens, i, v.HEDGES | {"than"}, 2, 0) or tokens[i].is_hedged for i in amounts
        ),
        is_no_number=any(t.fold.strip("$€£¥+-") in NO_NUMBERS for t in tokens),
    )


def _is_amount(name: str, source: Source, index: int, taken: str) -> bool:
    token, is_own = source.tokens[index], source.slot == name
    if token.kind == "money":
        return True
    if token.kind == "decimal":
        return True
    if token.kind != "integer" or (token.digits == taken and not is_own):
        return False
    if is_own:
        return not _is_cued_as_record(source, index)
    span = source.placed.get(name)
    if span is not None and span.start == index and not source.slot:
        return True
    return token.is_negative or _is_cued(source.tokens, index)


def _is_cued(tokens: tuple[Token, ...], index: int) -> bool:
    before = [t.fold for t in tokens[max(0, index - 3) : index] if t.text not in {":", "="}]
    before = before[:-1] if before and before[-1] in {"is", "of", "von"} else before
    return bool(before) and before[-1] in v.AMOUNT_CUES


def _is_cued_as_record(source: Source, index: int) -> bool:
    before = source.tokens[index - 1].fold if index else ""
    nouns = {"order", "orders", "#"}
    return before in nouns | v.NUMBER_CUES


def _signed(tokens: tuple[Token, ...], index: int) -> Token:
    before = tokens[index - 1].fold if index else ""
    if before in {"minus", "negative"}:
        return replace(tokens[index], is_negative=True)
    return tokens[index]


def _is_spaced_amount(source: Source, index: int, is_own: bool) -> bool:
    """Whether "1 234" is surely one number: money, and not behind a word for a record."""
    token = source.tokens[index]
    is_marked = token.currencies is not None and not _is_cued_as_record(source, index)
    return is_own or is_marked


def _is_between(tokens: tuple[Token, ...], place: int, words: frozenset[str] | set[str], before: int, after: int) -> bool:
    around = (*tokens[max(0, place - before) : place], *tokens[place + 1 : place + 1 + after])
    ends = {".", "!", "?", "\n", ","}
    folds: list[str] = []
    for token in around:
        if token.fold in ends and token.end <= tokens[place].start:
            folds = []
        elif token.fold in ends:
            break
        else:
            folds.append(token.fold)
    return any(word in words for word in folds)


def _is_range(tokens: tuple[Token, ...], amounts: list[int], taken: str) -> bool:
    for place in amounts:
        for step in (-1, 1):
            other, middle = place + 2 * step, place + step
            if not 0 <= other < len(tokens) or tokens[middle].fold not in _RANGE:
                continue
            is_number = tokens[other].kind == "integer" and tokens[other].digits != taken
            if is_number and not (tokens[middle].fold in {"to", "and"} and step == 1):
                return True
    return False


def _full(source: Source, *, is_own: bool) -> tuple[tuple[int, ...], str]:
    """Where the whole is asked for, and in which words."""
    tokens = source.tokens
    words = source.words
    for phrase in (*v.FULL_SURE, *(v.FULL_ANSWERS if is_own else ())):
        for places in words.find(phrase):
            if not _is_between(tokens, places[0], v.NEGATORS, 3, 0):
                return places, source.said(places[0], places[-1] + 1)
    return (), ""


def _is_about_text(source: Source) -> bool:
    slot = source.workflow.slots.get(source.slot)
    return slot is not None and slot.type == "text"


def _is_yes(source: Source) -> bool:
    return tuple(f for f in source.words.folds if f not in {".", "!", ","}) in v.YES


def _confirmed(
    name: str, slot: MoneySlot, sources: tuple[Source, ...], limit: Limit, taken: str
) -> Filled | Question | Invalid | None:
    """A "yes" to a question that offered a single amount takes that one."""
    last = max(i for i, source in enumerate(sources) if source.slot == name)
    before = (*sources[:last], *sources[last + 1 :])
    asked = fill(name, slot, before, limit, taken)
    if isinstance(asked, Question) and len(asked.choices) == 1:
        told = Words(()), asked.choices[0][0]
        source = Source(sources[0].workflow, told[1], told[1], name)
        return fill(name, slot, (sources[0], source), limit, taken)
    return asked


def _judge(
    name: str, slot: MoneySlot, found: Evidence, limit: Limit
) -> Filled | Question | Invalid | None:
    currency = limit.money.currency
    have = f"{limit.text}."
    options: dict[int, str] = {limit.money.minor: found.full} if found.full else {}
    questions: list[str] = []
    for token in found.tokens:
        reading = read(token.digits, currency)
        if problem := _impossible(token, reading):
            return problem
        if doubt := _doubt(token, reading, limit):
            questions.append(doubt)
        if token.currencies is None or currency in token.currencies:
            options |= {minor: token.text for minor in reading.minors}
    fitting = [minor for minor in options if minor <= limit.money.minor]
    if found.is_unclear:
        return _ask(name, slot, f"I cannot tell one exact amount. {have}", [], limit)
    if questions:
        return _ask(name, slot, f"{questions[0]} {have}", fitting, limit)
    if not options:
        return None
    if len(options) > 1:
        return _ask(name, slot, f"Which amount? {have}", fitting, limit)
    minor, said = next(iter(options.items()))
    if minor > limit.money.minor:
        more = f"{format_money(minor, currency)} is more than that."
        return _ask(name, slot, f"{have} {more}", [limit.money.minor], limit)
    if found.is_hedged:
        return _ask(name, slot, f"Exactly {format_money(minor, currency)}? {have}", [minor], limit)
    value = {"minor": minor, "currency": currency}
    return Filled(Slot(name=name, value=value, said=said[:SAID_CHARACTERS_MAX]))


def _impossible(token: Token, reading: Reading) -> Invalid | None:
    if token.is_negative:
        return Invalid("An amount cannot be negative.")
    if reading.problem == "zero":
        return Invalid("An amount must be more than zero.")
    if reading.problem == "too large":
        return Invalid("That amount is larger than any that can be handled.")
    return None


def _doubt(token: Token, reading: Reading, limit: Limit) -> str:
    """Why an amount cannot be taken as it stands; empty when it can."""
    currency = limit.money.currency
    if token.currencies is not None and currency not in token.currencies:
        return f"{_cap(limit.noun)} is in {currency}, and I do not convert."
    if token.currencies is not None and len(token.currencies) > 1 and not _is_usual(token, currency):
        return f"{_cap(limit.noun)} is in {currency}. Is that what you mean?"
    if reading.problem == "malformed":
        return f"I cannot read “{token.text[:40]}” as one number."
    if reading.problem == "too precise":
        exponent = CURRENCY_EXPONENTS[currency]
        return f"{currency} has {exponent or 'no'} decimals."
    if len(reading.minors) > 1:
        return f"“{token.text[:40]}” can be read in two ways."
    return ""


def _is_usual(token: Token, currency: str) -> bool:
    """A bare dollar sign is the US dollar where the record is in it; elsewhere it is asked about."""
    return currency == "USD" and token.currencies == DOLLARS


def _ask(
    name: str, slot: MoneySlot, why: str, minors: list[int], limit: Limit
) -> Question:
    currency = limit.money.currency
    return Question(
        slot=name, text=f"{why} {slot.ask}", choices=tuple(_options(minors[:CHOICES_MAX], currency))
    )


def _options(minors: list[int], currency: str) -> Iterator[tuple[str, str]]:
    for minor in minors:
        yield spell(minor, currency), format_money(minor, currency)


def question(name: str, slot: MoneySlot, limit: Limit) -> Question:
    """What to ask when nothing was said about the amount."""
    text = f"{limit.text}. {slot.ask}"
    return Question(slot=name, text=text, choices=((FULL, f"All of it: {limit.money}"),))


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]

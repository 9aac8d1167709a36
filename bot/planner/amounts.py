"""Money slots: the amount that was written, in the record's currency, or what to ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.planner import vocabulary as v
from bot.planner.binding import Filled
from bot.planner.currencies import DOLLARS
from bot.planner.evidence import Evidence, evidence
from bot.planner.money import Reading, read, spell
from bot.planner.source import Source, for_slot
from bot.planner.tokens import Token
from policies.workflow import MoneySlot
from store.model.plan import Slot
from store.model.run import Question
from store.model.values import CURRENCY_EXPONENTS, Money, format_money

CHOICES_MAX = 5
SAID_CHARACTERS_MAX = 200
FULL = "full"


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


def fill(
    name: str, slot: MoneySlot, sources: tuple[Source, ...], limit: Limit, taken: str
) -> Filled | Question | Invalid | None:
    """The amount, or what is in its way; None when nothing was said.

    `taken` is the record's number, which is no amount.
    """
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
        if problem := _impossible(token, _read(token, currency)):
            return problem
    return None


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
        said = asked.choices[0][0]
        source = Source(sources[0].workflow, said, said, name)
        return fill(name, slot, (sources[0], source), limit, taken)
    return asked


def _judge(
    name: str, slot: MoneySlot, found: Evidence, limit: Limit
) -> Filled | Question | Invalid | None:
    currency = limit.money.currency
    read_as = [(token, _read(token, currency)) for token in found.tokens]
    if problem := next((p for pair in read_as if (p := _impossible(*pair))), None):
        return problem
    options: dict[int, str] = {limit.money.minor: found.full} if found.full else {}
    for token, reading in read_as:
        if token.currencies is None or currency in token.currencies:
            options |= dict.fromkeys(reading.minors, token.text)
    doubts = [doubt for pair in read_as if (doubt := _doubt(*pair, limit))]
    if why := _why_not(found, doubts, tuple(options), limit):
        is_open = found.is_unclear or found.is_refused
        fitting = [] if is_open else [m for m in options if m <= limit.money.minor]
        return _ask(name, slot, why, fitting or _most(found, doubts, limit), limit)
    if not options:
        return None
    minor, said = next(iter(options.items()))
    value = {"minor": minor, "currency": currency}
    return Filled(Slot(name=name, value=value, said=said[:SAID_CHARACTERS_MAX]))


def _read(token: Token, currency: str) -> Reading:
    return read(token.digits, currency, is_marked=currency in (token.currencies or ()))


def _why_not(found: Evidence, doubts: list[str], minors: tuple[int, ...], limit: Limit) -> str:
    """Why the amount is asked for once more; empty when it is one and fits, or there is none."""
    have, first = f"{limit.text}.", format_money(next(iter(minors), 0), limit.money.currency)
    if found.is_refused:
        return f"I read that as an amount that it shall not be. {have}"
    if found.is_unclear:
        return f"I cannot tell one exact amount. {have}"
    if doubts:
        return f"{doubts[0]} {have}"
    if len(minors) > 1:
        return f"Which amount? {have}"
    if minors and minors[0] > limit.money.minor:
        return f"{have} {first} is more than that."
    return f"Exactly {first}? {have}" if minors and found.is_hedged else ""


def _most(found: Evidence, doubts: list[str], limit: Limit) -> list[int]:
    """The maximum as the choice, where too much was all that was wrong."""
    is_open = found.is_unclear or found.is_refused
    return [] if is_open or doubts else [limit.money.minor]


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
    if (
        token.currencies is not None
        and len(token.currencies) > 1
        and not _is_usual(token, currency)
    ):
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
    """A bare dollar sign is the US dollar where the record is in it; else it is asked about."""
    return currency == "USD" and token.currencies == DOLLARS


def _ask(name: str, slot: MoneySlot, why: str, minors: list[int], limit: Limit) -> Question:
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

"""The slots of one workflow, filled from what was said; what is missing is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from bot.planner import amounts, forms, later, linked, records, until
from bot.planner.amounts import Invalid, Limit
from bot.planner.binding import Filled, bind, value_of
from bot.planner.choices import SAID_CHARACTERS_MAX
from bot.planner.evidence import evidence
from bot.planner.normalise import shown, spaced
from bot.planner.planner import Ask, Draft, Find, Planned, Refuse
from bot.planner.source import Source
from connectors.operation import Record
from policies.workflow import ChoiceSlot, DaySlot, MoneySlot, RecordSlot, Slot, TextSlot, Workflow
from store.model.run import Question
from store.model.values import Money, is_money

_MENTION = re.compile(r"(?<![^\s(,;])@(?=\w)")
Found = Filled | Question | Invalid | None


class Filling:
    """Fills in dependency order and asks in the declared one. `record`, `money`, `choice`,
    `text` and `day` say what one slot's words give: what fills it, what to ask, or None for nothing
    said. `today` is the day on which it was said."""

    def __init__(
        self, workflow: Workflow, sources: tuple[Source, ...], find: Find, today: date
    ) -> None:
        self.workflow, self.sources, self.today = workflow, sources, today
        self._look = find
        self._filled: dict[str, Filled] = {}
        self._open: dict[str, Question | Invalid] = {}

    def find(self, finder: str, words: str) -> tuple[Record, ...]:
        """What the words find. Who is mentioned ("@Mia Krause") is looked for by name."""
        return self._look(finder, _MENTION.sub("", spaced(words)))

    def plan(self) -> Planned:
        """The plan, the first question that is open, or why there can be neither."""
        planned = self._plan()
        return later.heeded(planned, self.workflow, self.sources, self._filled, self.today)

    def _plan(self) -> Planned:
        slots = self.workflow.slots
        for name, slot in slots.items():
            if isinstance(slot, MoneySlot) and (wrong := amounts.wrong(name, self.sources)):
                return _invalid(wrong)
        for name, slot in slots.items():
            if isinstance(slot, RecordSlot) and not slot.from_:
                self._record(name, slot)
        for name, slot in slots.items():
            if isinstance(slot, RecordSlot) and slot.from_:
                self._linked(name, slot)
        for name, slot in slots.items():
            self._other(name, slot)
        for name in slots:
            if isinstance(problem := self._open.get(name), Invalid):
                return _invalid(problem)
        for name in slots:
            if isinstance(question := self._open.get(name), Question):
                filled = tuple(self._filled[n].slot for n in slots if n in self._filled)
                return Ask(self.workflow.workflow, question, filled)
        plan = bind(self.workflow, self._filled)
        if not plan.steps and (question := self._wanted()):
            return Ask(self.workflow.workflow, question, plan.slots)
        return Draft(plan, self.workflow.workflow)

    def record(self, name: str, slot: RecordSlot) -> Filled | Question:
        return records.fill(name, slot, self.sources, self.find, self.is_bare_sure())

    def money(self, name: str, slot: MoneySlot, limit: Limit, taken: str) -> Found:
        return amounts.fill(name, slot, self.sources, limit, taken)

    def choice(self, name: str, slot: ChoiceSlot) -> Filled | Question | None:
        return forms.fill_choice(name, slot, self.sources)

    def text(self, name: str, slot: TextSlot) -> Filled | Question | None:
        return forms.fill_text(name, slot, self.sources)

    def day(self, name: str, slot: DaySlot) -> Filled | Question | None:
        return until.fill(name, slot, self.sources, self.today, self._filled)

    def is_bare_sure(self) -> bool:
        """Whether a bare number cannot be an amount: there is none to give, or it is given."""
        money = [n for n, s in self.workflow.slots.items() if isinstance(s, MoneySlot)]
        return all(
            evidence(name, self.sources, "").is_sure or self.is_answered(name) for name in money
        )

    def is_answered(self, name: str) -> bool:
        """Whether the requester answered a question about this very slot."""
        return any(source.slot == name for source in self.sources)

    def _record(self, name: str, slot: RecordSlot) -> None:
        found = self.record(name, slot)
        if isinstance(found, Question):
            is_named = records.is_named(name, slot, self.sources)
            if not slot.is_optional or found.choices or is_named:
                self._open[name] = found
        else:
            self._filled[name] = found

    def _linked(self, name: str, slot: RecordSlot) -> None:
        """A record that is found by another one's field, once that one is known."""
        owner = self._filled.get(linked.owner_of(slot))
        if owner is None or owner.record is None:
            return
        words = str(value_of(slot.from_, self.workflow, self._filled) or "")
        answer = linked.answer_to(name, linked.owner_of(slot), self.sources)
        found = linked.fill(name, slot, words, owner.record, self.find, answer)
        if isinstance(found, Filled):
            self._filled[name] = found
        else:
            self._open[name] = found

    def _other(self, name: str, slot: Slot) -> None:
        found: Found
        if isinstance(slot, RecordSlot):
            return
        if isinstance(slot, MoneySlot):
            limit, taken = self._limit(slot)
            if limit is None:
                if unhandled := self._unhandled(slot):
                    self._open[name] = unhandled
                return
            found = self.money(name, slot, limit, taken)
            missing = amounts.question(name, slot, limit)
        elif isinstance(slot, ChoiceSlot):
            found, missing = self.choice(name, slot), forms.ask(name, slot)
        elif isinstance(slot, DaySlot):
            found, missing = self.day(name, slot), until.ask(name, slot)
        else:
            found, missing = self.text(name, slot), forms.ask(name, slot)
        if isinstance(found, Filled):
            self._filled[name] = found
        elif found is not None or not slot.is_optional:
            self._open[name] = self._missed(missing) if found is None else found

    def _missed(self, question: Question) -> Question:
        """The question, which says so where the last answer to it was of no use."""
        answers = [shown(source.text) for source in self.sources if source.slot == question.slot]
        if not answers:
            return question
        said = " ".join(answers[-1].split())[:SAID_CHARACTERS_MAX]
        return question.model_copy(
            update={"text": f"I could not take “{said}” as an answer. {question.text}"}
        )

    def _wanted(self) -> Question | None:
        """What to ask where every step is left out: the first open slot that one depends on."""
        steps = (step for named in self.workflow.steps for step in named.values())
        depended = {step.when.strip("{}").split(".")[0] for step in steps}
        for name, slot in self.workflow.slots.items():
            if name not in depended or name in self._filled:
                continue
            if isinstance(slot, ChoiceSlot | TextSlot):
                return self._missed(forms.ask(name, slot))
        return None

    def _limit(self, slot: MoneySlot) -> tuple[Limit | None, str]:
        """What `max` stands for, and the number of its record; None while the record is open."""
        owner = slot.max.strip("{}").split(".")[0]
        filled = self._filled.get(owner)
        declared = self.workflow.slots.get(owner)
        if filled is None or not isinstance(declared, RecordSlot) or filled.record is None:
            return None, ""
        value = value_of(slot.max, self.workflow, self._filled)
        money = dict(value) if value is not None else None
        if not is_money(money):
            return None, ""
        number = _number(filled.record)
        return Limit(Money.model_validate(money), f"{declared.noun} {number}", slot.limit), number

    def _unhandled(self, slot: MoneySlot) -> Invalid | None:
        """Why the record of `max` has no amount that can be had, once it is known."""
        filled = self._filled.get(slot.max.strip("{}").split(".")[0])
        if filled is None or filled.record is None:
            return None
        value = value_of(slot.max, self.workflow, self._filled)
        currency = str(value.get("currency", "")) if isinstance(value, Mapping) else ""
        named = f"in {currency}" if currency else "in no currency"
        return Invalid(
            f"{_number(filled.record)} is {named}, and amounts in it cannot be handled here."
        )


def _invalid(problem: Invalid) -> Refuse:
    return Refuse(f"{problem.text} Nothing was done.", "invalid", is_certain=True)


def _number(record: Record) -> str:
    number = record.fields.get("number")
    return number if isinstance(number, str) and number else record.id

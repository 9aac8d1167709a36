"""The rules planner: no model, no network, the same answer for the same words and records.

hear -> whose task is it -> fill the slots from the request and the answers -> bind the steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.planner import amounts, forms, records, refusals
from bot.planner.amounts import Invalid, Limit
from bot.planner.binding import Filled, bind, value_of
from bot.planner.choices import SAID_CHARACTERS_MAX
from bot.planner.evidence import evidence
from bot.planner.intent import intent
from bot.planner.normalise import hear
from bot.planner.planner import (
    NOTHING_ELSE,
    WORKFLOW_SLOT,
    Ask,
    Context,
    Draft,
    Find,
    Planned,
    Refuse,
)
from bot.planner.source import Source, listen
from bot.planner.tokens import tokenize
from bot.planner.vocabulary import POLITE, PRONOUNS, fold
from connectors.operation import Record
from policies.workflow import ChoiceSlot, MoneySlot, RecordSlot, TextSlot, Workflow
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.run import Answer, Question
from store.model.values import Money, is_money

ANSWERS_MAX = 20  # the latest that are read; a conversation that needs more has gone wrong
WORKFLOWS_MAX = 50  # of one channel
GREETING = (
    POLITE | PRONOUNS | frozenset({"help", "what", "can", "do", "me", "?", "!", ".", ",", "\n"})
)


@dataclass(frozen=True)
class RulesPlanner:
    """Plans from each workflow's `verbs` and `understands`, its slots' words, and live finders."""

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        """See Planner.plan; nothing else is looked at. Raises what `find` raises, and TemplateError
        for a wrong bundle."""
        workflows, answers = workflows[:WORKFLOWS_MAX], answers[-ANSWERS_MAX:]
        for said in (text, *(answer.text for answer in answers)):
            if len(said) > TEXT_CHARACTERS_MAX:
                return refusals.too_long(len(said))
            if hear(said).is_reordered:
                return refusals.reordered()
        workflow = _workflow(text, answers, workflows)
        if not isinstance(workflow, Workflow):
            return workflow
        sources = (
            listen(workflow, text),
            *(listen(workflow, a.text, a.slot) for a in answers if a.slot in workflow.slots),
        )
        return _Filling(workflow, sources, find).plan()


def _workflow(
    text: str, answers: tuple[Answer, ...], workflows: tuple[Workflow, ...]
) -> Workflow | Ask | Refuse:
    tokens = tokenize(hear(text).text)
    if not any(token.kind not in {"mark", "break"} for token in tokens):
        return refusals.nothing_said(workflows)
    meant = intent(tokens, workflows)
    if all(token.fold in GREETING for token in tokens):
        return refusals.greeting(workflows)
    if not meant.workflows:
        return refusals.out_of_scope(workflows)
    if meant.tone != "request":
        return refusals.wrong_tone(meant.tone, workflows)
    return _one_of(meant.workflows, answers)


def _one_of(workflows: tuple[Workflow, ...], answers: tuple[Answer, ...]) -> Workflow | Ask:
    named = [a.text for a in answers if a.slot == WORKFLOW_SLOT]
    chosen = _named(named[-1], workflows) if named else workflows
    if len(chosen) == 1:
        return chosen[0]
    titles = " or ".join(w.title[:1].lower() + w.title[1:] for w in workflows)
    options = tuple((w.workflow, w.title) for w in workflows)
    return Ask("", Question(slot=WORKFLOW_SLOT, text=f"One at a time: {titles}?", choices=options))


def _named(answer: str, workflows: tuple[Workflow, ...]) -> tuple[Workflow, ...]:
    said = fold(" ".join(answer.split()))
    exact = tuple(w for w in workflows if said in {w.workflow, fold(w.title)})
    return exact or intent(tokenize(hear(answer).text), workflows).workflows


class _Filling:
    """The slots of one workflow, filled in dependency order and asked for in the declared one."""

    def __init__(self, workflow: Workflow, sources: tuple[Source, ...], find: Find) -> None:
        self._workflow, self._sources, self._find = workflow, sources, find
        self._filled: dict[str, Filled] = {}
        self._open: dict[str, Question | Invalid] = {}

    def plan(self) -> Planned:
        slots = self._workflow.slots
        for name, slot in slots.items():
            if isinstance(slot, MoneySlot) and (wrong := amounts.wrong(name, self._sources)):
                return self._invalid(wrong)
        for name, slot in slots.items():
            if isinstance(slot, RecordSlot):
                self._record(name, slot)
        for name, slot in slots.items():
            self._other(name, slot)
        for name in slots:
            if isinstance(problem := self._open.get(name), Invalid):
                return self._invalid(problem)
        for name in slots:
            if isinstance(question := self._open.get(name), Question):
                filled = tuple(self._filled[n].slot for n in slots if n in self._filled)
                return Ask(self._workflow.workflow, question, filled)
        return Draft(bind(self._workflow, self._filled), self._workflow.workflow)

    def _record(self, name: str, slot: RecordSlot) -> None:
        found = records.fill(name, slot, self._sources, self._find, self._is_bare_sure())
        if isinstance(found, Question):
            if not slot.is_optional or found.choices:
                self._open[name] = found
        else:
            self._filled[name] = found

    def _is_bare_sure(self) -> bool:
        """Whether a bare number cannot be an amount: there is none to give, or it is given."""
        money = [n for n, s in self._workflow.slots.items() if isinstance(s, MoneySlot)]
        return all(
            evidence(name, self._sources, "").is_sure
            or any(source.slot == name for source in self._sources)
            for name in money
        )

    def _other(self, name: str, slot: RecordSlot | MoneySlot | ChoiceSlot | TextSlot) -> None:
        found: Filled | Question | Invalid | None
        if isinstance(slot, RecordSlot):
            return
        if isinstance(slot, MoneySlot):
            limit, taken = self._limit(slot)
            if limit is None:
                return
            found = amounts.fill(name, slot, self._sources, limit, taken)
            missing = amounts.question(name, slot, limit)
        elif isinstance(slot, ChoiceSlot):
            found = forms.fill_choice(name, slot, self._sources)
            missing = forms.ask(name, slot)
        else:
            found = forms.fill_text(name, slot, self._sources)
            missing = forms.ask(name, slot)
        if isinstance(found, Filled):
            self._filled[name] = found
        elif found is not None or not slot.is_optional:
            self._open[name] = self._missed(missing) if found is None else found

    def _missed(self, question: Question) -> Question:
        """The question, which says so where the last answer to it was of no use."""
        answers = [source.text for source in self._sources if source.slot == question.slot]
        if not answers:
            return question
        said = " ".join(answers[-1].split())[:SAID_CHARACTERS_MAX]
        return question.model_copy(
            update={"text": f"I could not take “{said}” as an answer. {question.text}"}
        )

    def _limit(self, slot: MoneySlot) -> tuple[Limit | None, str]:
        """What `max` stands for, and the number of its record; None while the record is open."""
        owner = slot.max.strip("{}").split(".")[0]
        filled = self._filled.get(owner)
        declared = self._workflow.slots.get(owner)
        if filled is None or not isinstance(declared, RecordSlot) or filled.record is None:
            return None, ""
        value = value_of(slot.max, self._workflow, self._filled)
        money = dict(value) if value is not None else None
        if not is_money(money):
            return None, ""
        number = _number(filled.record)
        return Limit(Money.model_validate(money), f"{declared.noun} {number}", slot.limit), number

    def _invalid(self, problem: Invalid) -> Refuse:
        return Refuse(f"{problem.text} Nothing was done.", "invalid")


def _number(record: Record) -> str:
    number = record.fields.get("number")
    return number if isinstance(number, str) and number else record.id

"""The rules planner: no model, no network, the same answer for the same words and records.

hear -> whose task is it -> fill the slots from the request and the answers -> bind the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.planner import refusals
from bot.planner.filling import Filling
from bot.planner.intent import intent, spoken_of
from bot.planner.normalise import hear
from bot.planner.planner import WORKFLOW_SLOT, Ask, Asked, Planned, Refuse
from bot.planner.source import listen
from bot.planner.things import foreign
from bot.planner.tokens import tokenize
from bot.planner.vocabulary import POLITE, PRONOUNS, fold
from policies.workflow import RecordSlot, Workflow
from store.model.request import TEXT_CHARACTERS_MAX
from store.model.run import Question

ANSWERS_MAX = 20  # the latest that are read; a conversation that needs more has gone wrong
WORKFLOWS_MAX = 50  # of one channel
GREETING = (
    POLITE | PRONOUNS | frozenset({"help", "what", "can", "do", "me", "?", "!", ".", ",", "\n"})
)


@dataclass(frozen=True)
class RulesPlanner:
    """Plans from each workflow's `verbs` and `understands`, its slots' words, and live finders."""

    def plan(self, asked: Asked) -> Planned:
        """See Planner.plan; nothing else is looked at. Raises what `find` raises, and TemplateError
        for a wrong bundle."""
        asked = replace(
            asked, workflows=asked.workflows[:WORKFLOWS_MAX], answers=asked.answers[-ANSWERS_MAX:]
        )
        for said in (asked.text, *(answer.text for answer in asked.answers)):
            if len(said) > TEXT_CHARACTERS_MAX:
                return refusals.too_long(len(said))
            if hear(said).is_reordered:
                return refusals.reordered()
        workflow = _workflow(asked)
        if not isinstance(workflow, Workflow):
            return workflow
        sources = (
            listen(workflow, asked.text),
            *(listen(workflow, a.text, a.slot) for a in asked.answers if a.slot in workflow.slots),
        )
        planned = Filling(workflow, sources, asked.find, asked.today).plan()
        if asked.answers or not _finds_nothing(planned, workflow):
            return planned
        thing = foreign(workflow, asked.workflows, sources[0])
        return refusals.nothing_known(thing, asked.workflows) if thing else planned


def _finds_nothing(planned: Planned, workflow: Workflow) -> bool:
    """Whether it is asked which record is meant, and none was found that may be."""
    if not isinstance(planned, Ask) or planned.question.choices:
        return False
    return isinstance(workflow.slots.get(planned.question.slot), RecordSlot)


def _workflow(asked: Asked) -> Workflow | Ask | Refuse:
    tokens, workflows = tokenize(hear(asked.text).text), asked.workflows
    if not any(token.kind not in {"mark", "break"} for token in tokens):
        return refusals.nothing_said(workflows)
    meant = intent(tokens, workflows)
    if all(token.fold in GREETING for token in tokens):
        return refusals.greeting(workflows)
    if not meant.workflows:
        return refusals.out_of_scope(workflows)
    if meant.tone != "request":
        return refusals.wrong_tone(meant.tone, workflows)
    return _one_of(meant.workflows, asked.of_slot(WORKFLOW_SLOT))


def _one_of(workflows: tuple[Workflow, ...], named: str | None) -> Workflow | Ask:
    chosen = workflows if named is None else named_by(named, workflows)
    if len(chosen) == 1:
        return chosen[0]
    titles = " or ".join(w.title[:1].lower() + w.title[1:] for w in workflows)
    options = tuple((w.workflow, w.title) for w in workflows)
    return Ask("", Question(slot=WORKFLOW_SLOT, text=f"One at a time: {titles}?", choices=options))


def named_by(answer: str, workflows: tuple[Workflow, ...]) -> tuple[Workflow, ...]:
    """The workflows that an answer to "which task?" may mean."""
    said = fold(" ".join(answer.split()))
    exact = tuple(w for w in workflows if said in {w.workflow, fold(w.title)})
    tokens = tokenize(hear(answer).text)
    return exact or intent(tokens, workflows).workflows or spoken_of(tokens, workflows)

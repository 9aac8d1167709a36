"""Plans with a language model: it reads the request and claims, the code checks what it claims."""

from __future__ import annotations

from dataclasses import dataclass

from bot.planner.claims import Material, judge
from bot.planner.model import Model
from bot.planner.planner import (
    NOTHING_ELSE,
    Context,
    Find,
    Planned,
    Refuse,
)
from bot.planner.prompting import opening
from bot.planner.schema import claim_of
from bot.planner.spec import spec_of
from bot.planner.tools import Read
from bot.planner.turns import Faults, Stopped, converse
from policies.workflow import Workflow
from store.model.run import Answer
from store.model.values import Json

OFF = "No language model plans here."


@dataclass(frozen=True)
class ClaudePlanner:
    """One model over all workflows of a channel, or over those of one of the bundle's specialists.
    `attempt` may come to nothing; see first.py."""

    model: Model
    specialist: str = ""

    def attempt(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context,
    ) -> Planned | Stopped:
        """What the model makes of a request, checked, or why nothing can be made of it. Raises what
        `find` and the gate's reads raise."""
        gate, section = context.gate, context.section
        if gate is None or section is None or not workflows:
            return Stopped("refused", OFF)
        spec = spec_of(section, context.prompts, self.specialist)
        opened = opening(spec, workflows, text, answers, context.thread, gate.reads())

        def judged(claim: Json, reads: tuple[Read, ...], is_last: bool) -> Planned | Faults:
            material = Material(text, answers, context.thread, reads, context.before)
            return judge(claim_of(claim), workflows, material, find, is_last=is_last)

        return converse(self.model, gate, spec, opened, judged)

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        """See Planner.plan: the model alone, without the rules before it."""
        came = self.attempt(text, answers, workflows, find, context)
        return Refuse(came.text, "not understood") if isinstance(came, Stopped) else came

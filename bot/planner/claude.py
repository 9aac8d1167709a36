"""Plans with a language model: it reads the request and claims, the code checks what it claims."""

from __future__ import annotations

from dataclasses import dataclass

from bot.planner.claims import judge
from bot.planner.model import Model
from bot.planner.planner import Asked, Planned, Refuse
from bot.planner.prompting import opening
from bot.planner.schema import claim_of
from bot.planner.spec import spec_of
from bot.planner.tools import Read
from bot.planner.turns import Faults, Stopped, converse
from store.model.values import Json

OFF = "No language model plans here."


@dataclass(frozen=True)
class ClaudePlanner:
    """One model over all workflows of a channel, or over those of one of the bundle's specialists.
    `attempt` may come to nothing; see first.py."""

    model: Model
    specialist: str = ""

    def attempt(self, asked: Asked) -> Planned | Stopped:
        """What the model makes of a request, checked, or why nothing can be made of it. Raises what
        `find` and the gate's reads raise."""
        gate, section = asked.context.gate, asked.context.section
        if gate is None or section is None or not asked.workflows:
            return Stopped("refused", OFF)
        spec = spec_of(section, asked.context.prompts, self.specialist)
        opened = opening(spec, asked, gate.reads())

        def judged(claim: Json, reads: tuple[Read, ...], is_last: bool) -> Planned | Faults:
            return judge(claim_of(claim), asked, reads, is_last=is_last)

        return converse(self.model, gate, spec, opened, judged)

    def plan(self, asked: Asked) -> Planned:
        """See Planner.plan: the model alone, without the rules before it."""
        came = self.attempt(asked)
        return Refuse(came.text, "not understood") if isinstance(came, Stopped) else came

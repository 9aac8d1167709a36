"""A planner for tests of joint plans: the division is given, the rules plan each part."""

from __future__ import annotations

from bot.joint.names import named
from bot.planner.planner import NOTHING_ELSE, Context, Find, Planned
from bot.planner.rules import RulesPlanner
from bot.planner.team.joining import plan_parts
from policies.workflow import Workflow
from store.model.run import Answer, Part


class Divided:
    """Divides a request at " / ", each part with its workflow before a colon:
    "cancel-order: cancel order 1066, fraud / refund: refund $5 on 1043"."""

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        if " / " not in text:
            return RulesPlanner().plan(text, answers, workflows, find)

        def plan_part(part: Part, own: tuple[Answer, ...], workflow: Workflow) -> Planned:
            return RulesPlanner().plan(part.words, own, (workflow,), find)

        return plan_parts(context.parts or _parts(text), answers, workflows, plan_part)


def _parts(text: str) -> tuple[Part, ...]:
    pairs = [part.split(": ", 1) for part in text.split(" / ")]
    names = named(workflow for workflow, _ in pairs)
    return tuple(Part(name=n, words=words) for n, (_, words) in zip(names, pairs, strict=True))

"""A planner for tests of joint plans: the division is given, the rules plan each part."""

from __future__ import annotations

from bot.joint.names import named
from bot.planner.planner import Asked, Planned
from bot.planner.rules import RulesPlanner
from bot.planner.team.joining import plan_parts
from store.model.run import Part


class Divided:
    """Divides a request at " / ", each part with its workflow before a colon:
    "cancel-order: cancel order 1066, fraud / refund: refund $5 on 1043"."""

    def plan(self, asked: Asked) -> Planned:
        if " / " not in asked.text:
            return RulesPlanner().plan(asked)

        def plan_part(_part: Part, own: Asked) -> Planned:
            return RulesPlanner().plan(own)

        return plan_parts(asked.context.parts or _parts(asked.text), asked, plan_part)


def _parts(text: str) -> tuple[Part, ...]:
    pairs = [part.split(": ", 1) for part in text.split(" / ")]
    names = named(workflow for workflow, _ in pairs)
    return tuple(Part(name=n, words=words) for n, (_, words) in zip(names, pairs, strict=True))

"""A joint plan's workflow, made of those of its parts. Pure.

It is what is shown, budgeted and edited; it is never planned from: each part is planned as its own
workflow, its steps use its own connections, and rules judge it under its own name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from bot.joint.names import PARTS_MAX, declared, is_joint, parts_of, within
from policies.workflow import Baseline, Budget, Outcome, Workflow

_TIMES = {1: "", 2: " twice"}


def resolve(name: str, workflows: Mapping[str, Workflow]) -> Workflow | None:
    """The workflow of a plan: a declared one, or the joint one of several. None where the bundle
    lacks one of them, or where there are more than PARTS_MAX."""
    if not is_joint(name):
        return workflows.get(name)
    parts = parts_of(name)
    found = [workflows.get(declared(part)) for part in parts]
    known = [workflow for workflow in found if workflow is not None]
    if len(known) < len(parts) or len(parts) > PARTS_MAX:
        return None
    return _joined(name, dict(zip(parts, known, strict=True)))


def _joined(name: str, parts: Mapping[str, Workflow]) -> Workflow:
    """Budgets add up, the shortest wait for approval holds. It is L2, so that each write is
    approved; a part of L1 stays L1 (bot.showing)."""
    each = tuple(parts.values())
    first = each[0]
    return first.model_copy(
        update={
            "workflow": name,
            "title": title(workflow.title for workflow in each),
            "autonomy": "L2",
            "shadow": False,
            "reviewers": (),
            "slots": {
                within(part, slot): declaration
                for part, workflow in parts.items()
                for slot, declaration in workflow.slots.items()
            },
            "verbs": (),
            "understands": (),
            "steps": tuple(
                {within(part, step): template for step, template in named.items()}
                for part, workflow in parts.items()
                for named in workflow.steps
            ),
            "independent_steps": all(workflow.independent_steps for workflow in each),
            "approval_minutes": min(workflow.approval_minutes for workflow in each),
            "budget": Budget.model_construct(
                tool_calls=sum(workflow.budget.tool_calls for workflow in each),
                wall_clock_seconds=sum(workflow.budget.wall_clock_seconds for workflow in each),
                spend_usd=_dollars(workflow.budget.spend_usd for workflow in each),
            ),
            "outcome": Outcome.model_construct(
                unit=" and ".join(dict.fromkeys(workflow.outcome.unit for workflow in each)),
                price_usd=_dollars(workflow.outcome.price_usd for workflow in each),
            ),
            "baseline": Baseline(
                minutes=sum(workflow.baseline.minutes for workflow in each),
                measured=min(workflow.baseline.measured for workflow in each),
                touches=sum(workflow.baseline.touches for workflow in each),
            ),
            "reject_reasons": tuple(
                dict.fromkeys(reason for workflow in each for reason in workflow.reject_reasons)
            ),
            "examples": (),
        }
    )


def title(titles: Iterable[str]) -> str:
    """ "Cancel an order, and refund a payment twice"."""
    counts = Counter(titles)
    said = [f"{text}{_TIMES.get(times, f' {times} times')}" for text, times in counts.items()]
    return ", and ".join([said[0], *(text[:1].lower() + text[1:] for text in said[1:])])


def _dollars(amounts: Iterable[str]) -> str:
    return str(sum((Decimal(amount) for amount in amounts), Decimal(0)))

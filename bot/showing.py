"""A plan becomes a proposal: read every record, predict every change, decide. Used when a plan is
first shown and again before it is executed, so that both are the same computation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from bot.calls import Calls
from bot.catalogue import Catalogue
from bot.ports import Clock
from connectors.errors import Rejected
from connectors.operation import Irreversible, Params, Reversible, Snapshot
from policies.engine import StepFacts
from store.model.person import Person
from store.model.plan import Plan, Proposal, Seen, Step
from store.model.request import Request
from store.model.values import Json


class PlanInvalidError(Rejected):
    """A plan names an operation or parameters that its connector does not take."""


@dataclass(frozen=True)
class Circumstances:
    """What a decision depends on besides the systems' own state.

    `round` counts the run's proposals from 1; `now` is the moment before the first read; `level` is
    what the workflow may do today (bot/levels.py).
    """

    request: Request
    requester: Person
    run_id: str
    round: int
    now: datetime
    level: int


def show(
    catalogue: Catalogue, calls: Calls, plan: Plan, given: Circumstances, clock: Clock
) -> Proposal:
    """Reads, predicts and decides. Raises PlanInvalidError and the connectors' errors.

    A later step sees what an earlier one will have changed on the same record.
    """
    world: dict[tuple[str, str], dict[str, Json]] = {}
    seen: list[Seen] = []
    own_facts: list[Mapping[str, Json]] = []
    for step in plan.steps:
        operation = catalogue.operation(step.operation)
        params = typed_params(catalogue, step)
        before = _overlaid(calls.read(operation, params), world)
        after = dict(operation.preview(params, before))
        undo = operation.undo(params, before)
        is_reversible = isinstance(undo, Reversible)
        world.setdefault((before.system, before.resource), {}).update(after)
        seen.append(_seen(before, after, undo))
        own_facts.append({"step.is_reversible": is_reversible, **operation.facts(params, before)})
    common = _common_facts(catalogue, plan, given, clock())
    facts = [
        StepFacts(step_id=step.id, operation=step.operation, facts={**common, **own})
        for step, own in zip(plan.steps, own_facts, strict=True)
    ]
    workflow = catalogue.workflows[plan.workflow]
    return Proposal(
        run_id=given.run_id,
        round=given.round,
        plan=plan,
        seen=tuple(seen),
        decision=catalogue.policy.decide(facts),
        bundle_version=catalogue.bundle_version,
        bundle_digest=catalogue.bundle_digest,
        read_at=given.now,
        expires_at=given.now + timedelta(minutes=workflow.approval_minutes),
    )


def typed_params(catalogue: Catalogue, step: Step) -> Params:
    """A step's parameters as its operation types them. Raises PlanInvalidError."""
    operation = catalogue.operation(step.operation)
    try:
        params: Params = operation.params.model_validate(step.params)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlanInvalidError(
            f"step {step.id}: {step.operation} does not take this {where}: {first['msg']}"
        ) from None
    return params


def _common_facts(
    catalogue: Catalogue, plan: Plan, given: Circumstances, decided_at: datetime
) -> Mapping[str, Json]:
    """The facts that every step shares. The age is that of the oldest read, in whole seconds."""
    return {
        "requester.id": given.requester.id,
        "requester.roles": sorted(given.requester.roles),
        "request.channel": catalogue.channel_name(given.request.place),
        "request.surface": given.request.place.surface,
        "workflow.name": plan.workflow,
        "workflow.level": given.level,
        "run.environment": catalogue.environment,
        "now": given.now,
        "read.age_seconds": math.floor((decided_at - given.now).total_seconds()),
    }


def _overlaid(before: Snapshot, world: Mapping[tuple[str, str], Mapping[str, Json]]) -> Snapshot:
    changed = world.get((before.system, before.resource))
    if not changed:
        return before
    fields = {name: changed.get(name, value) for name, value in before.fields.items()}
    return Snapshot(before.system, before.resource, before.version, fields, before.about)


def _seen(before: Snapshot, after: dict[str, Json], undo: Reversible | Irreversible) -> Seen:
    return Seen(
        system=before.system,
        resource=before.resource,
        version=before.version,
        fields=dict(before.fields),
        about=dict(before.about),
        after=after,
        undo=undo.note if isinstance(undo, Reversible) else undo.why,
        is_reversible=isinstance(undo, Reversible),
    )

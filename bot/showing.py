"""A plan becomes a proposal: read every record, predict every change, decide. Used when a plan is
first shown and again before it is executed, so that both are the same computation.

`look` calls the systems, `decide` is pure but for the tallies and the clock that it is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.calls import Calls
from bot.catalogue import Catalogue
from bot.joint.conflicts import Conflict, adds, conflicts
from bot.joint.decision import by_part
from bot.joint.names import declared, is_joint, part_of, parts_of
from bot.ports import Clock
from bot.until import check_end
from connectors.errors import Rejected, Unavailable
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot
from policies.counters import Counter
from policies.engine import LEVEL_BOUNDED, LEVEL_SUGGESTED, StepFacts
from store.model.decision import Effect
from store.model.person import Person
from store.model.plan import Plan, Proposal, Seen, Step
from store.model.request import Request
from store.model.reservation import Tally
from store.model.values import Json

Tallies = Callable[[Counter, Mapping[str, Json]], Tally]


class PlanInvalidError(Rejected):
    """A plan names an operation or parameters that its connector does not take."""


@dataclass(frozen=True)
class Circumstances:
    """What a decision depends on besides the systems' own state.

    `round` counts the run's proposals from 1; `now` is the moment before the first read; `level` is
    what the workflow may do today (bot.autonomy.levels). The last three are the proposal's own: who
    changed its values, and the steps that were left out.
    """

    request: Request
    requester: Person
    run_id: str
    round: int
    now: datetime
    level: int
    editors: tuple[str, ...] = ()
    edited_by: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sight:
    """A plan with all that was read for it, before policy has spoken.

    `facts` are each step's facts, without those of counters; `read.age_seconds` is added when it is
    decided. `conflicts` are those between the parts of a joint plan. `away` are the steps whose
    system did not answer, by their places, with what was said of it: they are as they were known.
    """

    plan: Plan
    given: Circumstances
    seen: tuple[Seen, ...]
    facts: tuple[Mapping[str, Json], ...]
    conflicts: tuple[Conflict, ...] = ()
    away: Mapping[int, str] = field(default_factory=dict)


def look(
    catalogue: Catalogue,
    calls: Calls,
    plan: Plan,
    given: Circumstances,
    known: Mapping[str, Seen] | None = None,
) -> Sight:
    """Reads and predicts. Raises PlanInvalidError and the connectors' errors.

    `known` holds, by their ids, the steps that may do without their system's answer, as they were
    seen before. A later step sees what an earlier one will have changed on the same record.
    """
    world: dict[tuple[str, str], dict[str, Json]] = {}
    seen: list[Seen] = []
    facts: list[Mapping[str, Json]] = []
    adding: list[bool] = []
    away: dict[int, str] = {}
    for index, step in enumerate(plan.steps):
        common = _common_facts(catalogue, plan, step, given)
        operation = catalogue.operation(step.operation)
        params = typed_params(catalogue, step)
        calls.act_for(plan.workflow, step.id)
        try:
            check_end(operation, params, given.now)
            try:
                live = calls.read(operation, params)
            except Unavailable as silent:
                if known is None or step.id not in known:
                    raise
                live, away[index] = _snapshot(known[step.id]), str(silent)
            before = _overlaid(live, world)
            after = dict(operation.preview(params, before))
        except Rejected as said_no:
            raise _of_part(catalogue, plan, step, said_no) from None
        adding.append(is_joint(plan.workflow) and adds(after, _alone(operation, params, live)))
        undo = operation.undo(params, before)
        is_reversible = isinstance(undo, Reversible)
        world.setdefault((before.system, before.resource), {}).update(after)
        seen.append(_seen(before, after, undo))
        own = operation.facts(params, before)  # never above what Assent itself states
        facts.append({**own, **common, "step.is_reversible": is_reversible})
    return Sight(plan, given, tuple(seen), tuple(facts), conflicts(plan, seen, adding), away)


def decide(catalogue: Catalogue, sight: Sight, tally: Tallies, clock: Clock) -> Proposal:
    """What policy says of it now. `tally` gives what other runs asked for before this one."""
    given, plan = sight.given, sight.plan
    facts = _step_facts(catalogue, sight, tally, clock())
    workflow = catalogue.resolved(plan.workflow)
    titles = {part: catalogue.resolved(declared(part)).title for part in parts_of(plan.workflow)}
    is_shadowed = workflow.shadow and given.level == LEVEL_SUGGESTED
    return Proposal(
        run_id=given.run_id,
        round=given.round,
        plan=plan,
        seen=sight.seen,
        decision=by_part(catalogue.policy.decide(facts), plan.workflow, titles),
        bundle_version=catalogue.bundle_version,
        bundle_digest=catalogue.bundle_digest,
        read_at=given.now,
        expires_at=given.now + timedelta(minutes=workflow.approval_minutes),
        editors=given.editors,
        edited_by=given.edited_by,
        skipped=given.skipped,
        shadow=_one_level_higher(catalogue, facts) if is_shadowed else None,
        standing=_standing(catalogue, plan),
    )


def _standing(catalogue: Catalogue, plan: Plan) -> tuple[str, ...]:
    """The steps that stand for themselves, each as its own part's workflow has it."""
    owners = [(step.id, declared(part_of(plan.workflow, step.id))) for step in plan.steps]
    return tuple(id_ for id_, name in owners if catalogue.resolved(name).independent_steps)


def _one_level_higher(catalogue: Catalogue, facts: Sequence[StepFacts]) -> Effect:
    """What policy would say at L3, whatever was earned and whatever the environment permits."""
    higher = [replace(s, facts={**s.facts, "workflow.level": LEVEL_BOUNDED}) for s in facts]
    return catalogue.policy.permitting(LEVEL_BOUNDED).decide(higher).effect


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


def _step_facts(
    catalogue: Catalogue, sight: Sight, tally: Tallies, decided_at: datetime
) -> list[StepFacts]:
    """Every step with its counters' facts: others' requests, and the plan's own earlier steps.
    The age is that of the oldest read, in whole seconds."""
    age_seconds = math.floor((decided_at - sight.given.now).total_seconds())
    earlier: list[tuple[str, str, str, int]] = []  # counter, subject, currency, amount
    steps = []
    for step, own in zip(sight.plan.steps, sight.facts, strict=True):
        facts: dict[str, Json] = {**own, "read.age_seconds": age_seconds}
        for counter in catalogue.policy.counters(step.operation):
            subject, currency = counter.subject(own), counter.currency_of(own)
            same = [e for e in earlier if e[:2] == (counter.name, subject)]
            others = tally(counter, own)
            sum_minor = others.sum_minor + sum(e[3] for e in same if e[2] == currency)
            facts |= counter.facts(others.count + len(same), sum_minor)
            earlier.append((counter.name, subject, currency, counter.amount_minor(own)))
        steps.append(StepFacts(step_id=step.id, operation=step.operation, facts=facts))
    return steps


def _common_facts(
    catalogue: Catalogue, plan: Plan, step: Step, given: Circumstances
) -> Mapping[str, Json]:
    """The facts that are known before anything is read: every step of a part shares them, and a
    part of a joint plan is judged under its own workflow's name."""
    workflow = declared(part_of(plan.workflow, step.id))
    return {
        "requester.id": given.requester.id,
        "requester.roles": sorted(given.requester.roles),
        "request.channel": catalogue.channel_name(given.request.place),
        "request.surface": given.request.place.surface,
        "workflow.name": workflow,
        "workflow.level": min(given.level, catalogue.level(workflow)),
        "run.environment": catalogue.environment,
        "now": given.now,
    }


def _of_part(catalogue: Catalogue, plan: Plan, step: Step, said_no: Rejected) -> Rejected:
    """A system's refusal, with the part of a joint plan that it is about."""
    if not is_joint(plan.workflow):
        return said_no
    title = catalogue.resolved(declared(part_of(plan.workflow, step.id))).title
    return Rejected(f"{title}: {said_no.message}", next_step=said_no.next_step)


def _alone(operation: Operation[Any], params: Params, live: Snapshot) -> Mapping[str, Json] | None:
    """The record as a step would leave it without the earlier ones; None where it would be
    refused."""
    try:
        return {**live.fields, **operation.preview(params, live)}
    except Rejected:
        return None


def _overlaid(before: Snapshot, world: Mapping[tuple[str, str], Mapping[str, Json]]) -> Snapshot:
    changed = world.get((before.system, before.resource))
    if not changed:
        return before
    fields = {name: changed.get(name, value) for name, value in before.fields.items()}
    return Snapshot(before.system, before.resource, before.version, fields, before.about)


def _snapshot(seen: Seen) -> Snapshot:
    return Snapshot(seen.system, seen.resource, seen.version, seen.fields, seen.about)


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

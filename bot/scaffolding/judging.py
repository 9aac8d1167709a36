"""Who may do what a new workflow does: the bundle's policies as they are, or a first one."""

from __future__ import annotations

from typing import Any

from bot.errors import CommandError
from bot.scaffolding.yaml import flow
from connectors.operation import FactType, Operation, Value
from policies.bundle import Bundle
from policies.rules import EVERY_OPERATION

# What an example says of a fact of which nothing is known.
_STATED: dict[FactType, Value] = {
    "int": 1,
    "string": "any",
    "bool": True,
    "timestamp": "2026-11-22T12:00:00Z",
    "list<string>": [],
}


def is_allowed(bundle: Bundle, operation: str) -> bool:
    """Whether some rule of the bundle may grant the operation."""
    return any(
        rule.effect == "allow"
        for policy in bundle.policies
        if policy.file.applies_to == EVERY_OPERATION or operation in policy.file.applies_to
        for rule in policy.file.rules
    )


def policy_text(name: str, bundle: Bundle, operation: Operation[Any]) -> str:
    """A first policy: the bundle's first role may ask, its second one approves every write."""
    roles = list(bundle.settings.roles)
    if not roles:
        raise CommandError("bundle.yml has no roles; declare who may ask and who approves first.")
    asks, approves = roles[0], roles[min(1, len(roles) - 1)]
    channel = next((n for n, c in bundle.settings.channels.items() if c.workflows), "support-ops")
    given = {
        "requester.id": "person-asking",
        "requester.roles": [asks],
        "request.channel": channel,
        "request.surface": "slack",
        "workflow.name": name,
        "workflow.level": 2,
        "run.environment": next(iter(bundle.settings.environments)),
        "step.is_reversible": True,
        "read.age_seconds": 4,
        **{fact: _STATED[kind] for fact, kind in operation.fact_types.items()},
    }
    times = {"now", *(f for f, kind in operation.fact_types.items() if kind == "timestamp")}
    is_needed = {"name": f"{asks} may not alone", "operation": operation.name}
    approvers = [{"role": approves, "count": 1}]
    examples = (
        {**is_needed, "expect": "needs approval", "approvers": approvers},
        {
            "name": "somebody without a role",
            "operation": operation.name,
            "facts": {"requester.roles": []},
            "expect": "denied",
        },
    )
    lines = [
        "# Who may ask, and who approves: narrow both to what the operation is worth.",
        f"policy: {name}",
        f"applies_to: [{operation.name}]",
        "",
        "rules:",
        f"  - id: {name}-allowed",
        "    effect: allow",
        "    all:",
        f"      requester in {asks}: \"'{asks}' in requester.roles\"",
        f'    because: "people in {asks} may ask for this"',
        "",
        f"  - id: {name}-looked-at",
        "    effect: require",
        "    all:",
        '      every write is approved at this level: "workflow.level < 4"',
        f"    require: {flow(approvers)}",
        f'    because: "one of {approves} looks at it"',
        "",
        "given:",
        *(f"  {k}: {flow(v)}" for k, v in given.items() if k not in times),
        *(f"  {fact}: {_STATED['timestamp']}" for fact in sorted(times)),
        "",
        "examples:",
        *(f"  - {flow(each)}" for each in examples),
    ]
    return "\n".join(lines) + "\n"

"""Who must consent, put together: the union in which nobody's demand is lost."""

from __future__ import annotations

from collections.abc import Iterable

from policies.rules import Ask
from store.model.decision import Requirement


def asked(ask: Ask, rule: str, because: str) -> tuple[Requirement, ...]:
    """The requirements that one line of a matching rule stands for: one, or one a role of
    `all_of`."""
    if ask.people:
        return (Requirement(kind="people", count=ask.people, rule=rule, because=because),)
    if ask.veto:
        return (Requirement(kind="veto", roles=(ask.veto,), count=0, rule=rule, because=because),)
    pool = tuple(sorted(set(ask.any_of))) or ((ask.role,) if ask.role else ())
    groups = tuple((role,) for role in ask.all_of) or (pool,)
    return tuple(
        Requirement(
            roles=roles,
            count=ask.count or 1,
            stage=ask.stage,
            escalates_to=(ask.escalate_to,) if ask.escalate_to else (),
            escalates_after_minutes=ask.after_minutes or 0,
            rule=rule,
            because=because,
        )
        for roles in groups
    )


def union(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """One requirement for each kind, group of roles and stage, in order of appearance.

    The largest count stands, with the rule behind it. An escalation lets more people approve, so it
    stands only where every demand on the group has it, with the longest wait.
    """
    strictest: dict[tuple[str, tuple[str, ...], int], Requirement] = {}
    for requirement in requirements:
        key = (requirement.kind, requirement.roles, requirement.stage)
        known = strictest.get(key)
        strictest[key] = requirement if known is None else _stricter(known, requirement)
    return tuple(strictest.values())


def _stricter(one: Requirement, other: Requirement) -> Requirement:
    larger = other if other.count > one.count else one
    if not one.escalates_to and not other.escalates_to:
        return larger
    to = tuple(role for role in one.escalates_to if role in other.escalates_to)
    after_minutes = max(one.escalates_after_minutes, other.escalates_after_minutes) if to else 0
    if (to, after_minutes) == (larger.escalates_to, larger.escalates_after_minutes):
        return larger
    return larger.model_copy(update={"escalates_to": to, "escalates_after_minutes": after_minutes})


def worded(requirements: Iterable[Requirement]) -> str:
    """`1 of support-leads (to $100.00 of the currency)` for each, as one clause."""
    return "; ".join(f"{said(r)} ({r.because})" for r in requirements)


def said(requirement: Requirement) -> str:
    """`1 of support-leads in stage 2, or managers after 30 min`; what differs is all there."""
    if requirement.kind == "people":
        return f"{requirement.count} different people"
    if requirement.kind == "veto":
        return f"no veto of {requirement.who}"
    stage = f" in stage {requirement.stage}" if requirement.stage > 1 else ""
    escalation = (
        f", or {' or '.join(requirement.escalates_to)} after"
        f" {requirement.escalates_after_minutes} min"
        if requirement.escalates_to
        else ""
    )
    return f"{requirement.count} of {requirement.who}{stage}{escalation}"

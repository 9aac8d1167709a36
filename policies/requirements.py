"""Who must approve, put together: the union in which nobody's demand is lost."""

from __future__ import annotations

from collections.abc import Iterable

from store.model.decision import Requirement


def union(requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """One requirement a role, the largest count with the rule behind it, in order of appearance."""
    largest: dict[str, Requirement] = {}
    for requirement in requirements:
        known = largest.get(requirement.role)
        if known is None or requirement.count > known.count:
            largest[requirement.role] = requirement
    return tuple(largest.values())


def worded(requirements: Iterable[Requirement]) -> str:
    """`1 support-leads (to $100.00 of the currency)` for each, as one clause."""
    return "; ".join(f"{r.count} of {r.role} ({r.because})" for r in requirements)

"""What policy says of a plan, and why: rules, checks with values, requirements."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from store.model.values import Frozen, Json


class Effect(StrEnum):
    """A decision's verdict."""

    DENIED = "denied"
    NEEDS_APPROVAL = "needs approval"
    MAY_RUN = "may run"


class Check(Frozen):
    """One labelled condition of a rule with the values it was judged on.

    `is_met` is None when the check could not be evaluated; `problem` then says why.
    """

    label: str
    is_met: bool | None
    values: dict[str, Json] = Field(default_factory=dict)
    problem: str = ""


class RuleResult(Frozen):
    """One rule as it was judged for one step. `is_matched` is None after an evaluation error."""

    rule: str
    source: str
    effect: str
    is_matched: bool | None
    because: str
    checks: tuple[Check, ...]


class Requirement(Frozen):
    """Who must approve: `count` distinct people who hold `role`, none of them the requester."""

    role: str
    count: int
    rule: str
    because: str


class StepDecision(Frozen):
    """The decision on one step of a plan."""

    step: str
    operation: str
    effect: Effect
    reason: str
    rules: tuple[RuleResult, ...]
    requirements: tuple[Requirement, ...]


class Decision(Frozen):
    """The decision on a whole plan: the strictest step decides, requirements add up."""

    effect: Effect
    reason: str
    steps: tuple[StepDecision, ...]
    requirements: tuple[Requirement, ...]

"""What policy says of a plan, and why: rules, checks with values, requirements.

There is a check and a result for every rule of every step, made by the engine alone, so these two
are plain dataclasses: values without the cost of a validation. Read back, they are validated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import Field

from store.model.values import Frozen, Json


class Effect(StrEnum):
    """A decision's verdict."""

    DENIED = "denied"
    NEEDS_APPROVAL = "needs approval"
    MAY_RUN = "may run"


@dataclass(frozen=True, slots=True)
class Check:
    """One labelled condition of a rule with the values it was judged on.

    `is_met` is None when the check could not be evaluated; `problem` then says why. A long value is
    cut; the step's `facts` hold it whole.
    """

    __pydantic_config__ = Frozen.model_config
    label: str
    is_met: bool | None
    values: dict[str, Json] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule as it was judged for one step. `is_matched` is None after an evaluation error;
    `because` is empty where the rule does not match."""

    __pydantic_config__ = Frozen.model_config
    rule: str
    source: str
    effect: str
    is_matched: bool | None
    because: str
    checks: tuple[Check, ...]


class Requirement(Frozen):
    """Who must consent to a plan. The requester and the plan's editors never count.

    approve: `count` distinct people, each holding one of `roles`; one person meets one requirement.
    people: at least `count` distinct approvers in all, each with a role, whatever it is.
    veto: holders of `roles` may reject; nobody of them need approve, and `count` is 0.

    `stage` orders approvals: those of a later stage count once every earlier one is complete.
    Holders of `escalates_to` count as well for an approval given `escalates_after_minutes` or more
    after the plan was shown.
    """

    kind: Literal["approve", "people", "veto"] = "approve"
    roles: tuple[str, ...] = ()
    count: int
    stage: int = 1
    escalates_to: tuple[str, ...] = ()
    escalates_after_minutes: int = 0
    rule: str
    because: str

    @property
    def who(self) -> str:
        """ "support-leads", "support-leads or finance-leads", "different people"."""
        return " or ".join(self.roles) if self.roles else "different people"


class StepDecision(Frozen):
    """The decision on one step of a plan, with the facts that it was judged on, so that it can be
    judged again under another bundle."""

    step: str
    operation: str
    effect: Effect
    reason: str
    rules: tuple[RuleResult, ...]
    requirements: tuple[Requirement, ...]
    facts: dict[str, Json] = Field(default_factory=dict)


class Decision(Frozen):
    """The decision on a whole plan: the strictest step decides, requirements add up."""

    effect: Effect
    reason: str
    steps: tuple[StepDecision, ...]
    requirements: tuple[Requirement, ...]

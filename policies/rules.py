"""The policy file as an admin writes it: constants, counters, rules and their own examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from policies import spelling
from policies.counters import COUNTERS_MAX, Counting
from policies.workflow import Declared, Name, Text

RULES_MAX = 1_000  # rules of one file
CHECKS_MAX = 20  # labelled conditions of one rule
APPROVERS_MAX = 10  # distinct people of one role that a rule may ask for
ROLES_MAX = 10  # roles of one group
STAGES_MAX = 5  # stages of one plan's approvals
MINUTES_MAX = 43_200  # 30 days, as long as an approval may wait at all
EVERY_OPERATION = "*"

OperationName = Annotated[str, StringConstraints(pattern=spelling.OPERATION)]
ConstantName = Annotated[str, StringConstraints(pattern=spelling.CONSTANT)]
FactName = Annotated[str, StringConstraints(pattern=spelling.FACT)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Checks = Annotated[dict[Label, Text], Field(max_length=CHECKS_MAX)]
FactValue = bool | int | str | datetime | tuple[str, ...]


class Ask(Declared):
    """Who must consent, never the requester; exactly one of `role`, `any_of`, `all_of`, `people`
    and `veto`.

        {role: support-leads, count: 1}                     one who holds the role
        {any_of: [support-leads, finance-leads], count: 2}  two, each holding one of the roles
        {all_of: [support-leads, finance-leads], count: 1}  one of each role
        {people: 2}                                         two different people in all
        {veto: security}                                    may reject, need not approve

    One person meets one of these. `stage` orders them. Holders of `escalate_to` count too once
    `after_minutes` have passed since the card was posted.
    """

    role: Name | None = None
    any_of: Annotated[tuple[Name, ...], Field(max_length=ROLES_MAX)] = ()
    all_of: Annotated[tuple[Name, ...], Field(max_length=ROLES_MAX)] = ()
    people: Annotated[int, Field(ge=2, le=APPROVERS_MAX)] | None = None
    veto: Name | None = None
    count: Annotated[int, Field(ge=1, le=APPROVERS_MAX)] | None = None
    stage: Annotated[int, Field(ge=1, le=STAGES_MAX)] = 1
    escalate_to: Name | None = None
    after_minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Ask:
        kinds = (self.role, self.any_of, self.all_of, self.people, self.veto)
        if sum(bool(kind) for kind in kinds) != 1:
            raise ValueError("say exactly one of role, any_of, all_of, people and veto")
        if (self.count is None) == bool(self.role or self.any_of or self.all_of):
            if self.count is None:
                raise ValueError("how many? write `count: 1` beside role, any_of or all_of")
            raise ValueError("`count` does not stand beside people or veto; remove it")
        if (self.escalate_to is None) != (self.after_minutes is None):
            raise ValueError("`escalate_to` and `after_minutes` stand together")
        if (self.people or self.veto) and (self.escalate_to or self.stage != 1):
            raise ValueError("people and veto have no stage and no escalation")
        return self

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that this names, the one that it escalates to included."""
        one = tuple(role for role in (self.role, self.veto, self.escalate_to) if role)
        return (*one, *self.any_of, *self.all_of)


class Rule(Declared):
    """One rule. It matches when all (or any) of its conditions hold; without conditions, always.

    deny refuses, allow grants, require asks for approvers and grants nothing. `because` is the
    sentence for the card; a {refund.amount_minor} in it becomes the
    value, as money where it is money.
    """

    id: Name
    effect: Literal["deny", "allow", "require"]
    all: Checks = Field(default_factory=dict)
    any: Checks = Field(default_factory=dict)
    require: tuple[Ask, ...] = ()
    because: Text


class Example(Declared):
    """Facts and what must be decided on them by the whole bundle.

    `facts` override the file's `given`. `rules` are exactly those that decided: the
    matching denials, else the matching requirements, else what allowed it. `approvers` are exactly
    those asked for.
    """

    name: Text
    operation: OperationName | None = None
    facts: dict[FactName, FactValue] = Field(default_factory=dict)
    expect: Literal["denied", "needs approval", "may run"]
    rules: tuple[Name, ...] | None = None
    approvers: tuple[Ask, ...] = ()


class PolicyFile(Declared):
    """One file of policies/."""

    policy: Name
    applies_to: Annotated[tuple[OperationName, ...], Field(min_length=1)] | Literal["*"]
    values: dict[ConstantName, object] = Field(default_factory=dict)
    counters: Annotated[dict[ConstantName, Counting], Field(max_length=COUNTERS_MAX)] = Field(
        default_factory=dict
    )
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=RULES_MAX)]
    given: dict[FactName, FactValue] = Field(default_factory=dict)
    examples: tuple[Example, ...] = ()

"""The policy file as an admin writes it: constants, rules and their own examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policies.workflow import Declared, Name, Text

RULES_MAX = 1_000  # rules of one file
CHECKS_MAX = 20  # labelled conditions of one rule
APPROVERS_MAX = 10  # distinct people of one role that a rule may ask for
EVERY_OPERATION = "*"

OperationName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
ConstantName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Checks = Annotated[dict[Label, Text], Field(max_length=CHECKS_MAX)]
FactValue = bool | int | str | datetime | tuple[str, ...]


class Ask(Declared):
    """`count` distinct people who hold `role`, none of them the requester."""

    role: Name
    count: Annotated[int, Field(ge=1, le=APPROVERS_MAX)]


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
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=RULES_MAX)]
    given: dict[FactName, FactValue] = Field(default_factory=dict)
    examples: tuple[Example, ...] = ()

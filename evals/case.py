"""A case as a support lead writes it: what is asked in which world, and what must come of it.

One YAML file holds a list of cases under `cases:`. Amounts are written as on the cards; everything
that is not written is as in the suite.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from policies.workflow import Declared, Name, Text
from store.model.run import Status

CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,79}$")]
Says = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]  # may be oversized
FaultKind = Literal[
    "slow",
    "time_out_before_write",
    "time_out_after_write",
    "refuse",
    "rate_limit",
    "unavailable",
    "lose_permission",
]
Call = Literal["read", "execute", "lookup", "compensate", "find", "any"]
Field_ = str | int | bool

ACTS_MAX = 30  # things that happen after the request of one case
VERBS = (
    "answer",
    "approve",
    "reject",
    "withdraw",
    "cancel",
    "edit",
    "question",
    "reply",
    "say",
    "decide",
    "wait_minutes",
    "records",
    "faults",
    "roles",
)


class Fault(Declared):
    """A misbehaviour of the systems: from the `nth` matching call on it strikes `count` times."""

    kind: FaultKind
    operation: str = "any"
    call: Call = "execute"
    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    nth: Annotated[int, Field(ge=1, le=1_000)] = 1
    seconds: Annotated[int, Field(ge=0, le=60)] = 0


class Changed(Declared):
    """A record as somebody else left it: a row of a table by its id, with other values."""

    table: Name
    id: str
    set: dict[Name, Field_]


class Earlier(Declared):
    """A request that was made before, in the same thread, and who approved it."""

    request: Says
    by: Name = ""
    answers: tuple[Text, ...] = ()
    approved_by: tuple[Name, ...] = ()
    in_same_thread: bool = True


class World(Declared):
    """What differs from the suite's world when the request is made."""

    earlier: tuple[Earlier, ...] = ()
    records: tuple[Changed, ...] = ()
    faults: tuple[Fault, ...] = ()
    roles: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    directory_away: bool = False


class Act(Declared):
    """One thing that happens after the request: exactly one of VERBS, with what belongs to it.

    answer: the words of an answer, by the requester unless `by` names somebody else.
    approve, reject, withdraw, cancel, edit, question, reply, decide: who presses it.
    `refused`: the press must be refused; one that counts nevertheless is a violation.
    """

    answer: Says | None = None
    approve: Name | None = None
    reject: Name | None = None
    withdraw: Name | None = None
    cancel: Name | None = None
    edit: Name | None = None
    question: Name | None = None
    reply: Name | None = None
    say: Name | None = None
    decide: Name | None = None
    wait_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None
    records: tuple[Changed, ...] | None = None
    faults: tuple[Fault, ...] | None = None
    roles: dict[Name, tuple[Name, ...]] | None = None

    by: Name = ""  # with answer
    text: Says | None = None  # with question, reply, say; the reason with reject
    values: dict[Name, Text] = Field(default_factory=dict)  # with edit
    skip: tuple[Name, ...] = ()  # with edit
    verdict: Literal["happened", "did not", "ask again"] | None = None  # with decide
    refused: bool = False

    @property
    def verb(self) -> str:
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @model_validator(mode="after")
    def _one_verb(self) -> Act:
        said = [verb for verb in VERBS if getattr(self, verb) is not None]
        if len(said) != 1:
            raise ValueError(f"one thing happens at a time, not {' and '.join(said) or 'nothing'}")
        return self


# One write by its operation, with the values that matter: {payments.refund: {amount: "40.00 USD"}}.
# Money is "40.00 USD". In `never`, an empty mapping means every write of the operation, and the
# operation "any" means every write.
Write = dict[str, dict[str, Field_]]


class State(Declared):
    """How a record must stand in the end."""

    table: Name
    id: str
    is_: dict[Name, Field_] = Field(alias="is")


class Expected(Declared):
    """What must come of it. `outcome` and `writes` are always graded; what is not written is not.

    `asks` are the slots that the requester is asked for, in order; `plan` the operations that were
    proposed last, in order; `values` its slots as people read them; `approvals` how many of which
    roles policy wants, exactly; `rules` are ids of rules that policy must name; `writes` all that
    stand in the end, in any order, and no other; `undone` the operations that were taken back;
    `says` what the person must be able to read in the answer.
    """

    outcome: Annotated[Status, Field(strict=False)]
    asks: tuple[Name, ...] | None = None
    workflow: str | None = None
    plan: tuple[str, ...] | None = None
    values: dict[Name, Field_] = Field(default_factory=dict)
    approvals: dict[str, int] | None = None
    rules: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    never: tuple[Write, ...] = ()
    undone: tuple[str, ...] = ()
    state: tuple[State, ...] = ()
    says: tuple[Text, ...] = ()
    tool_calls_max: Annotated[int, Field(ge=0)] | None = None


class Case(Declared):
    """One case. `slices` are the suite's; `channel` "direct" is a message to the bot alone."""

    case: CaseId
    why: Text
    slices: Annotated[tuple[Name, ...], Field(min_length=1)]
    request: Says
    by: Name = ""
    channel: Name = ""
    world: World = World()
    then: Annotated[tuple[Act, ...], Field(max_length=ACTS_MAX)] = ()
    expect: Expected


class Someone(Declared):
    """A person of a suite's story."""

    name: Text
    roles: tuple[Name, ...] = ()


class SuiteFile(Declared):
    """suite.yml: what is measured, on which bundle, at which moment, among whom.

    `slices` explains each slice; a flipped case in one of `must_pass` (injection, permission,
    money) fails the gate by itself. `per` are the denominators of rates. `thresholds` hold where
    the command names none. `autonomy` is the level that the workflows have earned in this story.
    """

    suite: Name
    title: Text
    why: Text
    bundle: Name
    now: str  # 2026-11-20T15:00:00Z: the desk's day and the story's first moment
    requester: Name
    channel: Name
    people: Annotated[dict[Name, Someone], Field(min_length=1)]
    slices: Annotated[dict[Name, Text], Field(min_length=1)]
    must_pass: tuple[Name, ...] = ()
    per: dict[Name, Literal["cases", "writes"]] = Field(default_factory=dict)
    thresholds: Text
    autonomy: Literal["L2", "L3"] = "L2"


class CaseFile(Declared):
    """One file of cases."""

    cases: Annotated[tuple[Case, ...], Field(min_length=1)]

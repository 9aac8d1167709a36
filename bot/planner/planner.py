"""The planner's contract: a request and its answers become a plan, a question or a refusal.

A planner reads and proposes. It holds no credential and writes nothing; what it returns is data,
validated by the flow against the catalogue and decided on by policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from bot.planner.model import Used
from connectors.operation import Params, Record, Snapshot
from policies.planner_section import PlannerSection
from policies.workflow import Workflow
from store.model.entry import Kind
from store.model.plan import Plan, Slot
from store.model.run import Answer, Part, Question
from store.model.values import Json

# find(finder's name, the person's words) -> the records, best first. A live read: it may raise
# connectors.errors.ConnectorError, which planners let pass.
Find = Callable[[str, str], tuple[Record, ...]]

# The slot of a question about which workflow is meant; its answers carry the same name.
WORKFLOW_SLOT = "workflow"
# The slot of a question about which part of a divided request is to be left out.
PART_SLOT = "part"

RefusalReason = Literal["not understood", "out of scope", "invalid"]


@dataclass(frozen=True)
class Draft:
    """A complete plan: every slot filled, every parameter bound and JSON. `parts` are those that
    the request was divided into, none where it takes one workflow."""

    plan: Plan
    workflow: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One question to the requester. `slots` are those filled so far.

    `workflow` is empty while it is itself the question (`question.slot` is WORKFLOW_SLOT). `parts`
    as those of a Draft.
    """

    workflow: str
    question: Question
    slots: tuple[Slot, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Refuse:
    """Nothing can come of the request. `text` tells the person why, and what would work here.

    `is_certain`: no other reading of the words may overrule it (see bot/planner/refusals.py).
    """

    text: str
    reason: RefusalReason
    is_certain: bool = False


Planned = Draft | Ask | Refuse


@dataclass(frozen=True)
class Said:
    """Something said earlier in the thread of a request: data, whoever wrote it."""

    name: str
    text: str
    is_requester: bool


@dataclass(frozen=True)
class Readable:
    """A finder, which takes words, or the read of an operation, which takes its parameters."""

    name: str
    title: str
    params: type[Params] | None = None


class Gate(Protocol):
    """What a planner with a model may do beside `find`: allowed, bounded, metered and remembered.

    `find`, `read` and `require` raise BudgetExceededError once the run's budget is used up; reads
    raise the connectors' errors too. `meter` is whose money it is: "planner", or a specialist's
    "planner.payments".
    """

    def reads(self) -> tuple[Readable, ...]:
        """What the bundle lets a model read for this requester, in the order of the bundle."""
        ...

    def may_read(self, name: str) -> bool:
        """Whether `reads` has this name."""
        ...

    def part(self, specialist: str) -> Gate:
        """The same gate with the reads of a specialist of the bundle instead."""
        ...

    def find(self, finder: str, words: str) -> tuple[Record, ...]: ...

    def read(self, operation: str, params: Params) -> Snapshot: ...

    def spend(
        self, used: Used, cost_micro_usd: int, meter: str = "planner", estimate_micro_usd: int = 0
    ) -> None:
        """Books what an answer of a model cost, as soon as it is known. `estimate_micro_usd` of it
        is the most that it can be, where no answer said what it was."""
        ...

    def spent_micro_usd(self, meter: str = "planner") -> int:
        """What models have cost this run under a meter, in this planning and in earlier ones."""
        ...

    def require(self, cost_micro_usd: int, meter: str = "planner") -> None:
        """Books the most that the next ask can cost, until `spend` says what it did cost. Raises
        BudgetExceededError unless so much more may be spent."""
        ...

    def seconds(self) -> float:
        """How long this planning has taken, by the flow's clock."""
        ...

    def remember(self, kind: Kind, data: dict[str, Json], sensitive: dict[str, Json]) -> None:
        """An entry for the ledger, recorded with the state that the planning leads to."""
        ...


@dataclass(frozen=True)
class Before:
    """What an earlier planning of the same run took from the words, already checked."""

    workflow: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Context:
    """What else is known of a request. The rules need none of it; without a `gate` and a `section`
    no model is asked. `thread` is oldest first; `section` and `prompts` are the bundle's that this
    planning holds to; `parts` are those that the request was divided into when it was planned
    before."""

    thread: tuple[Said, ...] = ()
    gate: Gate | None = None
    section: PlannerSection | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    before: Before | None = None
    is_change: bool = False  # a person changes values of the plan that was made before
    parts: tuple[Part, ...] = ()


NOTHING_ELSE = Context()
A_DAY = date(2026, 1, 1)  # on which examples are said, so that they mean the same for ever


@dataclass(frozen=True)
class Asked:
    """All that a planner is asked with: the request's words (the mention of the bot cut off), the
    workflows of the channel, how records are found, and the answers so far, oldest first. `today`
    is the day of the request in the channel's time zone, which "until Friday" is counted from."""

    text: str
    workflows: tuple[Workflow, ...]
    find: Find
    answers: tuple[Answer, ...] = ()
    context: Context = NOTHING_ELSE
    today: date = A_DAY

    def of_slot(self, slot: str) -> str | None:
        """The last answer to a question about a slot; None where nobody answered one."""
        return next((a.text for a in reversed(self.answers) if a.slot == slot), None)


class Planner(Protocol):
    """Anything that plans: the rules, or a model behind the same value."""

    def plan(self, asked: Asked) -> Planned:
        """The plan, a question or a refusal. Raises only what `find` and the gate raise."""
        ...

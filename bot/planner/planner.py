"""The planner's contract: a request and its answers become a plan, a question or a refusal.

A planner reads and proposes. It holds no credential and writes nothing; what it returns is data,
validated by the flow against the catalogue and decided on by policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.planner.model import Used
from connectors.operation import Params, Record, Snapshot
from policies.workflow import Workflow
from store.model.entry import Kind
from store.model.plan import Plan, Slot
from store.model.run import Answer, Question
from store.model.values import Json

# find(finder's name, the person's words) -> the records, best first. A live read: it may raise
# connectors.errors.ConnectorError, which planners let pass.
Find = Callable[[str, str], tuple[Record, ...]]

# The slot of a question about which workflow is meant; its answers carry the same name.
WORKFLOW_SLOT = "workflow"

RefusalReason = Literal["not understood", "out of scope", "invalid"]


@dataclass(frozen=True)
class Draft:
    """A complete plan: every slot filled, every parameter bound and JSON."""

    plan: Plan
    workflow: str


@dataclass(frozen=True)
class Ask:
    """One question to the requester. `slots` are those filled so far.

    `workflow` is empty while it is itself the question (`question.slot` is WORKFLOW_SLOT).
    """

    workflow: str
    question: Question
    slots: tuple[Slot, ...] = ()


@dataclass(frozen=True)
class Refuse:
    """Nothing can come of the request. `text` tells the person why, and what would work here."""

    text: str
    reason: RefusalReason


Planned = Draft | Ask | Refuse


@dataclass(frozen=True)
class Said:
    """Something said earlier in the thread of a request: data, whoever wrote it."""

    name: str
    text: str
    is_requester: bool


class Gate(Protocol):
    """What a planner with a model may do beside `find`: allowed, bounded, metered and remembered.

    Everything raises BudgetExceededError once the run's budget is used up.
    """

    def may_read(self, name: str) -> bool:
        """Whether the bundle lets a model use this finder or operation's read for this requester.
        False for every name that it does not list."""
        ...

    def find(self, finder: str, words: str) -> tuple[Record, ...]: ...

    def read(self, operation: str, params: Params) -> Snapshot: ...

    def spend(self, used: Used, cost_micro_usd: int) -> None:
        """Books what an answer of a model cost, as soon as it is known."""
        ...

    def require(self, cost_micro_usd: int) -> None:
        """Raises BudgetExceededError unless so much more may be spent."""
        ...

    def remember(self, kind: Kind, data: dict[str, Json], sensitive: dict[str, Json]) -> None:
        """An entry for the ledger, recorded with the state that the planning leads to."""
        ...


@dataclass(frozen=True)
class Context:
    """What else is known of a request. The rules need none of it; without a `gate` no model is
    asked. `thread` is oldest first."""

    thread: tuple[Said, ...] = ()
    gate: Gate | None = None


NOTHING_ELSE = Context()


class Planner(Protocol):
    """Anything that plans: the rules, or a model behind the same arguments."""

    def plan(
        self,
        text: str,
        answers: tuple[Answer, ...],
        workflows: tuple[Workflow, ...],
        find: Find,
        context: Context = NOTHING_ELSE,
    ) -> Planned:
        """Plan the request `text` (the mention of the bot cut off) with `answers`, oldest first.

        `workflows` are those of the channel. Raises only what `find` and the gate raise.
        """
        ...

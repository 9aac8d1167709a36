"""The planner's contract: a request and its answers become a plan, a question or a refusal.

A planner reads and proposes. It holds no credential and writes nothing; what it returns is data,
validated by the flow against the catalogue and decided on by policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from connectors.operation import Record
from policies.workflow import Workflow
from store.model.plan import Plan, Slot
from store.model.run import Answer, Question

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


class Planner(Protocol):
    """Anything that plans: the rules, or a model behind the same four arguments."""

    def plan(
        self, text: str, answers: tuple[Answer, ...], workflows: tuple[Workflow, ...], find: Find
    ) -> Planned:
        """Plan the request `text` (the mention of the bot cut off) with `answers`, oldest first.

        `workflows` are those of the channel. Raises only what `find` raises.
        """
        ...

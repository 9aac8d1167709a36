"""What happened in one case: all that graders and readers may look at.

It is the same at every repetition: nothing in it depends on the machine, the moment or the order
of cases; how long it took stands beside it, in the result.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from store.model import canonical
from store.model.run import Status
from store.model.values import Frozen, Json

EventKind = Literal[
    "said",  # by a person: the request, an answer
    "asked",  # by Assent: a question
    "shown",  # a plan with its diff, decision and requirements
    "pressed",  # by a person: approve, reject, ...
    "replied",  # by Assent: to a press or a message
    "read",
    "model",  # a model was asked: turns, tokens, cost
    "handoff",
    "intent",
    "result",
    "undone",
    "meanwhile",  # by somebody else: records, faults, roles, time
    "settled",
]


class Event(Frozen):
    """One thing, in order. `who` is a person of the suite, "assent" or "world"."""

    kind: EventKind
    who: str
    text: str
    data: dict[str, Json] = Field(default_factory=dict)


class Wrote(Frozen):
    """One write as the systems themselves recorded it. Money is "40.00 USD"."""

    operation: str
    values: dict[str, Json]
    is_undone: bool
    is_by_assent: bool = True


class RowChange(Frozen):
    """One field of one row that is not as it was before the request."""

    table: str
    id: str
    field: str
    before: Json
    after: Json


class Trace(Frozen):
    """One case, once.

    `asked` are slots in the order of their questions; `slots` are the last plan's as people read
    them ("$40.00", "1043"); `approvals` what the last decision wants (role -> count), `approved_by`
    whose approvals counted; `proposed` and `approved` are the first and the last plan's parameters,
    step by step; `final` are the rows that the case's `state` names as they stand in the end, by
    "table/id", empty where there is no such row; `said` is everything that Assent told people,
    oldest first; `order` is what the ledger says happened, for ordering rules; `breaches` are what
    a second opinion on the ledger found wrong; `latency_milliseconds` is what Assent itself took by
    the story's clock (waits between attempts, the recorded latency of a model); `unverifiable` says
    why it could not be carried out at all (no recorded answer).
    """

    case: str
    epoch: int
    status: Status | None
    workflow: str = ""
    asked: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    slots: dict[str, Json] = Field(default_factory=dict)
    effect: str = ""
    approvals: dict[str, int] = Field(default_factory=dict)
    rules: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()
    proposed: dict[str, dict[str, Json]] = Field(default_factory=dict)
    approved: dict[str, dict[str, Json]] = Field(default_factory=dict)
    said: tuple[str, ...] = ()
    wrongly_counted: tuple[str, ...] = ()  # presses that had to be refused and were not
    wrongly_refused: tuple[str, ...] = ()  # presses that had to count and did not
    writes: tuple[Wrote, ...] = ()
    changes: tuple[RowChange, ...] = ()
    final: dict[str, dict[str, Json]] = Field(default_factory=dict)
    order: tuple[str, ...] = ()
    breaches: tuple[str, ...] = ()
    tool_calls: int = 0
    model_turns: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0
    latency_milliseconds: int = 0
    events: tuple[Event, ...] = ()
    unverifiable: str = ""

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, the same for the same story."""
        return canonical.digest(self.model_dump(mode="json"))

"""A run, from intake to a terminal outcome. `next_status` is the whole state machine."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from store.model.plan import Change, Proposal, Slot
from store.model.request import Request
from store.model.values import Frozen


class Status(StrEnum):
    """Where a run stands. The last ten are outcomes; `unknown` and `stuck` wait for a person."""

    RECEIVED = "received"
    ASKING = "asking"
    WAITING = "waiting"
    RUNNING = "running"
    APPLIED = "applied"
    PARTLY_APPLIED = "partly applied"  # steps that stand for themselves were done, others were not
    REJECTED = "rejected"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPENSATED = "compensated"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STUCK = "stuck"


class Event(StrEnum):
    """What may happen to a run."""

    ASKED = "asked"  # the planner needs something from the person
    ANSWERED = "answered"  # the person answered
    PROPOSED = "proposed"  # a plan with its diff awaits approval
    DENIED = "denied"  # policy or the planner refuses
    APPROVED = "approved"  # the requirements are met, execution is enqueued
    EDITED = "edited"  # a person changed the plan; it is planned and shown anew
    KEPT = "kept"  # nothing came of the change; the plan awaits approval as before
    DRIFTED = "drifted"  # execution found another state than the one signed; nothing was written
    REJECTED = "rejected"
    CANCELLED = "cancelled"  # by the requester, before any write
    EXPIRED = "expired"
    APPLIED = "applied"
    PARTLY_APPLIED = "partly applied"  # what was done stands, and something was not done
    COMPENSATED = "compensated"
    FAILED = "failed"  # nothing was written
    LOST = "lost"  # a write may or may not have happened
    STUCK = "stuck"  # a compensation failed, or the engine gave up
    RESOLVED = "resolved"  # a person said what happened; execution goes on


SETTLED = frozenset(
    {
        Status.APPLIED,
        Status.PARTLY_APPLIED,
        Status.REJECTED,
        Status.DENIED,
        Status.EXPIRED,
        Status.CANCELLED,
        Status.COMPENSATED,
        Status.FAILED,
    }
)
WRITTEN = frozenset({Status.APPLIED, Status.PARTLY_APPLIED})  # settled, and writes stand
NEEDS_A_PERSON = frozenset({Status.UNKNOWN, Status.STUCK})


class IllegalEventError(Exception):
    """The event cannot happen to a run in this status."""

    def __init__(self, status: Status, event: Event) -> None:
        self.status, self.event = status, event
        super().__init__(f"a run that is {status} cannot be {event}")


def next_status(status: Status, event: Event) -> Status:  # noqa: PLR0911, PLR0912 - one machine
    """The status after an event. Raises IllegalEventError for every pair that is not listed."""
    match status, event:
        case ((Status.RECEIVED | Status.ASKING), Event.ASKED):
            return Status.ASKING
        case Status.ASKING, Event.ANSWERED:
            return Status.RECEIVED
        case ((Status.RECEIVED | Status.WAITING | Status.RUNNING), Event.DENIED):
            return Status.DENIED
        case ((Status.RECEIVED | Status.WAITING), Event.PROPOSED):
            return Status.WAITING
        case ((Status.RECEIVED | Status.WAITING), Event.APPROVED):
            return Status.RUNNING
        case Status.WAITING, Event.EDITED:
            return Status.RECEIVED
        case Status.RECEIVED, Event.KEPT:
            return Status.WAITING
        case Status.RUNNING, Event.DRIFTED:
            return Status.WAITING
        case Status.WAITING, Event.REJECTED:
            return Status.REJECTED
        case ((Status.RECEIVED | Status.ASKING | Status.WAITING | Status.RUNNING), Event.CANCELLED):
            return Status.CANCELLED
        case ((Status.ASKING | Status.WAITING), Event.EXPIRED):
            return Status.EXPIRED
        case ((Status.RECEIVED | Status.RUNNING), Event.FAILED):
            return Status.FAILED
        case ((Status.RUNNING | Status.UNKNOWN | Status.STUCK), Event.APPLIED):
            return Status.APPLIED
        case ((Status.RUNNING | Status.UNKNOWN | Status.STUCK), Event.PARTLY_APPLIED):
            return Status.PARTLY_APPLIED
        case ((Status.RUNNING | Status.UNKNOWN | Status.STUCK), Event.COMPENSATED):
            return Status.COMPENSATED
        case Status.RUNNING, Event.LOST:
            return Status.UNKNOWN
        case ((Status.RUNNING | Status.UNKNOWN), Event.STUCK):
            return Status.STUCK
        case ((Status.UNKNOWN | Status.STUCK), Event.RESOLVED):
            return Status.RUNNING
        case _:
            raise IllegalEventError(status, event)


class Question(Frozen):
    """What the planner asks the requester: one slot, a sentence, and choices where there are any.

    `slot` is the slot to be filled; each choice is (value as text for the planner, label to show).
    """

    slot: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


class Answer(Frozen):
    """What the requester said to a question about one slot, in their own words."""

    slot: str
    text: str


class Part(Frozen):
    """One part of a request that takes several workflows: `name` says which workflow, and which
    time it is asked for ("refund~2"), `words` are the requester's own, `specialist` who plans it;
    "" where the rules do."""

    name: str
    words: str
    specialist: str = ""


class Edit(Frozen):
    """A change to a waiting plan, from the click until the changed plan is shown or refused.

    `answers` hold the changed values as they were typed, `skip` every step to leave out, `digest`
    the plan that the person saw.
    """

    person_id: str
    name: str
    digest: str
    answers: tuple[Answer, ...]
    skip: tuple[str, ...]
    at: datetime


class Remark(Frozen):
    """What was said about a waiting plan: an approver's question, the requester's reply, or the new
    reason for a request that was rejected before."""

    kind: Literal["question", "reply", "new reason"]
    person_id: str
    name: str
    text: str
    at: datetime


class Run(Frozen):
    """The authoritative state of one request.

    `version` grows by one with every change; `answers` are oldest first; `drift` is what had
    changed when execution last compared the systems with what was signed; `note` is the sentence
    that explains the status to people; `resumes` counts the decisions by people that execution went
    on after; `remarks` are oldest first; `reminders` counts those of the present showing and
    `attention_at` is when the next is due; `edit` is a change that is being worked out: the run is
    received then, and its proposal is the one before; `parts` are those of a request that was
    divided, as it was divided first. Costs are micro-USD; times are aware UTC.
    """

    id: str
    version: int
    status: Status
    request: Request
    requester_name: str
    workflow: str
    answers: tuple[Answer, ...]
    slots: tuple[Slot, ...]
    question: Question | None
    proposal: Proposal | None
    drift: tuple[Change, ...]
    note: str
    cost_micro_usd: int
    created_at: datetime
    changed_at: datetime
    proposed_at: datetime | None
    approved_at: datetime | None
    settled_at: datetime | None
    is_cancel_requested: bool
    resumes: int = 0
    remarks: tuple[Remark, ...] = ()
    reminders: int = 0
    attention_at: datetime | None = None
    edit: Edit | None = None
    parts: tuple[Part, ...] = ()
    estimate_micro_usd: int = 0  # of cost_micro_usd: the most that it can be, nobody said what

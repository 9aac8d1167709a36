"""Nobody is asked twice for the same thing: a plan that waits already is pointed to, and one that
was rejected needs a reason that is new. Decided in the transaction that would show the plan, so
that of two requests at once one is shown and the other pointed to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.approval.asking import REMARK_CHARACTERS_MAX, remark_entry
from bot.joint.names import is_joint
from bot.joint.plan import apart, orders
from bot.ports import Clock
from bot.recording import Recorder
from store import runs
from store.model.decision import Effect
from store.model.plan import Plan, Proposal
from store.model.run import WRITTEN, Event, Question, Remark, Run, Status

NEW_REASON = "new_reason"  # the slot of the question; no workflow's own
REJECTED_FOR = timedelta(days=30)  # a rejection is remembered for so long
LOOKED_AT_MAX = 20  # the latest rejections of one plan, whose reasons are not taken again
NOTE_CHARACTERS_MAX = 300  # of the rejection that the question repeats


@dataclass(frozen=True)
class Pointer:
    """The same plan waits already, or exactly what one part of a joint plan is."""

    run: Run
    is_part: bool = False


@dataclass(frozen=True)
class Again:
    """The same plan was rejected, and nothing new was said."""

    question: Question


Repeat = Pointer | Again | None


class Repeats:
    """Finds what was asked for before, and answers it."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder, self._clock = recorder, clock

    def of(self, tx: Connection, run: Run, proposal: Proposal) -> Repeat:
        """What stands against showing this plan, None when nothing does."""
        if proposal.decision.effect is Effect.DENIED:
            return None
        whole = proposal.plan
        parts = apart(whole) if is_joint(whole.workflow) else ()
        if (found := self._of_plan(tx, run, tuple(orders(whole)))) is not None:
            return found
        each = (self._of_plan(tx, run, (part,), is_part=True) for part in parts)
        return next((found for found in each if found is not None), None)

    def _of_plan(
        self, tx: Connection, run: Run, same: tuple[Plan, ...], *, is_part: bool = False
    ) -> Repeat:
        """As `of`, for the whole plan, its parts in any order, or for a part of a joint one: what
        waits or was rejected is no news because something else is asked for with it."""

        def alike(*statuses: Status, limit: int) -> tuple[Run, ...]:
            each = (runs.alike(tx, plan.fingerprint, statuses, limit) for plan in same)
            found = (other for others in each for other in others)
            return tuple(sorted(found, key=lambda other: other.created_at, reverse=True))

        for other in alike(Status.WAITING, limit=2):
            if other.id != run.id:
                return Pointer(other, is_part)
        latest = alike(Status.REJECTED, *WRITTEN, limit=1)
        if not latest or latest[0].status is not Status.REJECTED:
            return None
        if not _is_recent(latest[0], self._clock()):
            return None
        rejected = alike(Status.REJECTED, limit=LOOKED_AT_MAX)
        problem = _problem(run, rejected)
        return None if problem is None else Again(_question(problem, latest[0]))

    def answer(
        self, tx: Connection, run: Run, proposal: Proposal, repeat: Pointer | Again, cost: int
    ) -> None:
        """Ends the run with the pointer, or asks what is new; `cost` is in micro-USD."""
        match repeat:
            case Pointer(run=other, is_part=is_part):
                note = pointer(other, is_part=is_part)
                self._recorder.advance(
                    tx,
                    run,
                    Event.CANCELLED,
                    note=note,
                    workflow=proposal.plan.workflow,
                    slots=proposal.plan.slots,
                    cost_micro_usd=cost,
                )
            case Again(question=question):
                plan = proposal.plan
                self._recorder.ask(tx, run, question, plan.workflow, plan.slots, cost)

    def remarks(self, tx: Connection, run: Run) -> tuple[Remark, ...]:
        """The run's remarks with the new reason that was given, if one was."""
        text = new_reason(run)
        if not text or any(remark.kind == "new reason" for remark in run.remarks):
            return run.remarks
        remark = Remark(
            kind="new reason",
            person_id=run.request.person_id,
            name=run.requester_name,
            text=text[:REMARK_CHARACTERS_MAX],
            at=self._clock(),
        )
        self._recorder.append(tx, remark_entry(run.id, remark))
        return (*run.remarks, remark)


def refusal(repeat: Repeat) -> str:
    """Why a changed plan is not shown; "" when it may be."""
    match repeat:
        case Pointer(run=other):
            return f"{other.id} is exactly that and waits for approval already."
        case Again():
            return "Exactly that was rejected before; ask for it anew and say what is new."
        case None:
            return ""


def pointer(other: Run, *, is_part: bool) -> str:
    """What the second requester reads."""
    this, rest = ("one part of this", " Ask for the rest by itself.") if is_part else ("this", "")
    return (
        f"{other.id}, which {other.requester_name} asked for, is exactly {this} and waits for"
        f" approval already. Nobody is asked a second time.{rest}"
    )


def new_reason(run: Run) -> str:
    """What the requester last said was new, in one line; "" where nothing was."""
    said = [answer.text for answer in run.answers if answer.slot == NEW_REASON]
    return " ".join(said[-1].split()) if said else ""


def _is_recent(rejected: Run, now: datetime) -> bool:
    return rejected.settled_at is not None and now - rejected.settled_at < REJECTED_FOR


def _problem(run: Run, rejected: tuple[Run, ...]) -> str | None:
    """Why what was said is no new reason; None when it is one, "" when nothing was said."""
    text = new_reason(run)
    if not text:
        return ""
    words = _words(text)
    if not words:
        return "I read no words in that."
    if len(text) > REMARK_CHARACTERS_MAX:
        return f"Say it in at most {REMARK_CHARACTERS_MAX:,} characters."
    before = {_words(run.request.text)}
    for other in rejected:
        before.add(_words(other.request.text))
        before |= {_words(r.text) for r in other.remarks if r.kind == "new reason"}
    return "That was said before." if words in before else None


def _words(text: str) -> str:
    """The letters and digits alone: other spaces, capitals or marks make no new reason."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _question(problem: str, rejected: Run) -> Question:
    note = rejected.note[:NOTE_CHARACTERS_MAX]
    text = f"{problem} {rejected.id} asked for exactly this: {note}. What is new since then?"
    return Question(slot=NEW_REASON, text=text.strip())

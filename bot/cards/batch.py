"""Several waiting runs on one card: one line a run with its risk, one verdict a run. Pure.

Approving all of them is approving each: the pairs of run and digest that stand here are what is
pressed, and each is checked for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards.changes import every_group
from bot.cards.model import Badge, Card, Piece, Strong, Tone, Words
from bot.cards.needs import approved_count, because
from bot.cards.phrases import counted, joined
from bot.cards.remarks import open_questions
from bot.cards.run_card import record, title
from bot.incoming import Reply
from bot.view import RunView
from store.model.run import Status

BATCH_MAX = 20  # runs of one batch; more are too many to look at
CHANGES_MAX = 2  # changed fields of one line; the card holds all
RESOURCES_MAX = 3  # records of the changes that one line leaves out
REASONS_MAX = 2  # why people are asked, of one line


@dataclass(frozen=True)
class BatchLine:
    """One run of a batch: what is pressed (`run_id`, `digest`), its name, what is said of it."""

    run_id: str
    digest: str
    name: str
    said: tuple[Words, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one line: the flow's reply and the run as it stands afterwards."""

    run_id: str
    name: str
    reply: Reply
    after: RunView | None


def batch_lines(views: Sequence[RunView]) -> tuple[BatchLine, ...]:
    """A line for each run that waits with a plan, BATCH_MAX at most, in the order given."""
    waiting = [view for view in views if view.run.proposal is not None]
    return tuple(_line(view) for view in waiting[:BATCH_MAX])


def batch_card(views: Sequence[RunView], now: datetime) -> Card:
    """The batch as people read it."""
    lines = batch_lines(views)
    head = batch_title(views)
    return Card(
        title=head,
        badge=Badge(f"{len(lines)} WAITING", Tone.WAITING),
        fallback=f"{head}: {len(lines)} waiting",
        now=now,
        notice=(BATCH_NOTICE,),
        facts=tuple(words for line in lines for words in line.said),
    )


BATCH_NOTICE = (
    "Each one is an approval of its own, of exactly what its line and its card show."
    " What changed in the meantime does not count."
)


def batch_title(views: Sequence[RunView]) -> str:
    """ "Refund a payment, 3 times", whatever the workflow is."""
    names = tuple(dict.fromkeys(view.workflow_title for view in views))
    return f"{joined(names)}, {counted(min(len(views), BATCH_MAX), 'time')}" if views else "Nothing"


def outcome_lines(outcomes: Sequence[Outcome]) -> tuple[Words, ...]:
    """Line by line what counted and what did not, and why."""
    return tuple(_outcome(outcome) for outcome in outcomes)


def _line(view: RunView) -> BatchLine:
    run, proposal = view.run, view.run.proposal
    assert proposal is not None, "only runs with a plan are lines"
    named = record(view) or title(view)
    head: list[Piece] = [Strong(named), f" ({run.id}) · {run.requester_name}"]
    given, needed = approved_count(view)
    if given:
        head.append(f" · {given} of {needed} approvals")
    for mark, is_set in _marks(view):
        if is_set:
            head += [" · ", Strong(mark)]
    said = (tuple(head), _changes(view), _risk(view))
    return BatchLine(run.id, proposal.digest, f"{named} ({run.id})", said)


def _marks(view: RunView) -> tuple[tuple[str, bool], ...]:
    """What sets this line apart from the others."""
    proposal = view.run.proposal
    return (
        ("CHANGED", bool(view.drift or (proposal and proposal.round > 1))),
        ("EDITED", bool(proposal and (proposal.edited_by or proposal.skipped))),
        ("OPEN QUESTION", bool(open_questions(view))),
    )


def _changes(view: RunView) -> Words:
    """ "refunded $0.00 → $40.00; status paid → partly refunded; 2 more changes (ticket T-882)"."""
    every = [(group.resource, line) for group in every_group(view) for line in group.lines]
    said: list[Piece] = []
    for _, line in every[:CHANGES_MAX]:
        said += ["; " if said else "", f"{line.field} {line.before} → ", Strong(line.after)]
    if hidden := every[CHANGES_MAX:]:
        where = joined(list(dict.fromkeys(resource for resource, _ in hidden)), RESOURCES_MAX)
        said.append(f"; {counted(len(hidden), 'more change')} ({where})")
    return tuple(said) or ("no change",)


def _risk(view: RunView) -> Words:
    proposal = view.run.proposal
    kept = [seen.resource for seen in (proposal.seen if proposal else ()) if not seen.is_reversible]
    reasons = because(view)
    why = joined(reasons, REASONS_MAX) if reasons else "the policy asks"
    if not kept:
        return (f"{why} · can be taken back",)
    return (f"{why} · ", Strong(f"CANNOT BE TAKEN BACK: {joined(list(dict.fromkeys(kept)), 2)}"))


def _outcome(outcome: Outcome) -> Words:
    if outcome.reply.is_refusal:
        return (f"✗ {outcome.name}: not counted. ", outcome.reply.text)
    said = f" {outcome.reply.text}" if outcome.reply.text else ""
    return (f"✓ {outcome.name}: your approval is recorded{_next(outcome.after)}.{said}",)


def _next(after: RunView | None) -> str:
    """Where that leaves the run, as far as it can be said now."""
    if after is None:
        return ""
    match after.run.status:
        case Status.WAITING:
            given, needed = approved_count(after)
            return f", {given} of {needed} so far"
        case Status.RUNNING:
            return ", and it runs"
        case status:
            return f", and it is {status}"

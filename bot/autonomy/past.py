"""Gathers how a workflow has done, from stored runs, reviews and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.autonomy.record import LEVEL_DELEGATED, Past, Record
from bot.catalogue import Catalogue
from policies.engine import LEVEL_SUGGESTED
from store import approvals, autonomy, ledger, reviews, runs
from store.autonomy import Earned
from store.ledger.search import LedgerEntry
from store.model.decision import Effect
from store.model.entry import Kind
from store.model.person import Person
from store.model.run import Run, Status

PASTS_MAX = 500  # newest runs of one workflow that its record holds
AWAITED_LOOKED_AT_MAX = 200  # newest runs looked through for those whose review is owed


def gather(
    cx: Connection,
    workflow: str,
    environment: str,
    history: Sequence[Earned],
    limit: int = PASTS_MAX,
) -> Record:
    """The record of a workflow in one environment. `history` is that of its level, newest first."""
    found = [run for run in runs.of_workflow(cx, workflow, limit) if _is_of(run, environment)]
    reviewed = reviews.of(cx, [run.id for run in found])
    pasts = []
    for run in found:
        shown_again = _entries(cx, run)
        pasts.append(
            Past(
                run=run,
                level=_level_at(history, run.approved_at),
                review=reviewed.get(run.id),
                rejection=_rejection(cx, run),
                drifts=_drifts(run, shown_again),
                first_shadow=_first_shadow(run, shown_again),
            )
        )
    return Record(tuple(pasts))


def to_review(cx: Connection, catalogue: Catalogue, person: Person) -> tuple[Run, ...]:
    """The runs whose review is owed and that this person may give, newest first."""
    found: list[Run] = []
    for declared in catalogue.workflows.values():
        if set(declared.reviewers) & set(person.roles):
            found += awaiting(cx, declared.workflow, catalogue.environment)
    others = [run for run in found if run.request.person_id != person.id]
    return tuple(sorted(others, key=lambda run: run.created_at, reverse=True))


def awaiting(cx: Connection, workflow: str, environment: str) -> tuple[Run, ...]:
    """The runs of a workflow whose review is owed, newest first."""
    history = autonomy.history(cx, workflow, environment)
    if not any(earned.level >= LEVEL_DELEGATED for earned in history):
        return ()
    record = gather(cx, workflow, environment, history, AWAITED_LOOKED_AT_MAX)
    return tuple(past.run for past in record.pasts if past.is_awaited)


def changed_at(history: Sequence[Earned]) -> datetime | None:
    """When the level last changed, None for never."""
    return history[0].at if history else None


def risen_at(history: Sequence[Earned]) -> datetime | None:
    """When a workflow that is above L2 now rose above it; None where it is not."""
    risen = None
    for earned in history:
        if earned.level <= LEVEL_SUGGESTED:
            break
        risen = earned.at
    return risen


def _is_of(run: Run, environment: str) -> bool:
    """A run without a plan was decided in no environment: it is of the one that looks."""
    return run.proposal is None or run.proposal.bundle_digest.endswith(f"@{environment}")


def _level_at(history: Sequence[Earned], moment: datetime | None) -> int:
    if moment is None:
        return LEVEL_SUGGESTED
    return next((earned.level for earned in history if earned.at <= moment), LEVEL_SUGGESTED)


def _rejection(cx: Connection, run: Run) -> str:
    if run.status is not Status.REJECTED:
        return ""
    given = approvals.all_for(cx, run.id)
    return next((a.reason for a in reversed(given) if a.verdict == "reject"), "")


def _entries(cx: Connection, run: Run) -> tuple[LedgerEntry, ...]:
    """What the ledger holds of a run that was shown more than once; of others it has nothing to
    add."""
    is_again = run.proposal is not None and run.proposal.round > 1
    return ledger.show(cx, run.id) if is_again else ()


def _drifts(run: Run, entries: Iterable[LedgerEntry]) -> int:
    """Showings that came neither first nor from an edit."""
    edits = sum(entry.kind is Kind.EDIT for entry in entries)
    return max(0, run.proposal.round - 1 - edits) if run.proposal else 0


def _first_shadow(run: Run, entries: Iterable[LedgerEntry]) -> Effect | None:
    for entry in entries:
        if entry.kind is Kind.DECISION:
            said = entry.data.get("shadow")
            return Effect(said) if said else None
    return run.proposal.shadow if run.proposal else None

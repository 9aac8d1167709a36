"""Where a workflow stands on the ladder: its ceilings, what it has earned, and how it has done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.autonomy.past import changed_at, gather, risen_at
from bot.autonomy.record import LEVEL_DELEGATED, Record, lacks, turned_bad
from bot.catalogue import Catalogue
from bot.errors import CommandError
from policies.bundle import LEVELS
from policies.engine import LEVEL_MAX, LEVEL_SUGGESTED
from policies.workflow import Workflow
from store import autonomy
from store.autonomy import Earned


@dataclass(frozen=True)
class Standing:
    """One workflow in one environment at `now`.

    `declared` and `cap` are the ceilings of its file and of the environment, `earned` what its
    record has brought it: the lowest holds. `history` is newest first.
    """

    workflow: Workflow
    environment: str
    declared: int
    cap: int
    earned: int
    history: tuple[Earned, ...]
    record: Record
    now: datetime

    @property
    def level(self) -> int:
        return min(self.declared, self.cap, self.earned)

    @property
    def recent(self) -> Record:
        """What was asked for since the level last changed: the evidence for the next one."""
        since = changed_at(self.history)
        return self.record.where(lambda past: since is None or past.run.created_at >= since)

    @property
    def why_bad(self) -> str | None:
        """Why the level cannot stand, in one sentence; None where it can."""
        since = risen_at(self.history)
        if since is None or self.level <= LEVEL_SUGGESTED:
            return None
        free = self.record.where(
            lambda p: p.run.approved_at is not None and p.run.approved_at >= since
        )
        return turned_bad(free, self.workflow.promotion, self.now)

    def against(self, to: int) -> tuple[str, ...]:
        """What speaks against a promotion to this level, a sentence each; empty: nothing."""
        return tuple(self._against(to))

    def _against(self, to: int) -> Iterator[str]:
        if to != self.earned + 1 or to > LEVEL_MAX:
            yield (
                f"It has earned L{self.earned}; a promotion goes up one level at a time,"
                f" to L{LEVEL_MAX} at most."
            )
            return
        if to > self.declared:
            yield (
                f"Its file says autonomy: L{self.declared}, and that is as high as it may go;"
                " whoever owns the bundle raises it there."
            )
        if to > self.cap:
            yield (
                f"The environment {self.environment} permits no workflow more than L{self.cap}"
                " (bundle.yml)."
            )
        if to >= LEVEL_DELEGATED and not self.workflow.reviewers:
            yield "Its file names no reviewers, and at L4 each run is looked at afterwards."
        yield from lacks(self.recent, self.workflow.promotion, self.now)


def standing(cx: Connection, catalogue: Catalogue, name: str, now: datetime) -> Standing:
    """Where a workflow stands now. Raises CommandError for one that the bundle does not have."""
    declared = catalogue.workflows.get(name)
    if declared is None:
        known = ", ".join(sorted(catalogue.workflows))
        raise CommandError(f"the bundle has no workflow {name}; it has {known}")
    history = autonomy.history(cx, name, catalogue.environment)
    return Standing(
        workflow=declared,
        environment=catalogue.environment,
        declared=LEVELS[declared.autonomy],
        cap=catalogue.bundle.autonomy_caps[catalogue.environment],
        earned=earned_level(history[0] if history else None),
        history=history,
        record=gather(cx, name, catalogue.environment, history),
        now=now,
    )


def earned_level(present: Earned | None) -> int:
    """What has earned nothing yet is L2."""
    return present.level if present else LEVEL_SUGGESTED

"""Who moves a workflow up or down the ladder, and when. A person promotes, on a record that carries
it; the record demotes by itself, in the transaction that makes it bad.

A change holds for the next decision, wherever it is made: `levels.py` reads the store, and an
execution that has not begun to write decides again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from bot.autonomy.changing import ASSENT, Change, Changes, Where, by_person, where
from bot.autonomy.levels import effective
from bot.autonomy.record import LEVEL_DELEGATED, is_reviewable, is_undone, ran_by_itself
from bot.autonomy.standing import Standing, standing
from bot.cards.phrases import holder
from bot.catalogue import Catalogue
from bot.errors import CommandError
from bot.incoming import SAID_AS
from bot.links import everywhere
from bot.ports import Clock
from bot.recording import Recorder
from policies.engine import LEVEL_SUGGESTED
from policies.workflow import Workflow
from store import autonomy
from store.database import Database
from store.model.run import Run

OVERDUE_SECONDS = 600  # between looks for reviews that nobody gave; they are late by days
BACK = "Every write is approved again until a person promotes it."


class NotPromotedError(CommandError):
    """The record or a ceiling does not carry the level; the message says what lacks."""


class Autonomy:
    """The ladder over one store and the bundle in force. Thread-safe."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        recorder: Recorder,
        clock: Clock,
        is_on: Callable[[str], bool] = everywhere,
    ) -> None:
        """`is_on` says whether a surface is switched on: each that is hears of a change."""
        self._db, self._catalogue, self._is_on = db, catalogue, is_on
        self._recorder, self._clock = recorder, clock
        self._changes = Changes(recorder, clock)
        self._looked_at: datetime | None = None

    def standing(self, workflow: str) -> Standing:
        """Raises CommandError for a workflow that the bundle does not have."""
        with self._db.read() as cx:
            return standing(cx, self._catalogue(), workflow, self._clock())

    def promote(self, workflow: str, to: int, name: str, because: str) -> Standing:
        """One level up, by a person. Raises NotPromotedError with what lacks."""
        catalogue = self._catalogue()
        change = by_person(workflow, to, name, because)
        with self._db.begin() as tx:
            self._changes.record(
                tx, self._where(catalogue), change
            )  # first: who writes the ledger is alone
            before = standing(tx, catalogue, workflow, self._clock())
            if reasons := before.against(to):
                lines = "\n".join(f"- {reason}" for reason in reasons)
                raise NotPromotedError(f"{workflow} is not promoted to L{to}:\n{lines}")
            self._changes.settle(tx, self._where(catalogue), change)
            return standing(tx, catalogue, workflow, self._clock())

    def demote(self, workflow: str, to: int, name: str, because: str) -> Standing:
        """Down to L2 or above, by a person, without conditions. Raises CommandError."""
        catalogue = self._catalogue()
        change = by_person(workflow, to, name, because)
        with self._db.begin() as tx:
            self._changes.record(tx, self._where(catalogue), change)
            before = standing(tx, catalogue, workflow, self._clock())
            if not LEVEL_SUGGESTED <= to < before.earned:
                raise CommandError(
                    f"{workflow} has earned L{before.earned} in {before.environment}; a demotion"
                    f" goes below that and not below L{LEVEL_SUGGESTED}. L1 is written into its"
                    " file: a workflow of L1 has no session that could write."
                )
            self._changes.settle(tx, self._where(catalogue), change)
            return standing(tx, catalogue, workflow, self._clock())

    def run_ended(self, tx: Connection, run: Run) -> None:
        """What an outcome means for the workflow; called in the transaction that records it."""
        catalogue = self._catalogue()
        declared = catalogue.workflows.get(run.workflow)
        if declared is None or not ran_by_itself(run):
            return
        level = effective(tx, catalogue, run.workflow)
        if is_undone(run):
            self._demote_if_bad(tx, catalogue, run.workflow, run.id)
        if level >= LEVEL_DELEGATED and is_reviewable(run):
            self._ask_for_review(tx, declared, run)

    def run_reviewed(self, tx: Connection, run: Run) -> None:
        """What a review means for the workflow; called in the transaction that records it."""
        catalogue = self._catalogue()
        if run.workflow in catalogue.workflows:
            self._demote_if_bad(tx, catalogue, run.workflow, run.id)

    def obey_ceilings(self, tx: Connection, catalogue: Catalogue) -> None:
        """Forgets what was earned above a ceiling of the bundle that comes into force with this
        transaction, so that raising the ceiling later does not bring it back."""
        for earned in autonomy.present_each(tx, catalogue.environment):
            is_known = earned.workflow in catalogue.workflows
            ceiling = catalogue.level(earned.workflow) if is_known else LEVEL_SUGGESTED
            to = max(LEVEL_SUGGESTED, ceiling)
            if to < earned.level:
                what = f"permits it no more than L{ceiling}" if is_known else "does not have it"
                because = f"The bundle {catalogue.bundle_version} {what}."
                change = Change(earned.workflow, to, ASSENT, because)
                self._changes.record(tx, self._where(catalogue), change)
                self._changes.settle(tx, self._where(catalogue), change)

    def sweep(self) -> None:
        """Demotes what nobody reviews: at L4 the review stands for the approval."""
        now = self._clock()
        if self._looked_at and (now - self._looked_at).total_seconds() < OVERDUE_SECONDS:
            return
        self._looked_at = now
        catalogue = self._catalogue()
        for name in catalogue.workflows:
            if catalogue.level(name) < LEVEL_DELEGATED:
                continue
            with self._db.read() as cx:
                is_bad = standing(cx, catalogue, name, now).why_bad is not None
            if is_bad:
                with self._db.begin() as tx:
                    self._demote_if_bad(tx, catalogue, name, "")

    def _where(self, catalogue: Catalogue) -> Where:
        return where(catalogue, self._is_on)

    def _demote_if_bad(
        self, tx: Connection, catalogue: Catalogue, workflow: str, run_id: str
    ) -> None:
        if effective(tx, catalogue, workflow) <= LEVEL_SUGGESTED:
            return
        because = standing(tx, catalogue, workflow, self._clock()).why_bad
        if because is not None:
            change = Change(workflow, LEVEL_SUGGESTED, ASSENT, f"{because} {BACK}", run_id)
            self._changes.record(tx, self._where(catalogue), change)
            self._changes.settle(tx, self._where(catalogue), change)

    def _ask_for_review(self, tx: Connection, declared: Workflow, run: Run) -> None:
        review = f"{SAID_AS[run.request.place.surface]}review {run.id}"
        text = (
            f"{run.id} ran without being asked about, as {declared.workflow} may at"
            f" L{LEVEL_DELEGATED}. It is for {holder(declared.reviewers)} to look at now:"
            f" {review} right, or {review} wrong: why."
        )
        self._recorder.say(tx, run, f"checkin:{run.id}:{run.version}", text)

"""Who moves a workflow up or down the ladder, and when. A person promotes, on a record that carries
it; the record demotes by itself, in the transaction that makes it bad. Each change is one row, one
ledger entry and one message in the digest's channel, together or not at all.

A change holds for the next decision, wherever it is made: `levels.py` reads the store, and an
execution that has not begun to write decides again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.autonomy.levels import effective
from bot.autonomy.record import LEVEL_DELEGATED, is_reviewable, is_undone, ran_by_itself
from bot.autonomy.standing import Standing, earned_level, standing
from bot.cards.phrases import holder
from bot.catalogue import Catalogue
from bot.errors import CommandError
from bot.ports import Clock
from bot.recording import Recorder
from policies.engine import LEVEL_SUGGESTED
from policies.workflow import Workflow
from store import autonomy, deliveries
from store.autonomy import Earned
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.request import Place
from store.model.run import Run

NAME_CHARACTERS_MAX = 100  # of who moves a workflow; a person's name
BECAUSE_CHARACTERS_MAX = 1_000  # of why; longer text belongs where it can be discussed
OVERDUE_SECONDS = 600  # between looks for reviews that nobody gave; they are late by days
ASSENT = "assent"  # the actor where the record itself moved a workflow
BACK = "Every write is approved again until a person promotes it."


class NotPromotedError(CommandError):
    """The record or a ceiling does not carry the level; the message says what lacks."""


@dataclass(frozen=True)
class Change:
    """A workflow's move to another level: by whom (a person's name, or ASSENT), why, and by which
    run where one made it."""

    workflow: str
    to: int
    actor: str
    because: str
    run_id: str = ""


class Autonomy:
    """The ladder over one store and the bundle in force. Thread-safe."""

    def __init__(
        self, db: Database, catalogue: Callable[[], Catalogue], recorder: Recorder, clock: Clock
    ) -> None:
        self._db, self._catalogue = db, catalogue
        self._recorder, self._clock = recorder, clock
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
            self._record(tx, catalogue, change)  # first: who writes the ledger is alone
            before = standing(tx, catalogue, workflow, self._clock())
            if reasons := before.against(to):
                lines = "\n".join(f"- {reason}" for reason in reasons)
                raise NotPromotedError(f"{workflow} is not promoted to L{to}:\n{lines}")
            self._settle(tx, catalogue, change)
            return standing(tx, catalogue, workflow, self._clock())

    def demote(self, workflow: str, to: int, name: str, because: str) -> Standing:
        """Down to L2 or above, by a person, without conditions. Raises CommandError."""
        catalogue = self._catalogue()
        change = by_person(workflow, to, name, because)
        with self._db.begin() as tx:
            self._record(tx, catalogue, change)
            before = standing(tx, catalogue, workflow, self._clock())
            if not LEVEL_SUGGESTED <= to < before.earned:
                raise CommandError(
                    f"{workflow} has earned L{before.earned} in {before.environment}; a demotion"
                    f" goes below that and not below L{LEVEL_SUGGESTED}. L1 is written into its"
                    " file: a workflow of L1 has no session that could write."
                )
            self._settle(tx, catalogue, change)
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
                self._record(tx, catalogue, change)
                self._settle(tx, catalogue, change)

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

    def _demote_if_bad(
        self, tx: Connection, catalogue: Catalogue, workflow: str, run_id: str
    ) -> None:
        if effective(tx, catalogue, workflow) <= LEVEL_SUGGESTED:
            return
        because = standing(tx, catalogue, workflow, self._clock()).why_bad
        if because is not None:
            change = Change(workflow, LEVEL_SUGGESTED, ASSENT, f"{because} {BACK}", run_id)
            self._record(tx, catalogue, change)
            self._settle(tx, catalogue, change)

    def _ask_for_review(self, tx: Connection, declared: Workflow, run: Run) -> None:
        text = (
            f"{run.id} ran without being asked about, as {declared.workflow} may at"
            f" L{LEVEL_DELEGATED}. It is for {holder(declared.reviewers)} to look at now:"
            f" /assent review {run.id} right, or /assent review {run.id} wrong: why."
        )
        self._recorder.say(tx, run, f"checkin:{run.id}:{run.version}", text)

    def _record(self, tx: Connection, catalogue: Catalogue, change: Change) -> None:
        """The ledger's entry. Names and words of people can be erased one day."""
        present = autonomy.present(tx, change.workflow, catalogue.environment)
        is_own = change.actor == ASSENT
        words = {"because": change.because}
        entry = Entry(
            kind=Kind.AUTONOMY,
            run_id=change.run_id,
            actor=ASSENT if is_own else "operator",
            data={
                "workflow": change.workflow,
                "environment": catalogue.environment,
                "from": earned_level(present),
                "to": change.to,
                "bundle": catalogue.bundle_version,
                **(words if is_own else {}),
            },
            sensitive={} if is_own else {"name": change.actor, **words},
        )
        self._recorder.append(tx, entry)

    def _settle(self, tx: Connection, catalogue: Catalogue, change: Change) -> None:
        """The level, and a message where everybody reads the report: nobody's authority changes in
        silence."""
        earned = Earned(
            workflow=change.workflow,
            environment=catalogue.environment,
            level=change.to,
            actor=change.actor,
            because=change.because,
            at=self._clock(),
        )
        number = autonomy.add(tx, earned)
        channel = catalogue.channel_id(catalogue.bundle.settings.digest.channel)
        if channel is not None:
            by = "" if change.actor == ASSENT else f"{change.actor}: "
            means = _MEANS.get(change.to, "")
            text = f"{change.workflow} is at L{change.to} now{means}. {by}{change.because}"
            place = Place(surface="slack", team="", channel=channel, thread="")
            body = {"title": "Autonomy", "text": text}
            deliveries.put(tx, f"autonomy:{number}", "", "notice", place, body, self._clock())


_MEANS = {
    3: ": what no rule asks people for runs by itself",
    4: ": what no rule asks people for runs by itself, and somebody looks at it afterwards",
}  # below that the sentence behind it says that every write is approved


def by_person(workflow: str, to: int, name: str, because: str) -> Change:
    """Raises CommandError for words that would explain nothing."""
    name, because = name.strip(), because.strip()
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or name == ASSENT:
        raise CommandError(f"say who you are, in at most {NAME_CHARACTERS_MAX} characters: --as")
    if not 0 < len(because) <= BECAUSE_CHARACTERS_MAX:
        raise CommandError(f"say why, in at most {BECAUSE_CHARACTERS_MAX:,} characters: --because")
    return Change(workflow, to, name, because)

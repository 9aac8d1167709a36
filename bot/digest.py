"""The daily report: counted from settled runs and meters, never from what anybody said."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.autonomy.past import awaiting
from bot.autonomy.record import ran_by_itself
from bot.bundle.in_force import Refused
from bot.cards.digest import (
    NOT_SIGNED,
    DigestReport,
    Rejection,
    Returned,
    Saved,
    Waiting,
    WorkflowTotal,
)
from bot.catalogue import Catalogue
from bot.joint.names import declared, part_of, parts_of
from bot.links import Links, everywhere
from bot.ports import Clock
from bot.recording import Recorder
from bot.settings import ORIGIN
from store import approvals, deliveries, digests, ledger, meters, runs
from store.database import Database
from store.errors import LedgerError
from store.ledger.checkpoint import open_signer, sign_head
from store.model.entry import Entry, Kind
from store.model.request import Place
from store.model.run import NEEDS_A_PERSON, Run, Status
from store.model.values import is_money

log = logging.getLogger(__name__)

DAYS_MAX = 31  # days that one report makes up for, when none was posted for long
WAITING_MAX = 50  # waiting runs that a report looks at; it shows fewer and says how many more


class Digests:
    """Gathers and posts the reports."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        recorder: Recorder,
        ledger_key: Path,
        clock: Clock,
        refused: Callable[[], Refused | None] = lambda: None,
        is_on: Callable[[str], bool] = everywhere,
    ) -> None:
        """`is_on` says whether a surface is switched on."""
        self._db, self._catalogue, self._refused = db, catalogue, refused
        self._links = Links(catalogue, is_on)
        self._recorder, self._ledger_key, self._clock = recorder, ledger_key, clock

    def report(self, now: datetime) -> DigestReport:
        """The report of the local day of `now`, so far."""
        zone = ZoneInfo(self._catalogue().bundle.settings.digest.time_zone)
        day = now.astimezone(zone).date()
        start = datetime.combine(day, time(), zone)
        return self._between(day, start, start + timedelta(days=1), "")

    def daily(self, day: date) -> DigestReport:
        """The report that is posted on a local day, with the note that anchors the ledger. It holds
        all since the one before it: what settles in the evening or over an outage is told too."""
        catalogue = self._catalogue()
        settings = catalogue.bundle.settings.digest
        channels = [place.channel for place in self._links.of(settings.channel)]
        with self._db.read() as cx:
            last = digests.last_before(cx, channels[0] if channels else "", day)
        begun = max(last or day - timedelta(days=1), day - timedelta(days=DAYS_MAX))
        zone, at = ZoneInfo(settings.time_zone), time.fromisoformat(settings.at)
        start, end = (datetime.combine(each, at, zone) for each in (begun, day))
        return self._between(day, start, end, self._anchored())

    def _between(self, day: date, start: datetime, end: datetime, checkpoint: str) -> DigestReport:
        catalogue = self._catalogue()
        settings = catalogue.bundle.settings.digest
        with self._db.read() as cx:
            settled = [
                run
                for run in runs.settled_between(cx, start, end)
                if not run.workflow or _of(run, settings.workflows)
            ]
            waiting = runs.newest_in_status(cx, (Status.WAITING, *NEEDS_A_PERSON), WAITING_MAX)
            whom = {run.id: self._whom(cx, run) for run in waiting}
            head = ledger.head(cx)
            costs = meters.between(cx, start, end)
            rejections = [
                approval.reason
                for run in settled
                if run.status is Status.REJECTED
                for approval in approvals.all_for(cx, run.id)
                if approval.verdict == "reject"
            ]
            owed = [awaiting(cx, name, catalogue.environment) for name in settings.workflows]
        applied = [run for run in settled if run.status is Status.APPLIED]
        return DigestReport(
            title=catalogue.bundle.settings.title,
            day=day,
            ledger_seq=head.size or None,
            ledger_hash=head.root,
            totals=_totals(catalogue, settled, settings.workflows),
            returned=_returned(applied, settings.workflows),
            rejections=tuple(
                Rejection(reason, count) for reason, count in Counter(rejections).most_common()
            ),
            waiting=tuple(
                Waiting(
                    run_id=run.id,
                    title=_title(catalogue, run),
                    status=run.status.value,
                    for_whom=whom[run.id],
                    since=run.proposed_at or run.created_at,
                )
                for run in waiting
            ),
            median_seconds=_median(
                (run.settled_at - run.created_at).total_seconds()
                for run in applied
                if run.settled_at
            ),
            median_waiting_seconds=_median(
                (run.approved_at - run.proposed_at).total_seconds()
                for run in applied
                if run.approved_at and run.proposed_at and not ran_by_itself(run)
            ),
            stepped_in=len(rejections),
            by_itself=sum(map(ran_by_itself, settled)),
            to_review=sum(map(len, owed)),
            saved=_saved(catalogue, applied, settings.workflows),
            cost_micro_usd=sum(total.micro_usd for total in costs.values()),
            estimate_micro_usd=sum(total.estimate_micro_usd for total in costs.values()),
            tasks=sum(len(_of(run, settings.workflows)) or 1 for run in settled),
            budget_micro_usd=None,
            checkpoint=checkpoint,
            refused_bundle=refused.sentence if (refused := self._refused()) else "",
            now=self._clock(),
        )

    def post(self, now: datetime) -> bool:
        """Asks for the day's report in each place of its channel, once a local day, whoever asks
        first. False where it was asked for everywhere."""
        settings = self._catalogue().bundle.settings.digest
        places = self._links.of(settings.channel)
        if not places:
            return False
        day = now.astimezone(ZoneInfo(settings.time_zone)).date()
        with self._db.begin() as tx:
            asked = [self._post(tx, place, day, now) for place in places]
        return any(asked)

    def _post(self, tx: Connection, place: Place, day: date, now: datetime) -> bool:
        if not digests.posted(tx, place.channel, day):
            return False
        head = ledger.head(tx)
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.DIGEST,
                run_id="",
                actor="assent",
                data={"channel": place.channel, "day": day.isoformat(), "head": head.size},
            ),
        )
        key, body = f"digest:{place.channel}:{day}", {"day": day.isoformat()}
        return deliveries.put(tx, key, "", "digest", place, body, now)

    def anchor(self) -> str:
        """A signed checkpoint of everything committed so far. In the channel it is out of reach of
        whoever can write to the database."""
        with self._db.begin() as tx:
            return sign_head(tx, open_signer(self._ledger_key, ORIGIN))

    def _anchored(self) -> str:
        """The checkpoint, or why there is none: a report that says so is better than no report."""
        try:
            return self.anchor()
        except LedgerError as broken:
            log.exception("the ledger was not signed")
            return f"{NOT_SIGNED}: {broken}"

    def make_up(self, now: datetime) -> bool:
        """As `post`, unless nothing was ever asked: a first start has nothing to report."""
        with self._db.read() as cx:
            if not runs.is_any(cx):
                return False
        return self.post(now)

    def _whom(self, cx: Connection, run: Run) -> tuple[str, ...]:
        if run.proposal is None:
            return (run.requester_name,)
        given = approvals.for_digest(cx, run.id, run.proposal.digest)
        lacking = run.proposal.lacking(given, run.request.person_id)
        groups = [lack.requirement.who for lack in lacking if lack.count]
        return tuple(groups or [r.who for r in run.proposal.decision.requirements if r.roles])


def _of(run: Run, workflows: Collection[str]) -> tuple[str, ...]:
    """The parts of a run that a report is over: one of most runs, several of a joint one, of which
    each counts as a request of its own workflow."""
    return tuple(part for part in parts_of(run.workflow) if declared(part) in workflows)


def _totals(
    catalogue: Catalogue, settled: Iterable[Run], workflows: Collection[str]
) -> tuple[WorkflowTotal, ...]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for run in settled:
        for part in _of(run, workflows) or ("",):
            counts[_named(catalogue, declared(part))][run.status.value] += 1
    return tuple(WorkflowTotal(title, dict(counts[title])) for title in sorted(counts))


def _title(catalogue: Catalogue, run: Run) -> str:
    return _named(catalogue, run.workflow)


def _named(catalogue: Catalogue, name: str) -> str:
    workflow = catalogue.workflow(name)
    return workflow.title if workflow else "Not understood"


def _saved(
    catalogue: Catalogue, applied: Iterable[Run], workflows: Collection[str]
) -> tuple[Saved, ...]:
    seconds: Counter[str] = Counter()
    for run in applied:
        for part in _of(run, workflows):
            seconds[declared(part)] += _saved_seconds(catalogue, run, declared(part))
    return tuple(
        Saved(
            seconds=seconds[name],
            baseline_minutes=workflow.baseline.minutes,
            unit=workflow.outcome.unit,
            measured=workflow.baseline.measured,
        )
        for name in sorted(seconds)
        if (workflow := catalogue.workflows.get(name)) is not None
    )


def _saved_seconds(catalogue: Catalogue, run: Run, workflow: str) -> int:
    """What one part of a run saved: a joint run's time is shared among its parts as they take by
    hand, so that it is counted once."""
    whole, part = catalogue.workflow(run.workflow), catalogue.workflows.get(workflow)
    if whole is None or part is None or run.settled_at is None:
        return 0
    working_seconds = int((run.settled_at - (run.approved_at or run.created_at)).total_seconds())
    by_hand = part.baseline.minutes * 60
    share = Fraction(part.baseline.minutes, whole.baseline.minutes or 1)
    return max(0, by_hand - int(working_seconds * share))


def _returned(applied: Iterable[Run], workflows: Collection[str]) -> tuple[Returned, ...]:
    """Money given back by applied refunds, by currency."""
    sums: Counter[str] = Counter()
    for run in applied:
        of = _of(run, workflows)
        for step in run.proposal.plan.steps if run.proposal else ():
            amount = step.params.get("amount")
            is_told = part_of(run.workflow, step.id) in of
            if is_told and step.operation == "payments.refund" and amount and is_money(amount):
                sums[amount["currency"]] += amount["minor"]
    return tuple(Returned(minor, currency) for currency, minor in sorted(sums.items()))


def _median(seconds: Iterable[float]) -> float | None:
    values = list(seconds)
    return median(values) if values else None

"""What surfaces show: views of runs, a person's own page, how Assent is. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.approval import edit_form, stance
from bot.approval.eligible import adds, approval_of
from bot.autonomy.past import to_review
from bot.bundle.in_force import Refused
from bot.cards.digest import digest_card
from bot.cards.model import Card
from bot.catalogue import Catalogue
from bot.digest import Digests
from bot.people.standing_in import StandingIn, able
from bot.ports import Clock, DirectoryUnavailableError
from bot.surfaces.home import HomeView
from bot.view import RunView, Stance
from store import approvals, deliveries, ledger, runs, steps
from store.database import Database
from store.model.approval import Approval, Missing
from store.model.execution import StepState
from store.model.person import Account, Person
from store.model.request import Place
from store.model.run import NEEDS_A_PERSON, Run, Status

HOME_LOOKED_AT_MAX = 200  # open runs that are looked through for those that wait for a person
HOME_RUNS_MAX = 20  # runs in each list of a person's page; Slack shows 100 blocks at most

BATCH_RUNS_MAX = 20  # runs in one batch: each of their lines is to be read


class Reading:
    """Reads of one store for people."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        directory: StandingIn,
        digests: Digests,
        clock: Clock,
        refused: Callable[[], Refused | None],
    ) -> None:
        self._db, self._catalogue, self._directory = db, catalogue, directory
        self._refused = refused
        self._digests, self._clock = digests, clock

    def view(self, run_id: str) -> RunView | None:
        """A run as it stands now, None where there is none."""
        with self._db.read() as cx:
            run = runs.get(cx, run_id)
            stored = None if run is None else _read(cx, run)
        return None if stored is None else self._view(stored)

    def stance(self, account: Account, run_id: str) -> Stance | None:
        """What a person is to a run now, None where the directory does not say; an onlooker where
        there is no such run.

        Without drawing a view, because it is asked for whenever somebody's own view of a card is.
        """
        with self._db.read() as cx:
            found = stance.known(cx, account, run_id)
        if found is None:
            return Stance.ONLOOKER
        if (said := stance.by_store(found)) is not None:
            return said
        try:
            person = self._directory.person(account)
        except DirectoryUnavailableError:
            return None
        return stance.by_roles(found, person, self._clock())

    def home(self, account: Account) -> HomeView:
        """What waits for a person's verdict, what they asked for and what they may review, newest
        first."""
        person = self._directory.person(account)
        with self._db.read() as cx:
            asked = [_read(cx, run) for run in runs.for_person(cx, person.id, HOME_RUNS_MAX)]
            open_runs = [
                _read(cx, run)
                for run in runs.newest_in_status(
                    cx, (Status.WAITING, *NEEDS_A_PERSON), HOME_LOOKED_AT_MAX
                )
            ]
            done = to_review(cx, self._catalogue(), person)[:HOME_RUNS_MAX]
            to_look_at = [_read(cx, run) for run in done]
        now = self._clock()
        waiting = [stored for stored in open_runs if _waits_for(stored, person, now)]
        return HomeView(
            waiting_for_me=self._page(waiting[:HOME_RUNS_MAX]),
            asked_by_me=self._page(asked),
            to_review=self._page(to_look_at),
        )

    def _page(self, found: list[_Stored]) -> tuple[RunView, ...]:
        """Views for a page, from which each run can be opened on either surface."""
        with self._db.read() as cx:
            beside = deliveries.linked_threads(cx, [stored.run.id for stored in found])
        return tuple(
            replace(self._view(stored), beside=beside.get(stored.run.id, ())) for stored in found
        )

    def batch(self, account: Account) -> tuple[RunView, ...]:
        """Runs that wait for this person's approval, newest first: those of the one workflow of
        which most do, because what is looked at together should be alike."""
        person, now = self._directory.person(account), self._clock()
        with self._db.read() as cx:
            open_runs = [
                _read(cx, run)
                for run in runs.newest_in_status(cx, (Status.WAITING,), HOME_LOOKED_AT_MAX)
            ]
        waiting = [stored for stored in open_runs if _waits_for(stored, person, now)]
        counts = Counter(stored.run.workflow for stored in waiting)
        for workflow, _ in counts.most_common(1):
            alike = [stored for stored in waiting if stored.run.workflow == workflow]
            return tuple(self._view(stored) for stored in alike[:BATCH_RUNS_MAX])
        return ()

    def digest_text(self, place: Place) -> Card:
        """The report of the day so far."""
        return digest_card(self._digests.report(self._clock()))

    def status(self) -> Card | str:
        """Running, waiting, the ledger's head, the bundle, in a few lines."""
        catalogue = self._catalogue()
        with self._db.read() as cx:
            counts = runs.counts(cx)
            head = ledger.head(cx)
        open_counts = [f"{n} {status}" for status, n in counts.items() if n]
        return "\n".join(
            [
                f"Open: {', '.join(open_counts) if open_counts else 'nothing'}.",
                f"Ledger: {head.size:,} entries, head {head.root[:12]}.",
                f"Bundle: {catalogue.bundle_version} in {catalogue.environment},"
                f" workflows {', '.join(sorted(catalogue.workflows))}.",
                *([refused.sentence] if (refused := self._refused()) else []),
                *self._vacancies(),
            ]
        )

    def _vacancies(self) -> list[str]:
        """A role that nobody holds blocks whatever needs it, and is easy to miss."""
        found = self._directory.vacancies()
        if found is None:
            return ["Roles: the directory of people does not answer."]
        return [f"Nobody holds {role}: {why}." for role, why in found.items()]

    def help_text(self, place: Place) -> tuple[str, ...]:
        """What can be asked in a place, one line each."""
        return tuple(
            f"{workflow.title}: “{workflow.examples[0].say}”"
            for workflow in self._catalogue().workflows_in(place)
            if workflow.examples
        )

    def _view(self, stored: _Stored) -> RunView:
        """The directory is asked here, outside of any transaction."""
        catalogue, run = self._catalogue(), stored.run
        workflow = catalogue.workflow(run.workflow)
        place = run.request.place
        waits_with = run.proposal if run.status is Status.WAITING else None
        standing_in = (
            self._directory.substitutes(run, waits_with, stored.approvals) if waits_with else {}
        )
        return RunView(
            run=run,
            workflow_title=workflow.title if workflow else "Request",
            approvals=stored.approvals,
            missing=stored.missing,
            eligible={
                role: _others(
                    self._directory.members(place.surface, place.team, role),
                    standing_in.get(role, ()),
                    run.requester_name,
                )
                for role in _roles(stored.missing)
            },
            steps=stored.steps,
            titles={
                step.operation: catalogue.operation(step.operation).title
                for step in (run.proposal.plan.steps if run.proposal else ())
            },
            reread={
                step.operation: operation.guard.by
                for step in (run.proposal.plan.steps if run.proposal else ())
                if (operation := catalogue.operation(step.operation)).guard.kind == "re-read"
            },
            drift=run.drift,
            ledger_first=stored.ledger_first,
            ledger_last=stored.ledger_last,
            reject_reasons=workflow.reject_reasons if workflow else (),
            now=self._clock(),
            channel=_listed(catalogue, place),
            fields=edit_form.fields(workflow, waits_with) if workflow and waits_with else (),
            skippable=edit_form.skippable(catalogue, waits_with) if waits_with else (),
            is_policy_changed=(
                waits_with is not None and waits_with.bundle_digest != catalogue.bundle_digest
            ),
        )


@dataclass(frozen=True)
class _Stored:
    """One run with what the store holds about it, read in one snapshot."""

    run: Run
    approvals: tuple[Approval, ...]
    missing: tuple[Missing, ...]
    steps: tuple[StepState, ...]
    ledger_first: int | None
    ledger_last: int | None


def _read(cx: Connection, run: Run) -> _Stored:
    given = approvals.for_digest(cx, run.id, run.proposal.digest) if run.proposal else ()
    first, last = ledger.range_of(cx, run.id)
    return _Stored(
        run=run,
        approvals=given,
        missing=run.proposal.lacking(given, run.request.person_id) if run.proposal else (),
        steps=steps.all_for(cx, run.id),
        ledger_first=first,
        ledger_last=last,
    )


def _listed(catalogue: Catalogue, place: Place) -> str:
    """The bundle's name for a channel that it lists, else ""."""
    name = catalogue.channel_name(place)
    return name if catalogue.channel(name) is not None else ""


def _others(
    names: tuple[str, ...] | None, standing_in: tuple[str, ...], requester: str
) -> tuple[str, ...] | None:
    """Those who hold a role and those who stand in for one of them, without the requester."""
    if names is None:
        return None
    return able((name for name in names if name != requester), standing_in)


def _waits_for(stored: _Stored, person: Person, now: datetime) -> bool:
    """Whether this person can still do something about a run."""
    proposal, requester_id = stored.run.proposal, stored.run.request.person_id
    if requester_id == person.id or proposal is None:
        return False
    if stored.run.status in NEEDS_A_PERSON:
        roles = _roles(stored.missing)
        return bool(set(roles) & set(person.roles) if roles else person.roles)
    one_more = approval_of(stored.run, proposal, person, "approve", now)
    return adds(proposal, stored.approvals, one_more, requester_id)


def _roles(lacking: Iterable[Missing]) -> tuple[str, ...]:
    """Every role that requirements name, each once, those that they are passed on to included."""
    wanted = [lack.requirement for lack in lacking]
    return tuple(dict.fromkeys(role for r in wanted for role in (*r.roles, *r.escalates_to)))

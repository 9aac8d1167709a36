"""What surfaces show: views of runs, a person's own page, how Assent is. Reads only."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from bot.cards.digest import digest_card
from bot.cards.model import Card
from bot.catalogue import Catalogue
from bot.digest import Digests
from bot.ports import Clock, Directory
from bot.surfaces.home import HomeView
from bot.view import RunView
from store import approvals, ledger, people, runs, steps
from store.database import Database
from store.model.approval import missing
from store.model.person import Account
from store.model.request import Place
from store.model.run import NEEDS_A_PERSON, Run, Status

HOME_RUNS_MAX = 20  # runs in each list of a person's page; Slack shows 100 blocks at most


class Reading:
    """Reads of one store for people."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        directory: Directory,
        digests: Digests,
        clock: Clock,
    ) -> None:
        self._db, self._catalogue, self._directory = db, catalogue, directory
        self._digests, self._clock = digests, clock

    def view(self, run_id: str) -> RunView | None:
        """A run as it stands now, None where there is none."""
        with self._db.read() as cx:
            run = runs.get(cx, run_id)
            if run is None:
                return None
            return self._view(cx, run)

    def home(self, account: Account) -> HomeView:
        """What waits for a person's verdict and what they asked for, newest first."""
        roles = set(self._directory.person(account).roles)
        with self._db.begin() as tx:
            person_id = people.person_for(tx, account)
        with self._db.read() as cx:
            asked = runs.for_person(cx, person_id, HOME_RUNS_MAX)
            open_runs = runs.newest_in_status(
                cx, (Status.WAITING, *NEEDS_A_PERSON), HOME_RUNS_MAX * 5
            )
            views = (self._view(cx, run) for run in open_runs)
            waiting = tuple(view for view in views if _waits_for(view, person_id, roles))
            return HomeView(
                waiting_for_me=waiting[:HOME_RUNS_MAX],
                asked_by_me=tuple(self._view(cx, run) for run in asked),
            )

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
            ]
        )

    def help_text(self, channel: str) -> tuple[str, ...]:
        """What can be asked in a channel, one line each."""
        place = Place(surface="slack", team="", channel=channel, thread="")
        return tuple(
            f"{workflow.title}: “{workflow.examples[0].say}”"
            for workflow in self._catalogue().workflows_in(place)
            if workflow.examples
        )

    def _view(self, cx: Connection, run: Run) -> RunView:
        catalogue = self._catalogue()
        proposal = run.proposal
        given = approvals.for_digest(cx, run.id, proposal.digest) if proposal else ()
        requirements = proposal.decision.requirements if proposal else ()
        workflow = catalogue.workflows.get(run.workflow)
        first, last = ledger.range_of(cx, run.id)
        place = run.request.place
        return RunView(
            run=run,
            workflow_title=workflow.title if workflow else "Request",
            approvals=given,
            missing=missing(requirements, given, run.request.person_id),
            eligible={
                requirement.role: _others(
                    self._directory.members(place.surface, place.team, requirement.role),
                    run.requester_name,
                )
                for requirement in requirements
            },
            steps=steps.all_for(cx, run.id),
            titles={
                step.operation: catalogue.operation(step.operation).title
                for step in (proposal.plan.steps if proposal else ())
            },
            drift=run.drift,
            ledger_first=first,
            ledger_last=last,
            reject_reasons=workflow.reject_reasons if workflow else (),
            now=self._clock(),
        )


def _others(names: tuple[str, ...] | None, requester: str) -> tuple[str, ...] | None:
    return None if names is None else tuple(name for name in names if name != requester)


def _waits_for(view: RunView, person_id: str, roles: set[str]) -> bool:
    """Whether this person can still do something about a run."""
    if view.run.request.person_id == person_id:
        return False
    if any(approval.person_id == person_id for approval in view.approvals):
        return False
    if view.run.status in NEEDS_A_PERSON:
        return any(lack.requirement.role in roles for lack in view.missing)
    return any(lack.count and lack.requirement.role in roles for lack in view.missing)

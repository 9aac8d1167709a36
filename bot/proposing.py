"""The second verb: a received run becomes a question, a refusal, or a proposal with its card."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from bot.approval.editing import Edits, editors, without
from bot.approval.repeating import NEW_REASON, Repeats, refusal
from bot.autonomy.levels import Levels
from bot.calls import Allowance, BudgetExceededError, Calls
from bot.catalogue import Catalogue
from bot.context import context_of
from bot.executing import Sleep
from bot.joint.names import workflows_of
from bot.metering import Metering
from bot.people.peopling import requester_of
from bot.planner.asking_anew import names_a_task
from bot.planner.planner import Ask, Asked, Draft, Planner, Refuse
from bot.planner.pricing import micro_usd
from bot.planner.team import contradicting
from bot.ports import Clock, Directory, DirectoryUnavailableError
from bot.recording import Recorder
from bot.showing import Circumstances, PlanInvalidError, Sight, look
from bot.starting import Starter
from bot.tallying import offer
from connectors.errors import ConnectorError, Unavailable
from policies.record import recorded
from store import runs
from store.database import Database
from store.errors import StaleRunError, StoreError
from store.meters import Total
from store.model.decision import Effect
from store.model.entry import Entry, Kind
from store.model.plan import Proposal
from store.model.request import Place
from store.model.run import Event, Part, Run, Status

log = logging.getLogger(__name__)

PAUSES_SECONDS = (0.5, 1.0)  # between tries to read, before the person is told what is away
DEFECT = (
    "I stopped because of a defect of mine. Nothing was done; whoever runs me finds it in my log."
)
# One planning, while the workflow, and so its own budget, is not known yet.
PLANNING = Allowance(calls=30, micro_usd=1_000_000)


class Proposer:
    """Plans one run at a time; called from worker threads, restartable at any instant."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        planner: Planner,
        directory: Directory,
        recorder: Recorder,
        starter: Starter,
        metering: Metering,
        clock: Clock,
        sleep: Sleep,
    ) -> None:
        self._levels = Levels(db)
        self._db, self._catalogue, self._planner = db, catalogue, planner
        self._directory, self._recorder = directory, recorder
        self._starter, self._clock, self._sleep = starter, clock, sleep
        self._metering = metering
        self._edits = Edits(catalogue, recorder, clock)
        self._repeats = Repeats(recorder, clock)

    def propose(self, run_id: str) -> None:
        """Leaves the run asking, waiting, running or settled; touches no run in another state."""
        with self._db.read() as cx:
            run = runs.get(cx, run_id)
        if run is None or run.status is not Status.RECEIVED:
            return
        run = self._metering.recover(run)
        calls = Calls(self._catalogue(), run.id, "", Total(micro_usd=0, calls=0), PLANNING)
        for pause_seconds in (*PAUSES_SECONDS, None):
            away = self._attempt(run, calls)
            if away is None:
                return
            if pause_seconds is None:
                self._settle(run, calls, Event.FAILED, _nothing_done(away, "in a few minutes"))
            else:
                self._sleep(pause_seconds)
                calls = calls.again(self._catalogue())

    def names_a_task(self, text: str, place: Place) -> bool:
        """Whether words ask by themselves for something that this place has. Asks nobody."""
        return names_a_task(text, self._catalogue().workflows_in(place))

    def _attempt(self, run: Run, calls: Calls) -> Exception | None:
        """Plans once and returns what was away, if anything; all else settles the run."""
        try:
            self._plan(run, calls)
        except (Unavailable, DirectoryUnavailableError) as away:
            return away
        except BudgetExceededError as spent:
            self._settle(run, calls, Event.FAILED, _nothing_done(spent, "in a few minutes"))
        except PlanInvalidError as wrong:
            self._settle(run, calls, Event.FAILED, _nothing_done(wrong, "with another value"))
        except ConnectorError as said_no:
            self._settle(run, calls, Event.DENIED, _sentence(str(said_no)))
        except StaleRunError:
            log.info("run %s was cancelled while it was planned", run.id)
            self._book_models(run, calls)
        except StoreError:
            raise
        except Exception:
            log.exception("run %s could not be planned", run.id)
            self._settle(run, calls, Event.FAILED, DEFECT)
        return None

    def _plan(self, run: Run, calls: Calls) -> None:
        catalogue = calls.catalogue
        answers = tuple(answer for answer in run.answers if answer.slot != NEW_REASON)
        workflows = catalogue.workflows_in(run.request.place)
        if run.edit is not None:  # a change of values never makes another kind of task of it
            answers = (*answers, *run.edit.answers)
            workflows = tuple(w for w in workflows if w.workflow in workflows_of(run.workflow))
        context = context_of(
            self._db, self._metering, run, calls, lambda: self._roles(run), self._clock
        )
        today = catalogue.local_day(run.request.place, run.request.received_at)
        asked = Asked(run.request.text, workflows, calls.find, answers, context, today)
        match self._planner.plan(asked):
            case Refuse(text=text):
                self._settle(run, calls, Event.DENIED, text)
            case Ask() as ask:
                self._ask(run, calls, ask)
            case Draft(plan=plan) as draft:
                _afford(run, calls, plan.workflow)
                requester = requester_of(self._db, self._directory, run)
                level = self._levels.level(catalogue, plan.workflow)
                round_ = run.proposal.round + 1 if run.proposal else 1
                now, authors = self._clock(), editors(run)
                given = Circumstances(run.request, requester, run.id, round_, now, level, **authors)
                plan = without(plan, authors["skipped"])
                sight = look(catalogue, calls, plan, given)
                if sight.conflicts:
                    titles = {w.workflow: w.title for w in workflows}
                    calls.entries.append(contradicting.entry(run.id, sight.conflicts[0]))
                    self._ask(run, calls, contradicting.question(draft, sight.conflicts[0], titles))
                else:
                    self._offer(run, calls, catalogue, sight, draft.parts)

    def _roles(self, run: Run) -> frozenset[str]:
        """The requester's, as they are now."""
        return frozenset(requester_of(self._db, self._directory, run).roles)

    def _ask(self, run: Run, calls: Calls, ask: Ask) -> None:
        if run.edit is not None:
            self._keep(run, calls, _statement(ask.question.text))
            return
        with self._db.begin() as tx:
            run = self._metering.settle(tx, run, calls)
            cost = run.cost_micro_usd
            parts = {"parts": ask.parts} if ask.parts else {}
            self._recorder.ask(tx, run, ask.question, ask.workflow, ask.slots, cost, **parts)

    def _offer(
        self,
        run: Run,
        calls: Calls,
        catalogue: Catalogue,
        sight: Sight,
        parts: tuple[Part, ...],
    ) -> None:
        """Decides on what was seen and stores it, in one unit of work."""
        with self._db.begin() as tx:
            proposal = offer(tx, catalogue, sight, self._clock, lambda p: self._stands(tx, run, p))
            repeat = self._repeats.of(tx, run, proposal)
            effect = proposal.decision.effect
            changes: dict[str, Any] = {
                "workflow": proposal.plan.workflow,
                "slots": proposal.plan.slots,
                "parts": parts,
                "question": None,
                "proposal": proposal,
                "proposed_at": proposal.read_at,
            }
            run = self._metering.settle(tx, run, calls)
            if run.edit is not None:
                if why := self._edits.refusal(run, proposal) or refusal(repeat):
                    self._edits.keep(tx, run, why, cost_micro_usd=run.cost_micro_usd)
                    return
                changes |= self._edits.shown(tx, run, proposal)
            elif repeat is not None:
                self._repeats.answer(tx, run, proposal, repeat, run.cost_micro_usd)
                return
            changes["remarks"] = self._repeats.remarks(tx, run)
            self._recorder.append_all(tx, plan_entries(proposal))
            if effect is Effect.DENIED:
                self._recorder.advance(
                    tx, run, Event.DENIED, note=_sentence(proposal.decision.reason), **changes
                )
            elif effect is Effect.NEEDS_APPROVAL:
                note = self._edits.note(run, proposal)
                shown = self._recorder.advance(
                    tx, run, Event.PROPOSED, note=note, drift=(), **changes
                )
                if note:
                    self._recorder.tell(tx, shown, f"edit:{run.id}:{proposal.round}")
            else:
                self._starter.start(tx, run, **changes)

    def _stands(self, tx: Connection, run: Run, proposal: Proposal) -> bool:
        """Whether it is shown at all, instead of what was shown before."""
        if self._repeats.of(tx, run, proposal) is not None:
            return False
        return run.edit is None or not self._edits.refusal(run, proposal)

    def _settle(self, run: Run, calls: Calls, event: Event, note: str) -> None:
        if run.edit is not None:
            self._keep(run, calls, note)
            return
        with self._db.begin() as tx:
            run = self._metering.settle(tx, run, calls)
            self._recorder.advance(tx, run, event, note=note)

    def _keep(self, run: Run, calls: Calls, why: str) -> None:
        """Nothing came of a change: what waited before waits again."""
        with self._db.begin() as tx:
            run = self._metering.settle(tx, run, calls)
            self._edits.keep(tx, run, why, cost_micro_usd=run.cost_micro_usd)

    def _book_models(self, run: Run, calls: Calls) -> None:
        """What models cost for a run that went on without its planning: paid for all the same."""
        if not calls.asked:
            return
        with self._db.begin() as tx:
            current = runs.get(tx, run.id) or run
            after = self._metering.settle(tx, current, calls.again(calls.catalogue))
            self._recorder.save(
                tx,
                current,
                cost_micro_usd=after.cost_micro_usd,
                estimate_micro_usd=after.estimate_micro_usd,
            )


def _afford(run: Run, calls: Calls, workflow: str) -> None:
    """What models cost counts into the workflow's budget, as soon as it is known which one. Raises
    BudgetExceededError."""
    spend_usd = calls.catalogue.resolved(workflow).budget.spend_usd
    spent_micro_usd = run.cost_micro_usd + calls.cost_micro_usd
    if calls.asked and spent_micro_usd > micro_usd(spend_usd):
        raise BudgetExceededError(
            f"reading this cost ${spent_micro_usd / 1_000_000:.2f}, more than the ${spend_usd}"
            f" that {workflow} may spend in one run"
        )


def plan_entries(proposal: Proposal) -> tuple[Entry, Entry]:
    """What the ledger keeps of a showing: the plan with its diff, and the decision on it."""
    return (
        Entry(
            kind=Kind.PLAN,
            run_id=proposal.run_id,
            actor="assent",
            data={
                "digest": proposal.digest,
                "round": proposal.round,
                "workflow": proposal.plan.workflow,
                "steps": [step.model_dump(mode="json") for step in proposal.plan.steps],
                "diff": [
                    {
                        "system": seen.system,
                        "resource": seen.resource,
                        "changes": [change.model_dump(mode="json") for change in seen.changes],
                    }
                    for seen in proposal.seen
                ],
            },
        ),
        Entry(
            kind=Kind.DECISION,
            run_id=proposal.run_id,
            actor="assent",
            data={
                "bundle": proposal.bundle_version,
                "bundle_digest": proposal.bundle_digest,
                **({"shadow": proposal.shadow.value} if proposal.shadow else {}),
                **recorded(proposal.decision),
            },
        ),
    )


def _statement(question: str) -> str:
    """What a question says before it asks, where nobody is asked; all of it if it only asks."""
    said = re.sub(r"(?<=\.) [^.?]*\?(?: \([^)]*\))?$", "", question)
    return said.strip()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _nothing_done(why: Exception, again: str) -> str:
    text = _sentence(str(why))
    return f"{text[:1].upper()}{text[1:]} Nothing was done; ask again {again}."

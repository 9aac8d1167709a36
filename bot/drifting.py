"""What was signed is what runs: before the first write everything is read and decided again, those
who approved are asked for again, and any difference re-opens the approval with the new diff.

What was signed is never loosened: requirements that hold no more are kept beside the new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from bot.approval.editing import editors
from bot.approval.rechecking import Approvers, void
from bot.autonomy.levels import Levels
from bot.calls import BudgetExceededError, Calls
from bot.executing import Sleep
from bot.lagging import Lag
from bot.people.peopling import requester_of
from bot.ports import Clock, Directory, DirectoryUnavailableError
from bot.proposing import plan_entries
from bot.recording import Recorder
from bot.showing import Circumstances, Sight, decide, look
from bot.starting import Starter
from bot.tallying import offer, tallies
from connectors.errors import ConnectorError, Unavailable
from policies.stricter import stricter
from store import approvals, meters, runs, steps
from store.database import Database
from store.model.decision import Effect
from store.model.entry import Entry, Kind
from store.model.execution import StepStatus
from store.model.person import Person
from store.model.plan import Change, Proposal, Seen
from store.model.run import Event, Run, Status
from store.model.values import Json

# Between tries to read, before the run fails with nothing done and its approvals are lost: a chat
# or a system that is restarted is back within them.
PAUSES_SECONDS = (0.5, 1.0, 2.0, 4.0)


class Drift:
    """Compares the present with what people signed."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        recorder: Recorder,
        starter: Starter,
        clock: Clock,
        sleep: Sleep,
        lag: Lag,
    ) -> None:
        self._levels = Levels(db)
        self._db, self._directory = db, directory
        self._recorder, self._starter, self._clock = recorder, starter, clock
        self._approvers, self._sleep, self._lag = Approvers(db, directory), sleep, lag

    def is_as_signed(self, run: Run, calls: Calls) -> bool:
        """True when the digest is the one signed. Otherwise the run waits anew, is denied, or has
        failed, and nothing was written. A step that stands for itself, and whose system stays away,
        is set aside as refused: it holds up no other."""
        signed = run.proposal
        assert signed is not None, "what is executed was proposed"
        for pause_seconds in (*PAUSES_SECONDS, None):
            try:
                return self._compare(run, signed, calls, is_last=pause_seconds is None)
            except (Unavailable, DirectoryUnavailableError) as away:
                if pause_seconds is None:
                    self._end(run, calls, Event.FAILED, f"{away} Nothing was done.")
                    return False
                self._sleep(pause_seconds)
            except BudgetExceededError as spent:
                self._end(run, calls, Event.FAILED, f"The run {spent}. Nothing was done.")
                return False
            except ConnectorError as said_no:
                self._end(run, calls, Event.DENIED, f"{said_no} Nothing was done.")
                return False
        raise AssertionError("the last attempt returns")

    def _compare(self, run: Run, signed: Proposal, calls: Calls, *, is_last: bool) -> bool:
        requester = self._requester(run)
        if refusal := requester.account.refusal:
            note = f"{run.requester_name} may not ask any more: {refusal}. Nothing was done."
            self._end(run, calls, Event.DENIED, note)
            return False
        known = _standing(signed) if is_last else None
        sight = self._look(run, requester, signed, calls, signed.round, known)
        if self._lag.is_waited_for(calls, signed, sight.seen):
            sight = self._look(run, requester, signed, calls, signed.round, known)
        with self._db.read() as cx:
            now = decide(calls.catalogue, sight, tallies(cx, sight), self._clock)
            given = approvals.for_digest(cx, run.id, signed.digest)
        strict = _with_what_was_signed(signed, now)
        is_same = strict.digest == signed.digest and strict.decision.effect is not Effect.DENIED
        if not is_same:
            self._reopen(run, requester, signed, calls)
            return False
        rechecks = self._approvers.recheck(run, signed, given, self._clock())
        counting = tuple(r.now for r in rechecks if r.now is not None)
        if any(lack.count for lack in signed.lacking(counting, requester.id)):
            self._reopen(run, requester, signed, calls, void(rechecks))
            return False
        self._book(run, calls, sight.away)
        return True

    def _requester(self, run: Run) -> Person:
        return requester_of(self._db, self._directory, run)

    def _look(
        self,
        run: Run,
        requester: Person,
        signed: Proposal,
        calls: Calls,
        round_: int,
        known: Mapping[str, Seen] | None = None,
    ) -> Sight:
        catalogue = calls.catalogue
        level = self._levels.level(catalogue, signed.plan.workflow)
        given = Circumstances(
            run.request, requester, run.id, round_, self._clock(), level, **editors(run)
        )
        return look(catalogue, calls, signed.plan, given, known)

    def _reopen(
        self,
        run: Run,
        requester: Person,
        signed: Proposal,
        calls: Calls,
        void_approvals: tuple[str, ...] = (),
    ) -> None:
        """A new showing with a new round: its digest is new, so every earlier approval is void."""
        sight = self._look(run, requester, signed, calls, signed.round + 1)
        with self._db.begin() as tx:
            current = runs.get(tx, run.id)
            if current is None or current.status is not Status.RUNNING:
                return
            shown = _with_what_was_signed(signed, offer(tx, calls.catalogue, sight, self._clock))
            changed = _who_no_longer_counts(void_approvals) or _what_drifted(signed, shown)
            self._recorder.append_all(tx, (*calls.entries, *plan_entries(shown)))
            self._recorder.append_all(tx, (_void(run, signed, why) for why in void_approvals))
            meters.charge(tx, run.id, "connector", calls.cost_micro_usd, calls.count, self._clock())
            calls.booked()
            changes: dict[str, Any] = {
                "proposal": shown,
                "cost_micro_usd": meters.totals(tx, run.id).micro_usd,
            }
            if current.is_cancel_requested:
                note = f"{current.requester_name} cancelled it. Nothing was done."
                self._recorder.advance(tx, current, Event.CANCELLED, note=note, **changes)
                return
            if shown.decision.effect is Effect.DENIED:
                note = f"{changed} Now {shown.decision.reason}. Nothing was done."
                self._recorder.advance(tx, current, Event.DENIED, note=note, **changes)
                return
            reopened = self._recorder.advance(
                tx,
                current,
                Event.DRIFTED,
                drift=_differences(signed, shown),
                note=f"{changed} Nothing was done.",
                approved_at=None,
                **changes,
            )
            self._recorder.tell(tx, reopened, f"drift:{run.id}:{shown.round}")
            if shown.decision.effect is Effect.MAY_RUN:
                self._starter.start(tx, reopened)

    def _book(self, run: Run, calls: Calls, away: Mapping[int, str]) -> None:
        with self._db.begin() as tx:
            for index, why in away.items():
                self._set_aside(tx, run, index, why)
            self._recorder.append_all(tx, calls.entries)
            meters.charge(tx, run.id, "connector", calls.cost_micro_usd, calls.count, self._clock())
            calls.booked()

    def _set_aside(self, tx: Connection, run: Run, index: int, why: str) -> None:
        state = steps.get(tx, run.id, index)
        if state is None or state.status is not StepStatus.PLANNED:
            return
        changes = {"status": StepStatus.FAILED, "problem": why, "changed_at": self._clock()}
        steps.save(tx, state.model_copy(update=changes))
        data: dict[str, Json] = {"step": state.step_id, "index": index, "refused": why}
        entry = Entry(kind=Kind.RESULT, run_id=run.id, actor="assent", data=data)
        self._recorder.append(tx, entry)

    def _end(self, run: Run, calls: Calls, event: Event, note: str) -> None:
        with self._db.begin() as tx:
            current = runs.get(tx, run.id)
            if current is None or current.status is not Status.RUNNING:
                return
            self._recorder.append_all(tx, calls.entries)
            meters.charge(tx, run.id, "connector", calls.cost_micro_usd, calls.count, self._clock())
            calls.booked()
            self._recorder.advance(tx, current, event, note=note)


def _standing(signed: Proposal) -> Mapping[str, Seen]:
    """The steps that stand for themselves, as they were signed."""
    pairs = zip(signed.plan.steps, signed.seen, strict=True)
    return {step.id: seen for step, seen in pairs if step.id in signed.standing}


def _with_what_was_signed(signed: Proposal, now: Proposal) -> Proposal:
    """The present showing, decided no looser than the one that was signed."""
    return now.model_copy(update={"decision": stricter(signed.decision, now.decision)})


def _void(run: Run, signed: Proposal, why: str) -> Entry:
    """For the auditor: whose approval of which digest does not count any more."""
    return Entry(
        kind=Kind.REFUSAL,
        run_id=run.id,
        actor="assent",
        data={"of": "approve", "digest": signed.digest},
        sensitive={"why": why},
    )


def _differences(signed: Proposal, shown: Proposal) -> tuple[Change, ...]:
    """Each field that reads differently now, named with its record."""
    changes = []
    for old, new in zip(signed.seen, shown.seen, strict=True):
        changes += [
            Change(field=f"{new.resource} {name}", before=old.fields.get(name), after=value)
            for name, value in new.fields.items()
            if old.fields.get(name) != value
        ]
    return tuple({change.field: change for change in changes}.values())


def _who_no_longer_counts(void_approvals: tuple[str, ...]) -> str:
    return " ".join([*void_approvals, "It needs approval again."]) if void_approvals else ""


def _what_drifted(signed: Proposal, shown: Proposal) -> str:
    """One sentence on what is not as it was signed, and on who changed it where the system says."""
    pairs = zip(signed.seen, shown.seen, strict=True)
    changed = [new for old, new in pairs if old.fields != new.fields]
    if changed:
        names = " and ".join(dict.fromkeys(seen.resource for seen in changed))
        by = next((seen.about.get("last_changed_by") for seen in changed), None)
        return f"{names} changed{f', by {by}' if by else ''}."
    if signed.bundle_digest != shown.bundle_digest:
        return "The policy changed."
    if [s.is_reversible for s in signed.seen] != [s.is_reversible for s in shown.seen]:
        return "Whether it can be taken back changed."
    return "Who must approve changed."

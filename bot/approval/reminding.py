"""Reminders and escalations: a line in the thread of a plan that waits, for those who can still
approve it and have not. What they are due at stands in the store, so a restart neither loses one
nor says it twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.approval.attention import Moment, moments, next_at
from bot.approval.eligible import approving_roles
from bot.cards.phrases import counted, holder, holders, joined
from bot.people.standing_in import StandingIn, able
from bot.ports import Clock
from bot.recording import Recorder
from store import approvals, runs
from store.database import Database
from store.model.approval import Approval, Missing
from store.model.entry import Entry, Kind
from store.model.run import Run, Status

BATCH_MAX = 200  # runs looked at in one sweep; the rest waits for the next
NAMES_MAX = 5  # of one role in one line; a whole department is not called by name


@dataclass(frozen=True)
class Stage:
    """What one open requirement lacks, and who could give it (None: nobody knows now)."""

    lack: Missing
    roles: tuple[str, ...]
    names: tuple[str, ...] | None


class Reminders:
    """Bounded, idempotent, safe in several processes: a run that moved meanwhile is left alone."""

    def __init__(
        self, db: Database, recorder: Recorder, directory: StandingIn, clock: Clock
    ) -> None:
        self._db, self._recorder = db, recorder
        self._directory, self._clock = directory, clock

    def remind(self) -> int:
        """The number of lines asked for."""
        with self._db.read() as cx:
            due = runs.due_for_attention(cx, self._clock(), BATCH_MAX)
            given = {run.id: _given(cx, run) for run in due}
        return sum(self._remind(run, given[run.id]) for run in due)

    def _remind(self, run: Run, given: tuple[Approval, ...]) -> bool:
        """The directory is asked here, before the transaction."""
        now, proposal = self._clock(), run.proposal
        if proposal is None or run.attention_at is None or now >= proposal.expires_at:
            return False
        due = [m for m in moments(proposal) if run.attention_at <= m.at <= now]
        stages = self._stages(run, given, now)
        line = _line(run, due, stages, now)
        with self._db.begin() as tx:
            fresh = runs.get(tx, run.id)
            if fresh is None or fresh.version != run.version or fresh.status is not Status.WAITING:
                return False
            number = run.reminders + 1
            after = self._recorder.save(
                tx, fresh, reminders=number, attention_at=next_at(proposal, now)
            )
            if not line:
                return False
            self._recorder.append(tx, _entry(run, number, due, stages))
            return self._recorder.say(tx, after, f"remind:{run.id}:{proposal.round}:{number}", line)

    def _stages(self, run: Run, given: tuple[Approval, ...], now: datetime) -> tuple[Stage, ...]:
        assert run.proposal is not None, "only what was proposed waits"
        proposal, place = run.proposal, run.request.place
        out = {run.requester_name, *proposal.edited_by, *(a.person_name for a in given)}
        members: Mapping[str, tuple[str, ...] | None] = {}
        standing_in = self._directory.substitutes(run, proposal, given)
        stages = []
        for lack in proposal.lacking(given, run.request.person_id):
            if not (lack.count and lack.is_open and lack.requirement.kind == "approve"):
                continue
            roles = tuple(sorted(approving_roles([lack.requirement], now - proposal.read_at)))
            members = {
                **members,
                **{
                    role: self._directory.members(place.surface, place.team, role)
                    for role in roles
                    if role not in members
                },
            }
            known = [_able(members[role], standing_in.get(role, ())) for role in roles]
            stages.append(Stage(lack, roles, _names(known, out)))
        return tuple(stages)


def _given(cx: Connection, run: Run) -> tuple[Approval, ...]:
    return approvals.for_digest(cx, run.id, run.proposal.digest) if run.proposal else ()


def _able(held: tuple[str, ...] | None, lent: tuple[str, ...]) -> tuple[str, ...] | None:
    return None if held is None else able(held, lent)


def _names(members: Iterable[tuple[str, ...] | None], out: Iterable[str]) -> tuple[str, ...] | None:
    """Those who can still approve, each once; None when the directory did not answer."""
    found: dict[str, None] = {}
    for each in members:
        if each is None:
            return None
        found.update(dict.fromkeys(each))
    return tuple(name for name in found if name not in set(out))


def _line(run: Run, due: Iterable[Moment], stages: tuple[Stage, ...], now: datetime) -> str:
    """One line for everything that is due; "" when nothing is lacking that somebody could give."""
    if not stages or run.proposal is None:
        return ""
    lacking = {stage.lack.requirement for stage in stages}
    passed_on = [m.escalated for m in due if m.escalated is not None and m.escalated in lacking]
    said = [
        f"{holders(r.count, r.roles)} did not approve within"
        f" {counted(r.escalates_after_minutes, 'minute')},"
        f" so {holder(r.escalates_to)} may now as well."
        for r in passed_on
    ]
    wanted = " and ".join(_wanted(stage) for stage in stages)
    left = _duration((run.proposal.expires_at - now).total_seconds())
    return " ".join([f"{run.id} waits for approval.", *said, f"Missing: {wanted}. {left} left."])


def _wanted(stage: Stage) -> str:
    who = holders(stage.lack.count, stage.roles)
    if stage.names is None:
        return who
    if not stage.names:
        return f"{who} (nobody holds this role now)"
    word = "and" if len(stage.names) <= stage.lack.count else "or"
    return f"{who} ({joined(stage.names, NAMES_MAX, word)})"


def _duration(seconds: float) -> str:
    minutes = max(1, int(seconds // 60))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _entry(run: Run, number: int, due: Iterable[Moment], stages: Iterable[Stage]) -> Entry:
    return Entry(
        kind=Kind.REMINDER,
        run_id=run.id,
        actor="assent",
        data={
            "number": number,
            "digest": run.proposal.digest if run.proposal else "",
            "is_escalated": any(moment.escalated is not None for moment in due),
            "missing": [{"roles": [*stage.roles], "count": stage.lack.count} for stage in stages],
        },
    )

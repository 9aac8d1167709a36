"""A case is played: its request, then what happens, as the named people, through the real flow.

A press is on the card as it stands, of the run that the story is about: the newest that its words
have made. Whatever waits for execution is carried out before the next thing happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.incoming import Click, Message, Reply, Verb
from bot.ports import DirectoryUnavailableError
from evals.cases.case import Act, Case, Changed, Earlier, Fault, SuiteFile
from evals.worlds.desk import StoryError
from evals.worlds.people import TEAM
from evals.worlds.world import World
from store import ledger, runs
from store.model.request import Place
from store.model.run import Run, Status

BETWEEN_SECONDS = 20.0  # from one thing that somebody does to the next
EARLIER = timedelta(minutes=10)  # before the request, for each of the earlier ones
SWEEPS_MAX = 24  # times that waiting is looked at in one wait; in production every few seconds
SWEEP_SECONDS_MIN = 60.0
ROUNDS_MAX = 50  # plannings and executions that one thing may lead to
NOT_YET = datetime.max.replace(tzinfo=UTC)
PRESSES = {
    "approve": Verb.APPROVE,
    "reject": Verb.REJECT,
    "withdraw": Verb.WITHDRAW,
    "cancel": Verb.CANCEL,
    "edit": Verb.EDIT,
    "question": Verb.ASK,
    "reply": Verb.REPLY,
}
DECISIONS = {
    "happened": Verb.HAPPENED,
    "did not": Verb.DID_NOT,
    "ask again": Verb.ASK_AGAIN,
    None: Verb.ASK_AGAIN,
}


@dataclass(frozen=True)
class Moment:
    """One thing that happened: what, by whom, what Assent said to it at once, and the number of the
    ledger's last entry before and after it. `is_earlier`: before the case's own request."""

    kind: Literal["said", "pressed", "meanwhile"]
    verb: str
    who: str
    text: str
    reply: Reply
    entries_before: int
    entries_after: int
    run_id: str
    is_earlier: bool = False
    must_be_refused: bool = False


@dataclass
class Story:
    """One case in a world that was begun for it."""

    world: World
    suite: SuiteFile
    case: Case
    moments: list[Moment] = field(default_factory=list)
    run_ids: list[str] = field(default_factory=list)  # of the case's own words, oldest first
    earlier_ids: list[str] = field(default_factory=list)
    requested_at: datetime = NOT_YET
    worked: timedelta = timedelta()  # of the story's time, without waiting for people
    _entries: int = 0  # of the ledger, so far
    _threads: int = 0
    _messages: int = 0

    def play(self) -> Iterator[Moment]:
        """Everything, one thing after the other. Raises StoryError where the world lacks what the
        case names."""
        given, clock = self.case.world, self.world.clock
        self.world.directory.names |= given.names
        self._entries = self._head()
        clock.set(self.world.starts_at - EARLIER * len(given.earlier))
        thread = self._new_thread()
        for earlier in given.earlier:
            yield from self._earlier(earlier, thread if earlier.in_same_thread else "")
            clock.sleep(EARLIER.total_seconds() / 2)
        clock.set(max(self.world.starts_at, clock()))
        self._set(given.roles)
        self.world.change(given.records)
        self.world.request_is_made()
        self.requested_at, self.worked = self.world.clock(), timedelta()
        self.world.arm(given.faults)
        self.world.directory.is_away = given.directory_away
        who = self.case.by or self.suite.requester
        yield self._say(who, self.case.request, thread, verb="request")
        for act in self.case.then:
            clock.sleep(BETWEEN_SECONDS)
            yield self._act(act, who, thread)

    def _earlier(self, earlier: Earlier, thread: str) -> Iterator[Moment]:
        who = earlier.by or self.suite.requester
        thread = thread or self._new_thread()
        yield self._say(who, earlier.request, thread, verb="request", is_earlier=True)
        for text in earlier.answers:
            self.world.clock.sleep(BETWEEN_SECONDS)
            yield self._say(who, text, thread, verb="answer", is_earlier=True)
        for approver in earlier.approved_by:
            self.world.clock.sleep(BETWEEN_SECONDS)
            yield self._press("approve", approver, Act(approve=approver), is_earlier=True)

    def _act(self, act: Act, requester: str, thread: str) -> Moment:
        who = str(getattr(act, act.verb))
        if act.verb == "answer":
            return self._say(act.by or requester, act.answer or "", thread, "answer", act)
        if act.verb == "say":
            return self._say(who, act.text or "", thread, "say", act)
        if act.verb in {"wait_minutes", "records", "faults", "roles"}:
            return self._meanwhile(act)
        return self._press(act.verb, who, act)

    def _say(
        self,
        who: str,
        text: str,
        thread: str,
        verb: str,
        act: Act | None = None,
        is_earlier: bool = False,
    ) -> Moment:
        """Words in the thread of the story, and all that comes of them."""
        self._messages += 1
        message = f"{1_760_000_000 + self._messages}.000001"
        began_at = self.world.clock.now
        reply = self.world.assent.flow.receive(
            Message(
                account=self.world.directory.account(who),
                place=self._place(thread),
                message=message,
                text=text,
                event_keys=(f"event:{message}",),
                received_at=self.world.clock(),
            )
        )
        newest = self._newest_id()
        if newest not in {"", *self.earlier_ids[-1:], *self.run_ids[-1:]}:
            (self.earlier_ids if is_earlier else self.run_ids).append(newest)
        self._go_on()
        self._work_since(began_at)
        return self._moment("said", verb, who, text, reply, act, is_earlier)

    def _press(self, name: str, who: str, act: Act, is_earlier: bool = False) -> Moment:
        """A button of the run that the story is about; refused where it has none."""
        began_at = self.world.clock.now
        run = self._run(self.earlier_ids if is_earlier else self.run_ids)
        if run is None:
            nothing = Reply("There is nothing here to press.", is_refusal=True)
            return self._moment("pressed", name, who, "", nothing, act, is_earlier)
        verb = DECISIONS[act.verdict] if name == "decide" else PRESSES[name]
        account = self.world.directory.account(who)
        try:
            person = self.world.directory.person(account)
        except DirectoryUnavailableError:
            person = None
        is_decision = verb in DECISIONS.values()
        reply = self.world.assent.flow.press(
            Click(
                verb=verb,
                run_id=run.id,
                digest=run.proposal.digest if run.proposal else "",
                account=account,
                person=person,
                place=run.request.place,
                message="",
                text=str(run.resumes) if is_decision else act.text or "",
                clicked_at=self.world.clock(),
                values=tuple(act.values.items()),
                skip=act.skip,
            )
        )
        self._go_on()
        self._work_since(began_at)
        text = verb.value if not act.values else f"{verb.value} {dict(act.values)}"
        return self._moment("pressed", act.verb, who, text, reply, act, is_earlier)

    def _meanwhile(self, act: Act) -> Moment:
        """What somebody else does, or time."""
        if act.wait_minutes is not None:
            text = f"{act.wait_minutes} minutes"
            self._wait(60.0 * act.wait_minutes)
        elif act.records is not None:
            text = _told(act.records)
            self.world.change(act.records)
        elif act.faults is not None:
            text = _armed(act.faults) or "nothing misbehaves any more"
            if act.faults:
                self.world.arm(act.faults)
            else:
                self.world.disarm()
        else:
            roles = act.roles or {}
            text = "; ".join(f"{who}: {', '.join(held)}" for who, held in roles.items())
            self._set(roles)
        return self._moment("meanwhile", act.verb, "world", text, Reply(""), act, False)

    def _moment(
        self,
        kind: Literal["said", "pressed", "meanwhile"],
        verb: str,
        who: str,
        text: str,
        reply: Reply,
        act: Act | None,
        is_earlier: bool,
    ) -> Moment:
        ids = self.earlier_ids if is_earlier else self.run_ids
        self._entries, before = self._head(), self._entries
        moment = Moment(
            kind=kind,
            verb=verb,
            who=who,
            text=text,
            reply=reply,
            entries_before=before,
            entries_after=self._entries,
            run_id=ids[-1] if ids else "",
            is_earlier=is_earlier,
            must_be_refused=act is not None and act.refused,
        )
        self.moments.append(moment)
        return moment

    def _go_on(self) -> None:
        """Plans what was received and executes what was approved, until everything waits."""
        for _ in range(ROUNDS_MAX):
            with self.world.assent.db.read() as cx:
                received = runs.in_status(cx, (Status.RECEIVED,), 100)
            for run in received:
                self.world.assent.flow.propose(run.id)
            self.world.engine.carry_out()
            if not received:
                return
        raise StoryError(f"planning does not end after {ROUNDS_MAX} rounds")

    def _wait(self, seconds: float) -> None:
        step = max(SWEEP_SECONDS_MIN, seconds / SWEEPS_MAX)
        while seconds > 0:
            self.world.clock.sleep(min(step, seconds))
            seconds -= step
            began_at = self.world.clock.now
            self.world.assent.sweep()
            self._go_on()
            self._work_since(began_at)

    def _work_since(self, began_at: datetime) -> None:
        self.worked += self.world.clock.now - began_at

    def _set(self, roles: dict[str, tuple[str, ...]]) -> None:
        self.world.directory.roles |= roles

    def _place(self, thread: str) -> Place:
        channel = self.case.channel or self.suite.channel
        return Place(surface="slack", team=TEAM, channel=self._channel(channel), thread=thread)

    def _channel(self, name: str) -> str:
        """The surface's id of a channel of the bundle; of none for any other name."""
        if name == "direct":
            return "D0STORY"
        known = self.world.assent.catalogue().channel(name)
        ids = [id_ for id_ in known.ids if not id_.startswith("19:")] if known else []
        return ids[0] if ids else "C0ELSEWHERE"

    def _new_thread(self) -> str:
        self._threads += 1
        return f"{1_750_000_000 + self._threads}.000001"

    def _run(self, ids: Sequence[str]) -> Run | None:
        """The newest of some runs."""
        if not ids:
            return None
        with self.world.assent.db.read() as cx:
            return runs.get(cx, ids[-1])

    def _newest_id(self) -> str:
        with self.world.assent.db.read() as cx:
            newest = runs.newest_in_status(cx, tuple(Status), 1)
        return newest[0].id if newest else ""

    def _head(self) -> int:
        with self.world.assent.db.read() as cx:
            return ledger.head(cx).size


def _told(changed: Iterable[Changed]) -> str:
    return "; ".join(
        f"{one.table} {one.id}: {', '.join(f'{k} = {v}' for k, v in one.set.items())}"
        for one in changed
    )


def _armed(armed: Iterable[Fault]) -> str:
    return "; ".join(
        f"{one.kind.replace('_', ' ')}, {one.operation} {one.call}, {one.count} times"
        for one in armed
    )

"""One way to change a run: its state, its ledger entries and its cards in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection

from bot.approval.attention import next_at
from bot.ports import Clock
from store import deliveries, ledger, reservations, runs
from store.deliveries import DeliveryKind
from store.model.entry import Entry, Kind
from store.model.plan import Slot
from store.model.request import Place
from store.model.run import (
    NEEDS_A_PERSON,
    SETTLED,
    WRITTEN,
    Event,
    Question,
    Run,
    next_status,
)

SHOWINGS = frozenset({Event.PROPOSED, Event.DRIFTED})  # a plan is shown: its reminders begin anew


Linked = Callable[[Place], tuple[Place, ...]]


def _alone(_place: Place) -> tuple[Place, ...]:
    """A place that belongs together with no other."""
    return ()


class Recorder:
    """Appends to the ledger and moves runs along the state machine, always within a transaction."""

    def __init__(self, clock: Clock, linked: Linked = _alone) -> None:
        """`linked` gives the other places in which what is asked in a place has its card."""
        self._clock, self._linked = clock, linked
        self._watchers: list[Callable[[Connection, Run], None]] = []

    def watch(self, ended: Callable[[Connection, Run], None]) -> None:
        """`ended` is called with every run that has come to an outcome, unknown and stuck included,
        within the transaction that records it."""
        self._watchers.append(ended)

    def append(self, tx: Connection, entry: Entry) -> int:
        """One entry, in the caller's transaction; its sequence number."""
        return ledger.append(tx, entry, self._clock())

    def append_all(self, tx: Connection, entries: Iterable[Entry]) -> None:
        """Several entries in order; none is no entry."""
        if some := tuple(entries):
            ledger.append_many(tx, some, self._clock())

    def advance(
        self, tx: Connection, run: Run, event: Event, *, actor: str = "assent", **changes: Any
    ) -> Run:
        """The run after an event, saved. Raises IllegalEventError; a stale run is refused.

        Settling records the outcome, dates or releases what counters count of it, and asks for the
        summary; every change marks the cards.
        """
        now = self._clock()
        status = next_status(run.status, event)
        if event in SHOWINGS and (proposal := changes.get("proposal")) is not None:
            changes = {"reminders": 0, "attention_at": next_at(proposal, now), **changes}
        if status in SETTLED:
            changes = {"settled_at": now, "question": None, **changes}
        after = self.save(tx, run, status=status, **changes)
        if status in WRITTEN:
            reservations.date(tx, run.id, now)
        elif status in SETTLED:
            reservations.release(tx, run.id)
        if status in SETTLED:
            estimate = after.estimate_micro_usd
            self.append(
                tx,
                Entry(
                    kind=Kind.OUTCOME,
                    run_id=run.id,
                    actor=actor,
                    data={"outcome": status.value, "cost_micro_usd": after.cost_micro_usd}
                    | ({"estimate_micro_usd": estimate} if estimate else {}),
                    sensitive={"note": after.note} if after.note else {},
                ),
            )
            self._ask_for_summary(tx, after)
        if status in SETTLED or status in NEEDS_A_PERSON:
            for ended in self._watchers:
                ended(tx, after)
        return after

    def save(self, tx: Connection, run: Run, **changes: Any) -> Run:
        """The run with changes that are no event of the state machine; marks the cards."""
        now = self._clock()
        after = run.model_copy(update={**changes, "version": run.version + 1, "changed_at": now})
        runs.save(tx, after)
        self._put(tx, after, f"card:{run.id}", "card", {})
        deliveries.touch(tx, run.id, now)
        return after

    def ask(
        self,
        tx: Connection,
        run: Run,
        question: Question,
        workflow: str,
        slots: tuple[Slot, ...],
        cost_micro_usd: int,
        **changes: Any,
    ) -> Run:
        """The run asks its requester; what it has cost so far is `cost_micro_usd`."""
        self.append(
            tx,
            Entry(
                kind=Kind.QUESTION,
                run_id=run.id,
                actor="assent",
                data={"slot": question.slot, "workflow": workflow},
                sensitive={"text": question.text},
            ),
        )
        return self.advance(
            tx,
            run,
            Event.ASKED,
            workflow=workflow,
            slots=slots,
            question=question,
            cost_micro_usd=cost_micro_usd,
            **changes,
        )

    def tell(self, tx: Connection, run: Run, key: str) -> None:
        """Asks for the run's note in its thread: a card that changes in place is easy to miss."""
        self._put_notice(tx, run, key, {"text": run.note})

    def say(self, tx: Connection, run: Run, key: str, line: str) -> bool:
        """Asks for one line in the run's thread about what did not change its plan: a question, a
        reply, a reminder. False when `key` was asked for before."""
        return self._put_notice(tx, run, key, {"line": line})

    def _put_notice(self, tx: Connection, run: Run, key: str, body: dict[str, str]) -> bool:
        return self._put(tx, run, key, "notice", body)

    def _put(
        self, tx: Connection, run: Run, key: str, kind: DeliveryKind | str, body: dict[str, str]
    ) -> bool:
        """Asks for a message where the run was asked for, and in each place that is linked to it:
        a card of its own there, and what follows below that card."""
        place, now = run.request.place, self._clock()
        is_new = deliveries.put(tx, key, run.id, kind, place, body, now)
        for other in self._linked(place):
            deliveries.put_linked(tx, key, run.id, kind, other, body, now)
        return is_new

    def _ask_for_summary(self, tx: Connection, run: Run) -> None:
        if run.proposal is None or run.approved_at is None:
            return  # nothing was started: the card itself says all there is
        self._put(tx, run, f"summary:{run.id}:{run.version}", "summary", {})
        self.append(
            tx,
            Entry(
                kind=Kind.SUMMARY,
                run_id=run.id,
                actor="assent",
                data={"outcome": run.status.value, "steps": len(run.proposal.plan.steps)},
            ),
        )

"""A system whose reads run behind its writes: what it shows too early is neither a difference, nor
a drift, nor a reason to write again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.desk import faults
from connectors.operation import Snapshot
from store import steps
from store.ledger.search import show
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
REFUND = "payments.refund"
LAG_SECONDS = 30.0


class Behind:
    """The refund's system with a replica: while `stale` is set, reads show that. Each pause of
    Assent is one in which the replica comes nearer; after `pauses_needed` it has caught up."""

    def __init__(self, world: Any, monkeypatch: pytest.MonkeyPatch, lag_seconds: float) -> None:
        self.stale: Snapshot | None = None
        self.is_stale_after_write = False
        self.pauses_needed, self.pauses, self.written = 0, [], 0
        self.real = world.assent.catalogue().operation(REFUND)
        lagging = replace(self.real, lag_seconds=lag_seconds, read=self.read, execute=self.execute)
        monkeypatch.setitem(world.assent.catalogue()._operations, REFUND, lagging)
        monkeypatch.setattr(world.assent.executor._lag, "_sleep", self.sleep)

    def read(self, session: Any, params: Any) -> Snapshot:
        return self.stale or self.real.read(session, params)

    def execute(self, session: Any, params: Any, before: Snapshot, key: str) -> Any:
        self.written += 1
        try:
            return self.real.execute(session, params, before, key)
        finally:
            if self.is_stale_after_write:
                self.stale = before

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        if len(self.pauses) >= self.pauses_needed:
            self.stale = None


def journal(world: Any, run: Any) -> Any:
    with world.assent.db.read() as cx:
        return steps.get(cx, run.id, 0)


def test_a_read_back_that_is_behind_is_waited_for(world, monkeypatch):
    system = Behind(world, monkeypatch, LAG_SECONDS)
    system.is_stale_after_write, system.pauses_needed = True, 3
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    assert system.pauses == [0.5, 1.0, 2.0]
    assert journal(world, run).observed["refunded"]["minor"] == 4000


def test_a_read_back_that_stays_behind_is_a_difference_in_the_end(world, monkeypatch):
    system = Behind(world, monkeypatch, LAG_SECONDS)
    system.is_stale_after_write, system.pauses_needed = True, 1_000
    run = world.approve(world.ask(SMALL), "lead")
    assert sum(system.pauses) == LAG_SECONDS
    assert journal(world, run).observed["refunded"]["minor"] == 0
    with world.assent.db.read() as cx:
        results = [e for e in show(cx, run.id) if "is_as_predicted" in e.data]
    assert results[0].data["is_as_predicted"] is False


def test_another_value_than_before_is_no_lag(world, monkeypatch):
    system = Behind(world, monkeypatch, LAG_SECONDS)
    system.is_stale_after_write, system.pauses_needed = True, 1_000
    other = {"refunded": {"minor": 1, "currency": "USD"}}
    held = system.read
    lagging = world.assent.catalogue()._operations[REFUND]

    def read(session: Any, params: Any) -> Snapshot:
        shown = held(session, params)
        return replace(shown, fields={**shown.fields, **other}) if system.stale else shown

    monkeypatch.setitem(world.assent.catalogue()._operations, REFUND, replace(lagging, read=read))
    run = world.approve(world.ask(SMALL), "lead")
    assert system.pauses == []
    assert journal(world, run).observed["refunded"]["minor"] == 1


def test_without_a_lag_nothing_is_waited_for(world, monkeypatch):
    system = Behind(world, monkeypatch, 0)
    system.is_stale_after_write, system.pauses_needed = True, 1_000
    world.approve(world.ask(SMALL), "lead")
    assert system.pauses == []


def test_what_is_behind_our_own_write_is_no_drift(world, monkeypatch):
    system = Behind(world, monkeypatch, LAG_SECONDS)
    before = _payment(world, system)
    assert world.approve(world.ask(SMALL), "lead").status is Status.APPLIED
    second = world.ask("refund $10 on order 1043, goodwill")
    assert second.proposal.seen[0].fields["refunded"]["minor"] == 4000
    system.stale, system.pauses_needed = before, 1
    run = world.approve(second, "lead")
    assert run.status is Status.APPLIED
    assert run.drift == ()
    assert len(system.pauses) == 1
    assert 0 < system.pauses[0] <= LAG_SECONDS


def test_what_somebody_else_changed_is_drift_at_once(world, monkeypatch):
    system = Behind(world, monkeypatch, LAG_SECONDS)
    run = world.ask(SMALL)
    before = _payment(world, system)
    changed = {**before.fields, "refunded": {"minor": 1, "currency": "USD"}}
    system.stale, system.pauses_needed = replace(before, fields=changed), 1
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    assert run.drift
    assert system.pauses == []


@pytest.mark.slow
def test_a_lost_write_is_not_made_again_while_a_look_up_may_be_behind(world, monkeypatch):
    system = Behind(world, monkeypatch, 0.9)
    looked: list[bool] = []

    def lookup(session: Any, params: Any, key: str) -> Any:
        looked.append(True)
        return None if len(looked) == 1 else system.real.lookup(session, params, key)

    lagging = world.assent.catalogue()._operations[REFUND]
    monkeypatch.setitem(
        world.assent.catalogue()._operations, REFUND, replace(lagging, lookup=lookup)
    )
    faults.set_fault(
        world.desk, "time_out_after_write", operation=REFUND, call="execute", seconds=0.01
    )
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    assert system.written == 1
    assert len(looked) == 2


def _payment(world: Any, system: Behind) -> Snapshot:
    params = system.real.params.model_validate(
        {"payment": "pay_7731", "amount": {"minor": 1, "currency": "USD"}, "reason": "x"}
    )
    with world.assent.catalogue().session("refund", REFUND, is_write=False) as session:
        return system.real.read(session, params)

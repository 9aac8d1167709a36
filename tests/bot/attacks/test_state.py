"""State: what was signed is what runs, once, on the record that was shown."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text

from bot.incoming import Verb
from connectors.desk import faults, outside
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, HUGE_PAYMENT, MEDIUM, SMALL, Witness

pytestmark = pytest.mark.slow  # each is fast, all together are not


def test_a_stale_before_state(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    outside.set_order_status(world.desk, "1043", "shipped")
    outside.refund_payment(world.desk, "pay_7731", 100)
    again = world.approve(run, "lead")
    assert again.status is Status.WAITING
    assert "payment pay_7731 changed, by ops-batch" in again.note
    assert again.proposal.digest != run.proposal.digest
    assert world.assent.reading.view(run.id).approvals == ()
    witness.refused(
        world.press(Verb.APPROVE, run, "lead2", digest=run.proposal.digest), "changed since"
    )
    witness.nothing_was_written()


def test_partly_refunded_meanwhile_so_that_too_little_is_left(world: Any, witness: Witness) -> None:
    run = world.ask(MEDIUM)
    outside.refund_payment(world.desk, "pay_7731", 1_000)
    now = world.approve(run, "finance")
    witness.turned_down(now, "$119.00")
    assert world.refunds() == [1_000]


def test_parameters_that_are_edited_after_an_approval(world: Any, witness: Witness) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    shown = world.edit(run, "agent", amount="$1,600.00")
    assert shown.status is Status.WAITING, shown.note
    assert shown.proposal.digest != run.proposal.digest
    assert world.assent.reading.view(run.id).approvals == ()
    world.approve_only(run, "finance2")
    assert world.run(run.id).status is Status.WAITING
    assert Kind.EDIT in world.kinds(run)
    witness.nothing_was_written()
    assert world.approve(run, "finance").status is Status.APPLIED
    assert world.refunds(HUGE_PAYMENT) == [160_000]


def test_an_approver_who_edits_the_amount_approves_it_alone(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    shown = world.edit(run, "lead", amount="$90.00")
    assert shown.status is Status.WAITING, shown.note
    witness.refused(world.press(Verb.APPROVE, run, "lead"), "somebody else")
    witness.nothing_was_written()


@pytest.mark.parametrize(("old", "new"), [("4000", "9000"), ("pay_7731", "pay_7755")])
def test_parameters_that_are_edited_in_the_store_after_an_approval(
    world: Any, witness: Witness, old: str, new: str
) -> None:
    """By somebody with a database shell, between the last approval and the first write."""
    executor, begin = world.assent.executor, world.assent.executor.begin

    def tampered(run_id: str, digest: str) -> int:
        with world.assent.db.begin() as tx:
            tx.execute(text(f"UPDATE runs SET body = replace(body, '{old}', '{new}')"))
        return int(begin(run_id, digest))

    executor.begin = tampered
    run = world.ask(SMALL)
    world.approve_only(run, "lead")
    world.until(run, lambda _run: world.steps(run) != [], 5)
    for _ in range(20):
        threading.Event().wait(0.02)
    assert world.run(run.id).status is Status.RUNNING
    witness.nothing_was_written()
    world.assent.sweeper._abandoned = lambda _prefix: True  # as the engine says once it is over
    from datetime import timedelta

    world.clock.offset = timedelta(minutes=5)
    world.assent.sweep()
    now = world.run(run.id)
    assert now.status is Status.STUCK
    assert now.note
    witness.nothing_was_written()


def test_an_approval_replayed_on_another_plan(world: Any, witness: Witness) -> None:
    signed = world.ask("refund $41 on order 1043, late")
    other = world.ask("refund $42 on order 1065, late")
    digest = signed.proposal.digest
    witness.refused(world.press(Verb.APPROVE, other, "lead", digest=digest), "changed since")
    assert world.approve(signed, "lead").status is Status.APPLIED
    witness.refused(world.press(Verb.APPROVE, other, "lead", digest=digest), "changed since")
    witness.refused(world.press(Verb.APPROVE, signed, "lead2", digest=digest), "applied already")
    assert world.run(other.id).status is Status.WAITING
    assert world.approvals(other) == []
    assert world.refunds() == [4_100]


def test_a_double_click(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    barrier, replies = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        replies.append(world.press(Verb.APPROVE, run, "lead"))

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert world.settled(run).status is Status.APPLIED
    assert len(replies) == 4
    assert world.approvals(run) == ["Lee Park"]
    assert witness.writes().count("payments.refund") == 1
    witness.ledger_is_whole()


@pytest.mark.parametrize("fault", ["time_out_after_write", "time_out_before_write"])
def test_a_retry_after_a_time_out(world: Any, witness: Witness, fault: str) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, fault, operation="payments.refund")
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [4_000]
    assert witness.writes().count("payments.refund") == 1
    witness.ledger_is_whole()


@pytest.mark.slow
def test_a_double_click_over_the_wire(play: Any) -> None:
    from tests.bot.wire.test_people import together

    order = play.order()
    run = play.ask(f"refund $4.00 on order {order}, damaged")
    together(*[lambda: play.press("Approve", "lead", run)] * 3)
    play.until_status(run, "applied")
    assert play.refunds(order) == [400]
    assert play.is_ledger_whole()

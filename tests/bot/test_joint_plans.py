"""One request that takes several workflows: one plan, one card, all of it or nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cards.details import details
from bot.cards.text import render
from bot.digest import _saved
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults, outside
from store import ledger, steps
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.conftest import World
from tests.bot.divided import Divided
from tests.bot.joint_worlds import (
    BOTH,
    CANCEL,
    REFUND,
    TWICE,
    card,
    divided_worlds,
    order_status,
)

pytestmark = pytest.mark.slow  # real databases


@pytest.fixture
def make_divided(tmp_path: Path, made: Path) -> Iterator[Callable[..., Any]]:
    with divided_worlds(tmp_path, made) as make:
        yield make


@pytest.fixture
def world(make_divided: Callable[..., Any]) -> Any:
    return make_divided()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "bundle"))


def test_two_parts_are_one_plan_with_one_card_and_one_approval(world: Any) -> None:
    run = world.ask(BOTH)
    assert run.status is Status.WAITING
    assert run.workflow == run.proposal.plan.workflow == "cancel-order+refund"
    assert [step.id for step in run.proposal.plan.steps] == [
        "cancel-order.cancel",
        "cancel-order.refund",
        "cancel-order.note",
        "refund.refund",
        "refund.note",
        "refund.close",
    ]
    shown = card(world, run)
    assert "Cancel an order, and refund a payment · order 1066 and order 1043" in shown
    assert [r.roles for r in run.proposal.decision.requirements] == [("support-leads",)]
    settled = world.approve(run, "lead")
    assert settled.status is Status.APPLIED, settled.note
    assert order_status(world) == "cancelled"
    assert world.refunds() == [4_000]
    assert world.press(Verb.APPROVE, run, "lead2").is_refusal


def test_a_refusal_in_a_later_part_takes_back_every_part(world: Any) -> None:
    run = world.ask(BOTH)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED
    assert {status for _, status in world.steps(run)} == {"compensated", "failed"}
    assert order_status(world) == "placed"
    assert world.refunds() == []


def test_one_slot_of_one_part_is_edited_and_the_others_stay(world: Any) -> None:
    run = world.ask(BOTH)
    fields = {f.name: (f.label, f.value) for f in world.assent.reading.view(run.id).fields}
    assert fields["refund.amount"] == ("Amount (refund)", "$40.00")
    assert fields["cancel-order.reason"] == ("Reason (cancel order)", "customer-request")
    changed = world.edit(run, "agent", skip=("refund.close",), **{"refund.amount": "$30"})
    assert changed.proposal.round == 2
    assert changed.note == (
        "Dana Okafor changed amount (refund) from $40.00 to $30.00, left out close (refund)."
    )
    assert "refund.close" not in [step.id for step in changed.proposal.plan.steps]
    assert changed.parts == run.parts
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [3_000]
    assert order_status(world) == "cancelled"


def test_a_change_behind_our_back_in_one_part_reopens_the_whole(world: Any) -> None:
    run = world.ask(BOTH)
    outside.refund_payment(world.desk, "pay_7731", 1_000)
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    assert run.drift
    assert order_status(world) == "placed"
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_question_about_one_part_finds_it_again(world: Any) -> None:
    run = world.ask(f"{CANCEL} / refund: refund order 1043, damaged")
    assert run.status is Status.ASKING
    assert run.question.slot == "refund.amount"
    assert run.question.text.startswith("“refund order 1043, damaged”: ")
    assert "order (cancel order) 1066" in card(world, run)
    world.say("$12", thread=run.request.place.thread)
    run = world.run(run.id)
    assert run.status is Status.WAITING
    assert run.proposal.plan.steps[3].params["amount"]["minor"] == 1_200
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_part_that_cannot_be_done_refuses_the_whole_and_says_what_could_be(world: Any) -> None:
    run = world.ask(f"{CANCEL} / refund: don't refund order 1043")
    assert run.status is Status.DENIED
    assert "“don't refund order 1043”: " in run.note
    assert (
        "Asked for alone, “cancel order 1066, customer changed their mind” can be done" in run.note
    )
    assert order_status(world) == "placed"


def test_the_same_workflow_twice(world: Any) -> None:
    run = world.ask(TWICE)
    assert run.workflow == "refund+refund~2"
    assert "Refund a payment twice · order 1043 and order 1063" in card(world, run)
    labels = [field.label for field in world.assent.reading.view(run.id).fields]
    assert labels[-1] == "Reason (refund 2)"
    assert "amount (refund 2): $7.00" in " ".join(
        str(render(page, UTC)) for page in details(world.assent.reading.view(run.id))
    )
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [500]


def test_parts_that_contradict_each_other_are_asked_about(world: Any) -> None:
    run = world.ask(
        "refund: refund $100 on order 1043, late / refund: refund $100 on order 1043, damaged"
    )
    assert run.status is Status.ASKING
    assert run.question.slot == "part"
    assert "change the refunded of payment pay_7731" in run.question.text
    assert [value for value, _ in run.question.choices] == ["refund", "refund~2"]
    with world.assent.db.read() as cx:
        found = [e.data for e in ledger.show(cx, run.id) if e.kind is Kind.HANDOFF]
    assert found == [
        {
            "outcome": "conflict",
            "between": ["refund", "refund~2"],
            "resource": "payment pay_7731",
            "field": "refunded",
        }
    ]
    assert not world.press(Verb.ANSWER, run, "agent", text="refund", digest="part").is_refusal
    world.plan()
    run = world.run(run.id)
    assert run.status is Status.WAITING
    assert run.workflow == "refund"
    assert [(s.name, s.value) for s in run.slots][-1] == ("reason", "damaged")
    changed = world.edit(run, "agent", amount="$9")
    assert changed.proposal.plan.steps[0].params["amount"]["minor"] == 900
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [900]


def test_two_notes_on_one_order_do_not_contradict_each_other(world: Any) -> None:
    run = world.ask(
        "change-address: change address of order 1066 to 12 Main St, Austin, TX 78701, US"
        " / refund: refund $3 on order 1066, late"
    )
    assert run.status is Status.WAITING, (run.question, run.note)
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_part_that_waits_already_is_pointed_to(world: Any) -> None:
    first = world.ask(REFUND.removeprefix("refund: "))
    run = world.ask(BOTH, "agent2")
    assert run.status is Status.CANCELLED
    assert f"{first.id}, which Dana Okafor asked for, is exactly one part of this" in run.note


def test_a_part_that_was_rejected_needs_a_new_reason(world: Any) -> None:
    first = world.ask(REFUND.removeprefix("refund: "))
    world.press(Verb.REJECT, first, "lead", text="wrong amount")
    run = world.ask(BOTH)
    assert run.status is Status.ASKING
    assert first.id in run.question.text
    world.say("the customer sent a photo", thread=run.request.place.thread)
    assert world.run(run.id).status is Status.WAITING


def test_each_part_counts_in_the_report_as_what_it_is(world: Any) -> None:
    world.approve(world.ask(BOTH), "lead")
    report = world.assent.digests.report(world.clock())
    assert {total.title: dict(total.outcomes) for total in report.totals} == {
        "Cancel an order": {"applied": 1},
        "Refund a payment": {"applied": 1},
    }
    assert report.tasks == 2
    assert [s.unit for s in report.saved] == ["order cancelled", "refund completed"]
    assert 15 * 60 <= sum(s.seconds for s in report.saved) <= 16 * 60
    assert [r.minor for r in report.returned] == [
        sum(s.params["amount"]["minor"] for s in world.run(world.last_id()).proposal.plan.steps
            if s.operation == "payments.refund")
    ]  # fmt: skip


def test_the_time_that_a_joint_run_took_is_counted_once(world: Any) -> None:
    run = world.approve(world.ask(BOTH), "lead")
    late = run.model_copy(update={"settled_at": run.approved_at + timedelta(minutes=8)})
    saved = _saved(world.assent.catalogue(), [late], ("refund", "cancel-order"))
    assert [s.seconds for s in saved] == [210, 270]  # 16 min by hand, 8 of them taken
    assert [s.seconds for s in _saved(world.assent.catalogue(), [late], ("refund",))] == [270]


def test_an_execution_goes_on_where_it_stopped(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "stopped"
    shutil.copytree(made, folder)
    world = World(folder, Divided(), {})
    run = world.ask(BOTH)
    faults.set_fault(world.desk, "time_out_before_write", operation="payments.refund", count=2)
    world.approve_only(run, "lead")
    world.assent.close()  # in the middle of whatever it does
    again = World(folder, Divided(), {})
    try:
        settled = again.settled(again.run(run.id))
        assert settled.status is Status.APPLIED
        with again.assent.db.read() as cx:
            assert {s.status.value for s in steps.all_for(cx, run.id)} == {"done"}
        assert again.refunds() == [4_000]
        assert len(again.desk_rows("SELECT id FROM refunds WHERE created_by='desk-refunds'")) == 2
    finally:
        again.assent.close()


def test_what_two_parts_did_to_one_record_is_taken_back_in_reverse(world: Any) -> None:
    row = "SELECT status, street, city, postcode FROM orders WHERE id = '1066'"
    notes = "SELECT count(*) FROM notes WHERE order_id = '1066' AND NOT is_deleted"
    before = world.desk_rows(row), world.desk_rows(notes)
    run = world.ask(
        "change-address: change address of order 1066 to 9 Elm St, Boston, 02108, US"
        " / refund: refund $3 on order 1066, late / refund: refund $4 on order 1043, late"
    )
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED, run.note
    assert {status for _, status in world.steps(run)} == {"compensated", "failed", "planned"}
    assert (world.desk_rows(row), world.desk_rows(notes)) == before


def test_a_part_that_cannot_be_taken_back_is_said_before_and_left_to_a_person(world: Any) -> None:
    outside.pay_out(world.desk, "1043")
    run = world.ask(f"{REFUND} / {CANCEL}")
    assert "Cannot be taken back: payment pay_7731, the payout has left." in card(world, run)
    faults.set_fault(world.desk, "refuse", operation="orders.cancel", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.STUCK
    assert "payment pay_7731 cannot be taken back" in run.note
    assert dict(world.steps(run))["refund.note"] == "compensated"
    assert order_status(world) == "placed"

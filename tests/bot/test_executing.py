"""What was signed is what runs, once; and what cannot be finished is taken back or handed over."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults, outside
from connectors.operation import Result
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"


def test_a_change_behind_our_back_reopens_the_approval(world: Any) -> None:
    run = world.ask(SMALL)
    signed = run.proposal.digest
    outside.refund_payment(world.desk, "pay_7731", 5_000)
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    assert run.proposal.digest != signed
    assert run.drift
    assert world.refunds() == [5_000]
    assert world.press(Verb.APPROVE, run, "lead2", digest=signed).is_refusal
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [5_000, 4_000]


def test_an_approval_does_not_count_again_when_the_state_returns(world: Any) -> None:
    run = world.ask(SMALL)
    outside.set_ticket_status(world.desk, "T-882", "pending")
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    outside.set_ticket_status(world.desk, "T-882", "open")
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    assert run.proposal.round == 3
    assert world.refunds() == []


def test_drift_beyond_what_can_be_refunded_denies(world: Any) -> None:
    run = world.ask("refund $120 on order 1043, arrived damaged")
    outside.refund_payment(world.desk, "pay_7731", 10_000)
    run = world.approve(run, "finance")
    assert run.status is Status.DENIED
    assert world.refunds() == [10_000]


def test_a_time_out_after_the_write_is_found_and_not_repeated(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
    run = world.approve(run, "lead")
    assert run.status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_time_out_before_the_write_is_tried_again(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_before_write", operation="payments.refund", count=2)
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_rate_limit_is_waited_for(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(
        world.desk, "rate_limit", operation="payments.refund", call="execute", seconds=1
    )
    started = time.monotonic()
    assert world.approve(run, "lead").status is Status.APPLIED
    assert time.monotonic() - started >= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["unavailable", "rate_limit"])
def test_a_system_that_never_takes_the_write_leaves_nothing_unknown(world: Any, kind: str) -> None:
    run = world.ask(SMALL)
    faults.set_fault(
        world.desk, kind, operation="payments.refund", call="execute", count=50, seconds=0
    )
    run = world.settled(world.approve_only(run, "lead"), 60)
    assert run.status is Status.FAILED
    assert "Nothing was done" in run.note
    assert world.refunds() == []


def test_a_refusal_in_the_middle_takes_back_what_was_done(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED
    assert dict(world.steps(run)) == {
        "refund": "compensated",
        "note": "compensated",
        "close": "failed",
    }
    assert world.refunds() == []
    assert "refused" in run.note
    assert world.desk_rows("SELECT refunded_minor, status FROM payments WHERE id='pay_7731'") == [
        (0, "paid")
    ]


def test_what_is_remembered_by_its_state_alone_is_taken_back_too(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a system finds the write under any key, that of its taking back included."""
    real = world.assent.catalogue().operation("payments.refund")

    def lookup(session: Any, params: Any, key: str) -> Result | None:
        now = real.read(session, params)
        is_written = now.fields["refunded"]["minor"] > 0
        return Result("as it stands", now.version, is_replay=True) if is_written else None

    by_state = replace(real, remembers="state", lookup=lookup)
    monkeypatch.setitem(world.assent.catalogue()._operations, "payments.refund", by_state)
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.COMPENSATED
    assert world.refunds() == []


def test_compensation_goes_in_reverse_order(world: Any) -> None:
    from store import ledger

    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    run = world.approve(run, "lead")
    with world.assent.db.read() as cx:
        entries = ledger.show(cx, run.id)
    taken_back = [e.data["step"] for e in entries if e.kind is Kind.COMPENSATION]
    assert taken_back == ["note", "refund"]


def test_a_refusal_at_once_fails_with_nothing_done(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="payments.refund", call="execute")
    run = world.approve(run, "lead")
    assert run.status is Status.FAILED
    assert "Nothing was done" in run.note
    assert world.refunds() == []


def test_a_compensation_that_fails_is_stuck_and_a_person_tries_again(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    faults.set_fault(world.desk, "refuse", operation="payments.refund", call="compensate")
    run = world.approve(run, "lead")
    assert run.status is Status.STUCK
    assert world.refunds() == [4_000]
    assert not world.press(Verb.ASK_AGAIN, run, "lead").is_refusal
    assert world.settled(run).status is Status.COMPENSATED
    assert world.refunds() == []


def test_payout_gone_meanwhile_is_stuck_not_hidden(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "slow", operation="orders.add_note", call="execute", seconds=1)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    world.approve_only(run, "lead")
    world.until(run, lambda _: ("refund", "done") in world.steps(run))
    outside.pay_out(world.desk, "1043")
    run = world.settled(run)
    assert run.status is Status.STUCK
    assert "payout" in run.note
    assert world.refunds() == [4_000]


def test_cancel_while_running_takes_back(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "slow", operation="orders.add_note", call="execute", seconds=1)
    world.press(Verb.APPROVE, run, "lead")
    world.until(run, lambda _: ("refund", "done") in world.steps(run))
    assert not world.press(Verb.CANCEL, run, "agent").is_refusal
    run = world.settled(run)
    assert run.status is Status.COMPENSATED
    assert world.refunds() == []


def test_every_write_has_an_intent_before_it_and_a_result_after_it(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    kinds = [k for k in world.kinds(run) if k in {Kind.INTENT, Kind.RESULT}]
    assert kinds == [Kind.INTENT, Kind.RESULT] * 3


@pytest.mark.slow
def test_the_desk_away_at_execution_fails_with_nothing_done(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "unavailable", call="any", count=100)
    world.press(Verb.APPROVE, run, "lead")
    run = world.settled(run, 30)
    assert run.status is Status.FAILED
    assert "Nothing was done" in run.note
    faults.clear_faults(world.desk)
    assert world.refunds() == []


def test_irreversible_refund_says_so_before_anybody_signs(world: Any) -> None:
    run = world.ask("refund $10 on order 1068, arrived damaged")
    refund = run.proposal.seen[0]
    assert not refund.is_reversible
    assert "payout" in refund.undo


def test_costs_are_metered_in_micro_dollars(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    assert run.cost_micro_usd > 0


def test_a_card_that_a_crash_left_unrecorded_is_adopted_by_its_click(world: Any) -> None:
    from store import deliveries

    run = world.ask(SMALL)
    world.press(Verb.APPROVE, run, "outsider")
    with world.assent.db.read() as cx:
        cards = [d for d in deliveries.for_run(cx, run.id) if d.kind == "card"]
    assert {card.message for card in cards} == {"", "1700000001.000001"}


def test_a_run_stops_at_its_budget_and_says_so(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    workflow = bundle / "workflows" / "refund.yml"
    workflow.write_text(workflow.read_text().replace("tool_calls: 30", "tool_calls: 8"))
    world = make_world(ASSENT_BUNDLE=str(bundle))
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status in {Status.COMPENSATED, Status.FAILED}
    assert "8 calls" in run.note
    assert world.refunds() == []


def test_a_run_stops_at_its_spend(tmp_path: Path, make_world: Callable[..., Any]) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    workflow = bundle / "workflows" / "refund.yml"
    workflow.write_text(workflow.read_text().replace('spend_usd: "0.20"', 'spend_usd: "0.0005"'))
    world = make_world(ASSENT_BUNDLE=str(bundle))
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.COMPENSATED
    assert "spend" in run.note
    assert world.refunds() == []


def test_the_engine_forgets_what_ended_and_the_ledger_does_not(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    deadline = time.monotonic() + 5
    while not world.assent.engine.forget(world.clock() + timedelta(minutes=1)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert Kind.OUTCOME in world.kinds(run)

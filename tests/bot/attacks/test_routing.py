"""Routing: another door to the same write, or a door that is labelled as another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from connectors.desk.embedded import prepare_desk
from store.model.run import Status
from tests.bot.attacks.witness import SMALL, Witness, ask_from, edited, refund_of, smuggle

pytestmark = pytest.mark.slow  # each is fast, all together are not


def test_a_sandbox_label_on_production_credentials(
    make_world: Callable[..., Any], tmp_path: Path
) -> None:
    """The system itself says which environment an account belongs to, and is believed."""
    desk = tmp_path / "production.db"
    prepare_desk(str(desk), datetime.now(UTC).date(), "production")
    world = make_world(ASSENT_DESK_ADDRESS=str(desk))
    run = world.ask(SMALL)
    witness = Witness(world)
    witness.turned_down(run)
    assert "sandbox" in run.note or "environment" in run.note, run.note
    import sqlite3

    with sqlite3.connect(desk) as production:
        assert production.execute("SELECT count(*) FROM writes").fetchone() == (0,)


def test_a_connection_of_another_environment(
    make_world: Callable[..., Any], tmp_path: Path
) -> None:
    """In production, a connection that says sandbox is no connection."""
    world = make_world(
        ASSENT_BUNDLE=str(edited(tmp_path / "desk")), ASSENT_ENVIRONMENT="production"
    )
    Witness(world).turned_down(world.ask(SMALL), "production")


def test_the_same_operation_through_another_workflow(world: Any, witness: Witness) -> None:
    """A workflow whose connections cannot refund proposes a refund, and people even approve it."""
    run = smuggle(world, refund_of(4_000), workflow="change-address")
    if run.status is Status.WAITING:
        run = world.approve(run, "lead")
    assert run.status in {Status.FAILED, Status.DENIED}, (run.status, run.note)
    assert "change-address" in run.note
    assert world.refunds() == []
    assert witness.writes() == []
    witness.ledger_is_whole()


@pytest.mark.parametrize("operation", ["stripe.refund", "payments2.refund", "desk.payments.refund"])
def test_the_same_operation_through_another_connector(
    world: Any, witness: Witness, operation: str
) -> None:
    run = smuggle(world, (operation, refund_of(4_000)[1]))
    witness.turned_down(run, f"no connector offers the operation {operation}")


@pytest.mark.parametrize(
    "operation", ["payments.pay_out", "Payments.refund", "", "payments.refund "]
)
def test_an_unknown_operation(world: Any, witness: Witness, operation: str) -> None:
    witness.turned_down(smuggle(world, (operation, {})), "no connector offers the operation")


def test_a_plan_hiding_one_large_item(world: Any, witness: Witness) -> None:
    """The strictest step decides for all of them."""
    small = [refund_of(100, payment="pay_7753") for _ in range(3)]
    run = smuggle(world, *small, refund_of(150_000, payment="pay_7755"), *small)
    assert ("finance-leads", 2) in witness.needs(run)
    world.approve_only(run, "lead")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_a_review_of_many_hiding_one_large_item(world: Any, witness: Witness) -> None:
    """Each line is its own approval with its own checks; one click for all is no click for each."""
    small = [world.ask(f"refund $4{n} on order {o}, late") for n, o in ((1, 1043), (2, 1065))]
    large = world.ask("refund $1,500.00 on order 1067, late", "agent2")
    for run in (*small, large):
        reply = world.press(Verb.APPROVE, run, "lead")
        assert reply.is_refusal is (run is large), reply.text
    assert [world.settled(run).status for run in small] == [Status.APPLIED] * 2
    assert world.run(large.id).status is Status.WAITING
    assert world.approvals(large) == []
    assert world.refunds("pay_7755") == []
    witness.ledger_is_whole()


def test_a_direct_message(world: Any, witness: Witness) -> None:
    witness.turned_down(world.ask(SMALL, channel="D0DANA00000"), "#support-ops")


@pytest.mark.parametrize("channel", ["C0RANDOM000", "G0PRIVATE00", "c0supportop", "C0SUPPORTOP "])
def test_a_channel_that_is_not_listed(world: Any, witness: Witness, channel: str) -> None:
    witness.turned_down(world.ask(SMALL, channel=channel), "#support-ops")


def test_a_stranger_in_a_shared_channel(world: Any, witness: Witness) -> None:
    from store.model.person import Account

    stranger = Account(
        surface="slack", team="T9", user="agent", display_name="Dana Okafor", is_stranger=True
    )
    run, reply = ask_from(world, stranger, SMALL, key="from-elsewhere")
    assert run is None
    witness.refused(reply, "another organisation")
    witness.nothing_was_written()


@pytest.mark.parametrize("level", ["L3", "L4"])
def test_a_workflow_that_raises_its_own_autonomy(watched: Any, level: str) -> None:
    """What it says of itself is a ceiling; what it has earned is on record, and that is nothing."""
    watched.edit(("workflows/refund.yml", "autonomy: L2", f"autonomy: {level}"))
    run = watched.world.ask(SMALL)
    assert watched.witness.needs(run) == {("support-leads", 1)}
    watched.witness.nothing_was_written()


def test_a_workflow_that_raises_the_level_of_its_environment(watched: Any) -> None:
    watched.edit(
        ("workflows/refund.yml", "autonomy: L2", "autonomy: L4"),
        ("bundle.yml", "sandbox: {autonomy: L3}", "sandbox: {autonomy: L4}"),
    )
    run = watched.world.ask(SMALL)
    assert watched.witness.needs(run) == {("support-leads", 1)}
    watched.witness.nothing_was_written()

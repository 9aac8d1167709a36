"""Who may do what in a joint plan: each part is judged as itself, and no part lends to another."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import load_checked
from bot.bundle.reloading import Reloader
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults
from store import autonomy
from store.model.decision import Effect
from store.model.run import Status
from tests.bot.conftest import earn
from tests.bot.joint_worlds import (
    BOTH,
    CANCEL,
    REFUND,
    TWICE,
    card,
    divided_worlds,
    edit,
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


def test_rules_about_a_workflow_judge_the_part_of_that_name(world: Any) -> None:
    run = world.ask(BOTH)
    judged = {s.step: s.facts["workflow.name"] for s in run.proposal.decision.steps}
    assert judged["cancel-order.refund"] == "cancel-order"
    assert judged["refund.refund"] == "refund"


def test_requirements_of_all_parts_hold(world: Any) -> None:
    run = world.ask(f"{CANCEL} / refund: refund $120 on order 1043, arrived damaged")
    world.approve_only(run, "lead")
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_a_denied_part_denies_the_whole_and_is_named(world: Any) -> None:
    run = world.ask(f"cancel-order: cancel order 1043, fraud / {REFUND}")
    assert run.status is Status.DENIED
    assert run.note.startswith("Cancel an order: The order 1043 is "), run.note
    assert world.refunds() == []


def test_a_part_that_policy_denies_denies_the_whole_and_is_named(
    make_divided: Callable[..., Any], bundle: Path
) -> None:
    policy = bundle / "policies" / "orders.yml"
    edit(policy, "unshipped: [placed]", "unshipped: [never]")
    policy.write_text(policy.read_text().split("\nexamples:")[0] + "\nexamples: []\n")
    world = make_divided(ASSENT_BUNDLE=str(bundle))
    run = world.ask(BOTH)
    assert run.status is Status.DENIED
    reason = run.proposal.decision.reason
    assert reason.startswith("denied: Cancel an order: the order is placed; only an order that is")
    assert reason.endswith(". Alone would be possible: Refund a payment")
    assert world.refunds() == []


def test_no_part_is_carried_by_another_parts_approver(
    make_divided: Callable[..., Any], bundle: Path
) -> None:
    refunds = bundle / "policies" / "refunds.yml"
    edit(refunds, '"workflow.level < 3"', '"workflow.level < 1"')
    text = refunds.read_text()
    refunds.write_text(text.split("\nexamples:")[0] + "\nexamples: []\n")
    world = make_divided(ASSENT_BUNDLE=str(bundle))
    assert world.ask(REFUND.removeprefix("refund: ")).status is Status.DENIED
    run = world.ask(BOTH)
    assert run.status is Status.DENIED
    assert "no rule names one for this part" in run.proposal.decision.reason


def test_a_joint_plan_is_approved_whatever_its_parts_have_earned(
    make_divided: Callable[..., Any], bundle: Path
) -> None:
    edit(bundle / "workflows" / "refund.yml", "autonomy: L2", "autonomy: L3")
    world = make_divided(ASSENT_BUNDLE=str(bundle))
    earn(world)
    assert world.ask(TWICE.replace("1063", "1051")).status is not Status.RUNNING
    run = world.ask(TWICE)
    assert run.status is Status.WAITING
    assert run.proposal.decision.effect is Effect.NEEDS_APPROVAL
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    assert world.approve(run, "lead").status is Status.COMPENSATED
    with world.assent.db.read() as cx:  # it neither earns nor loses
        earned = autonomy.present(cx, "refund", "sandbox")
    assert earned is not None
    assert earned.level == 3
    assert world.assent.autonomy.standing("refund").record.pasts == ()


def test_what_a_plan_asks_for_itself_counts_against_its_later_parts(world: Any) -> None:
    many = " / ".join(f"refund: refund $5 on order {n}, late" for n in (1043, 1051, 1063))
    run = world.ask(many.replace("$5 on order 1051", "€5 on order 1051"))
    counts = [
        s.facts["refunds_of_requester.count"]
        for s in run.proposal.decision.steps
        if s.operation == "payments.refund"
    ]
    assert counts == [0, 1, 2]


def test_a_part_uses_its_own_connection_and_no_other(
    make_divided: Callable[..., Any], bundle: Path
) -> None:
    edit(
        bundle / "bundle.yml",
        "refund: [desk-reader, desk-refunds]",
        "refund: [desk-reader, desk-orders]",
    )
    world = make_divided(ASSENT_BUNDLE=str(bundle))
    run = world.ask(BOTH)
    run = world.approve(run, "lead")  # cancel-order may refund; the part refund may not
    assert run.status is Status.COMPENSATED
    assert "workflow refund has no connection" in run.note
    assert dict(world.steps(run))["cancel-order.refund"] == "compensated"
    assert order_status(world) == "placed"


def test_a_plan_whose_part_the_bundle_lost_is_denied_before_anything_is_written(
    make_divided: Callable[..., Any], bundle: Path
) -> None:
    world = make_divided(ASSENT_BUNDLE=str(bundle))
    run = world.ask(BOTH)
    (bundle / "workflows" / "cancel-order.yml").unlink()
    (bundle / "policies" / "orders.yml").unlink()
    for file in (bundle / "bundle.yml", bundle / "policies" / "notes.yml"):
        text = file.read_text().replace("refund, cancel-order,", "refund,")
        text = text.replace("[cancel-order, change-address]", "[change-address]")
        kept = [line for line in text.splitlines() if "cancel-order" not in line]
        file.write_text("\n".join(kept) + "\n")
    assent = world.assent
    reloader = Reloader(
        bundle,
        assent.in_force,
        lambda: load_checked(assent.settings, assent.db, assent.clock()),
        lambda: None,
    )
    reloader.look()
    reloader.look()
    assert "cancel-order" not in assent.catalogue().workflows, assent.in_force.refused()
    assert "Request" in card(world, run)
    run = world.approve(run, "lead")
    assert run.status is Status.DENIED
    assert run.note == "The bundle has no workflow cancel-order any more. Nothing was done."
    assert world.refunds() == []


def test_a_delegation_for_one_part_does_not_reach_the_whole(world: Any) -> None:
    from bot.people.standing_in import covers
    from store.model.person import Delegation

    run = world.ask(BOTH)
    one = Delegation(
        id="1",
        from_id="someone",
        from_name="Lee Park",
        to_id="other",
        to_name="Mira Sol",
        roles=(),
        workflows=("refund",),
        starts_at=run.created_at,
        ends_at=run.proposal.expires_at,
    )
    now = world.clock()
    assert not covers(one, run, run.proposal, now)
    both = one.model_copy(update={"workflows": ("refund", "cancel-order")})
    assert covers(both, run, run.proposal, now)

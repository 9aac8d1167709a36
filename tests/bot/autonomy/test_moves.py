"""A person promotes on a record that carries it; the record demotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.autonomy.ladder import NotPromotedError
from bot.errors import CommandError
from connectors.desk import faults
from store import autonomy
from store.ledger.search import find
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.autonomy.steps import (
    EASY,
    OTHER,
    SMALL,
    catalogue_now,
    changes,
    level,
    notices,
    promote,
    review,
    write,
)

pytestmark = pytest.mark.slow  # a ladder is climbed run by run


def test_a_promotion_says_what_lacks(declared: Callable[..., Any]) -> None:
    world = declared("L3", "")
    with pytest.raises(NotPromotedError) as refused:
        promote(world, 3)
    text = str(refused.value)
    assert "0 of the last 0 judged runs" in text
    assert "20 of 25 are needed" in text
    assert "14 days are needed" in text
    assert changes(world) == []
    assert notices(world) == []
    assert level(world) == 2


@pytest.mark.parametrize(
    ("declared_level", "cap", "to", "why"),
    [
        ("L2", "L4", 3, "autonomy: L2"),
        ("L3", "L3", 4, "goes up one level"),
        ("L3", "L3", 2, "goes up one level"),
        ("L3", "L3", 99, "goes up one level"),
        ("L4", "L4", 4, "goes up one level"),
    ],
)
def test_a_promotion_goes_up_one_level_and_not_above_a_ceiling(
    declared: Callable[..., Any], declared_level: str, cap: str, to: int, why: str
) -> None:
    world = declared(declared_level, f"promotion: {EASY}\nreviewers: [support-leads]", cap)
    world.approve(world.ask(OTHER), "lead")
    with pytest.raises(NotPromotedError, match=why):
        promote(world, to)
    assert level(world) == 2


def test_a_promotion_is_recorded_and_said_where_all_read_it(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    assert changes(world) == [(2, 3)]
    assert notices(world) == [
        "refund is at L3 now: what no rule asks people for runs by itself. Kim: it did well"
    ]
    [earned] = world.assent.autonomy.standing("refund").history
    assert (earned.actor, earned.because, earned.level) == ("Kim", "it did well", 3)
    with world.assent.db.read() as cx:
        [entry] = find(cx, kind=Kind.AUTONOMY)
    assert entry.sensitive == {"name": "Kim", "because": "it did well"}
    assert "Kim" not in str(entry.data)


def test_each_rung_needs_a_record_of_its_own(at_level: Callable[..., Any]) -> None:
    world = at_level(3, f"promotion: {EASY}")
    write(world.assent.settings.bundle, "L4", f"promotion: {EASY}\nreviewers: [support-leads]")
    world.assent.in_force.put(catalogue_now(world))
    with pytest.raises(NotPromotedError, match="0 of the last 0"):
        promote(world, 4)


def test_l4_needs_somebody_who_reviews(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    write(world.assent.settings.bundle, "L3", f"promotion: {EASY}")
    catalogue = catalogue_now(world)
    refund = catalogue.bundle.workflows["refund"].model_copy(update={"autonomy": "L4"})
    catalogue.bundle.workflows["refund"] = refund  # type: ignore[index] - a plain dict
    world.assent.in_force._present = catalogue
    with pytest.raises(NotPromotedError, match="names no reviewers"):
        promote(world, 4)


@pytest.mark.parametrize(("name", "because"), [("", "x"), ("Kim", " "), ("assent", "x")])
def test_nobody_is_promoted_by_nobody_or_for_nothing(
    declared: Callable[..., Any], name: str, because: str
) -> None:
    world = declared("L3")
    with pytest.raises(CommandError, match="say"):
        world.assent.autonomy.promote("refund", 3, name, because)


@pytest.mark.parametrize("to", [0, 1, 3, 4])
def test_a_demotion_goes_down_and_ends_at_l2(at_level: Callable[..., Any], to: int) -> None:
    world = at_level(3)
    with pytest.raises(CommandError, match="L1 is written into its file"):
        world.assent.autonomy.demote("refund", to, "Kim", "it did badly")
    assert level(world) == 3


def test_another_workflow_and_another_environment_earn_their_own(
    at_level: Callable[..., Any],
) -> None:
    world = at_level(3)
    with world.assent.db.read() as cx:
        assert autonomy.present(cx, "refund", "production") is None
        assert autonomy.present(cx, "cancel-order", "sandbox") is None


def test_a_run_by_itself_that_is_taken_back_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.COMPENSATED
    assert level(world) == 2
    assert changes(world) == [(2, 3), (3, 2)]
    assert run.id in notices(world)[-1]
    assert "ended compensated" in notices(world)[-1]
    assert Kind.AUTONOMY in world.kinds(run)
    assert world.ask("refund $10 on order 1066, late").status is Status.WAITING


def test_a_run_by_itself_whose_outcome_is_unknown_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    world.assent.executor._again = lambda *_given: None  # patience is not what is tried here
    faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.UNKNOWN
    assert level(world) == 2


def test_a_run_by_itself_that_gets_stuck_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    faults.set_fault(world.desk, "refuse", operation="payments.refund", call="compensate")
    assert world.settled(world.ask(SMALL)).status is Status.STUCK
    assert level(world) == 2


def test_what_people_approved_does_not_demote_when_it_fails(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    run = world.approve(world.ask("refund $120 on order 1043, arrived damaged"), "finance")
    assert run.status is Status.COMPENSATED
    assert level(world) == 3


def test_a_threshold_lets_one_pass(at_level: Callable[..., Any]) -> None:
    more = f"promotion: {EASY[:-1]}, demoted_at_undone: 2}}"
    world = at_level(3, more)
    for order, holds in ((1043, 3), (1066, 2)):
        faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
        run = world.settled(world.ask(f"refund $10 on order {order}, late"))
        assert run.status is Status.COMPENSATED
        assert level(world) == holds


def test_the_record_before_a_demotion_does_not_demote_again(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    world.settled(world.ask(SMALL))
    assert level(world) == 2
    world.approve(world.ask("refund $10 on order 1066, late"), "lead")
    promote(world, 3)
    run = world.settled(world.ask("refund $20 on order 1063, late"))
    assert (run.status, level(world)) == (Status.APPLIED, 3)
    review(world, run, "lead")  # looks at the record once more
    assert level(world) == 3

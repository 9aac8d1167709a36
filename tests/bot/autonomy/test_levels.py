"""The ladder through the whole flow: L1 cannot write, L2 asks, what was earned and nothing else
lets more run by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from bot.autonomy.levels import Levels
from bot.bundle.loading import connected
from bot.catalogue import Catalogue, ReadOnlyError
from bot.incoming import Verb
from connectors.errors import Rejected
from store.model.decision import Effect
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.autonomy.steps import EASY, SMALL, catalogue_now, changes, hold, level, write

pytestmark = pytest.mark.slow  # a ladder is climbed run by run


def test_at_l1_nothing_is_ever_written(declared: Callable[..., Any]) -> None:
    world = declared("L1")
    run = world.ask(SMALL)
    assert run.status is Status.DENIED
    assert "L1" in run.note
    assert world.press(Verb.APPROVE, run, "finance").is_refusal
    assert world.refunds() == []


def test_l1_has_no_session_that_writes(declared: Callable[..., Any]) -> None:
    catalogue = declared("L1").assent.catalogue()
    with (
        pytest.raises(ReadOnlyError, match="L1"),
        catalogue.session("refund", "payments.refund", is_write=True),
    ):
        pass


def test_a_cap_of_l1_takes_the_sessions_that_write_as_well(declared: Callable[..., Any]) -> None:
    catalogue = declared("L2").assent.catalogue()
    settings = catalogue.bundle.settings
    capped = settings.environments["sandbox"].model_copy(update={"autonomy": "L1"})
    environments = {**settings.environments, "sandbox": capped}
    bundle = replace(
        catalogue.bundle,
        settings=settings.model_copy(update={"environments": environments}),
        workflows={
            name: w.model_copy(update={"autonomy": "L4"})
            for name, w in catalogue.bundle.workflows.items()
        },
    )
    strict = Catalogue(bundle, "sandbox", {})
    with (
        pytest.raises(ReadOnlyError),
        strict.session("refund", "payments.refund", is_write=True),
    ):
        pass


def without_reader(world: Any) -> Catalogue:
    """The same bundle with accounts that can write, and no other."""
    bundle = world.assent.catalogue().bundle
    connections = {n: c for n, c in bundle.settings.connections.items() if n != "desk-reader"}
    settings = bundle.settings.model_copy(update={"connections": connections})
    return connected(world.assent.settings, replace(bundle, settings=settings))


@pytest.mark.parametrize("declared_level", ["L1", "L2"])
def test_the_desk_itself_refuses_a_write_in_a_session_for_reading(
    declared: Callable[..., Any], declared_level: str
) -> None:
    """Although the account behind it may write, and although the code around it is gone."""
    catalogue = without_reader(declared(declared_level))
    refund = catalogue.operation("payments.refund")
    params = refund.params.model_validate(
        {"payment": "pay_7731", "amount": {"minor": 1, "currency": "USD"}, "reason": "late"}
    )
    with catalogue.session("refund", "payments.refund", is_write=False) as session:
        assert session.account != "desk-reader"
        assert not [scope for scope in session.scopes if scope.endswith(":write")]
        before = refund.read(session, params)
        with pytest.raises(Rejected, match="lacks payments:write"):
            refund.execute(session, params, before, "a-key")
        statement = "UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'"
        with pytest.raises(DatabaseError) as refused:
            session.connection.exec_driver_sql(statement)
        session.connection.rollback()
        raw = session.connection.connection.driver_connection
        raw.set_authorizer(None)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute(statement)
    assert any(word in str(refused.value.orig) for word in ("prohibited", "not authorized"))


def test_an_l2_session_for_writing_is_the_counterpart(declared: Callable[..., Any]) -> None:
    catalogue = declared("L2").assent.catalogue()
    with catalogue.session("refund", "payments.refund", is_write=True) as session:
        assert "payments:write" in session.scopes


def test_a_file_that_raises_its_own_level_changes_nothing(declared: Callable[..., Any]) -> None:
    world = declared("L3")
    assert level(world) == 2
    assert world.ask(SMALL).status is Status.WAITING
    assert world.refunds() == []


def test_the_ceilings_hold_over_what_was_earned(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    bundle = world.assent.settings.bundle
    for declared_level, cap in (("L2", "L4"), ("L2", "L2"), ("L1", "L4")):
        write(bundle, declared_level, cap=cap)
        catalogue = catalogue_now(world)
        world.assent.in_force._present = catalogue  # as a process that has not recorded it yet
        assert level(world) == int(min(declared_level, cap)[1:])
        assert world.ask(SMALL).status is not Status.RUNNING
        assert world.refunds() == []


def test_a_ceiling_of_l3_holds_over_an_earned_l4(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    write(world.assent.settings.bundle, "L3")
    levels = Levels(world.assent.db)
    assert levels.level(world.assent.catalogue(), "refund") == 4
    assert levels.level(catalogue_now(world), "refund") == 3


def test_a_ceiling_that_was_lowered_must_be_earned_again(at_level: Callable[..., Any]) -> None:
    """Lowering the file and raising it again is no way around a person."""
    world = at_level(3)
    for declared_level in ("L2", "L3"):
        write(world.assent.settings.bundle, declared_level, f"promotion: {EASY}")
        world.assent.in_force.put(catalogue_now(world))
    assert level(world) == 2
    assert changes(world) == [(2, 3), (3, 2)]
    assert world.ask(SMALL).status is Status.WAITING


def test_at_l3_a_small_refund_runs_by_itself(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.APPLIED
    assert world.refunds() == [4_000]
    assert Kind.APPROVAL not in world.kinds(run)
    assert Kind.DECISION in world.kinds(run)


def test_at_l3_a_larger_refund_still_needs_people(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.ask("refund $120 on order 1043, arrived damaged")
    assert run.status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_at_l4_what_cannot_be_taken_back_needs_a_person(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    assert world.ask("refund $10 on order 1068, arrived damaged").status is Status.WAITING


def test_what_can_no_longer_be_taken_back_is_asked_about(at_level: Callable[..., Any]) -> None:
    """The payout leaves between the decision and the execution."""
    world = at_level(3)
    free = hold(world)
    run = world.ask(SMALL)
    assert run.status is Status.RUNNING
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE payments SET payout_on = '2000-01-01' WHERE id = 'pay_7731'")
    free.set()
    run = world.settled(run)
    assert run.status is Status.WAITING, run.note
    assert run.proposal.decision.effect is Effect.NEEDS_APPROVAL
    assert not run.proposal.seen[0].is_reversible
    assert world.refunds() == []


def test_a_demotion_reaches_what_was_decided_and_has_not_begun(
    at_level: Callable[..., Any],
) -> None:
    world = at_level(3)
    free = hold(world)
    run = world.ask(SMALL)
    assert run.status is Status.RUNNING
    world.assent.autonomy.demote("refund", 2, "Kim", "somebody complained")
    free.set()
    run = world.settled(run)
    assert run.status is Status.WAITING, run.note
    assert world.refunds() == []
    assert world.approve(run, "lead").status is Status.APPLIED

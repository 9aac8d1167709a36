"""What holds for a time ends by itself: once, at its time, over restarts, told in the thread; and
what cannot be ended is tried again, and then told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot import ending
from bot.planner.rules import RulesPlanner
from connectors.desk import faults
from connectors.errors import Rejected
from connectors.until import said
from store import endings, steps
from store.ledger.search import show
from store.ledger.verify import verify
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.conftest import World

SMALL = "refund $40 on order 1043, arrived damaged"
REFUND = "payments.refund"
DAYS = 3

pytestmark = pytest.mark.slow


def for_days(world: Any, monkeypatch: pytest.MonkeyPatch, days: float = DAYS) -> datetime:
    """The desk's refunds hold for so long from now."""
    due = datetime.now(UTC) + timedelta(days=days)
    operations = world.assent.catalogue()._operations
    timed = replace(operations[REFUND], ends_at=lambda _params: due)
    monkeypatch.setitem(operations, REFUND, timed)
    return due


def pass_days(world: Any, days: float) -> None:
    world.clock.offset += timedelta(days=days)
    world.assent.endings.end_due()


def state(world: Any, run: Any) -> str:
    with world.assent.db.read() as cx:
        return steps.get(cx, run.id, 0).status.value


def entries(world: Any, run: Any) -> list[tuple[Kind, dict[str, Any]]]:
    with world.assent.db.read() as cx:
        return [(each.kind, each.data) for each in show(cx, run.id)]


def standing(world: Any) -> int:
    """What is refunded of the payment at the moment."""
    return sum(world.refunds())


@pytest.fixture
def postgresql_world(make_world: Callable[..., Any], postgresql_url: str) -> Any:
    return make_world(ASSENT_DATABASE_URL=postgresql_url)


def test_it_ends_once_at_its_time_and_not_before(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    pass_days(world, DAYS - 0.1)
    assert (state(world, run), standing(world)) == ("done", 4000)
    pass_days(world, 0.2)
    assert (state(world, run), standing(world)) == ("compensated", 0)
    told = entries(world, run)
    assert [kind for kind, _ in told if kind is Kind.COMPENSATION] == [Kind.COMPENSATION]
    assert "has ended by itself" in world.run(run.id).note
    assert world.run(run.id).status is Status.APPLIED
    pass_days(world, 30)
    assert entries(world, run) == told
    assert world.run(run.id).note.count("has ended by itself") == 1


def test_on_postgresql_as_well(postgresql_world, monkeypatch):
    world = postgresql_world
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    pass_days(world, DAYS + 1)
    assert (state(world, run), standing(world)) == ("compensated", 0)


def test_what_ended_is_told_in_the_thread_once(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    pass_days(world, DAYS + 1)
    pass_days(world, 1)
    assert sum("has ended by itself" in line for line in lines(world, run)) == 1


def test_two_processes_end_it_once(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    world.clock.offset += timedelta(days=DAYS + 1)
    with world.assent.db.read() as cx:
        (due,) = endings.due(cx, world.clock(), 5)
    later = world.clock() + timedelta(minutes=5)
    with world.assent.db.begin() as tx:
        assert endings.claim(tx, due, later)
    with world.assent.db.begin() as tx:
        assert not endings.claim(tx, due, later)
    assert not world.assent.endings._try(due)
    assert standing(world) == 4000
    pass_days(world, 0.01)  # who claimed it has not come back
    assert standing(world) == 0
    assert sum(kind is Kind.COMPENSATION for kind, _ in entries(world, run)) == 1


def test_a_process_that_died_in_the_middle_is_followed_by_another(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    real = world.assent.executor.end

    def die_after(*arguments: Any) -> None:
        real(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(world.assent.executor, "end", die_after)
    with pytest.raises(KeyboardInterrupt):
        pass_days(world, DAYS + 1)
    monkeypatch.setattr(world.assent.executor, "end", real)
    assert "has ended" not in world.run(run.id).note
    pass_days(world, 0.01)
    assert "has ended by itself" in world.run(run.id).note
    assert sum(kind is Kind.COMPENSATION for kind, _ in entries(world, run)) == 1


def test_a_system_that_is_away_is_tried_again_and_then_told(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    world.clock.offset += timedelta(days=DAYS + 1)
    for _ in range(ending.REPORTED_AFTER):
        assert not any("is tried again" in line for line in lines(world, run))
        faults.set_fault(world.desk, "unavailable", operation=REFUND, call="compensate")
        pass_days(world, 0.01)
    assert standing(world) == 4000
    assert sum("is tried again" in line for line in lines(world, run)) == 1
    pass_days(world, 0.05)
    assert (state(world, run), standing(world)) == ("compensated", 0)


def test_an_answer_that_was_lost_is_found_and_nothing_is_taken_back_twice(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    faults.set_fault(world.desk, "time_out_after_write", operation=REFUND, call="compensate")
    pass_days(world, DAYS + 1)
    assert state(world, run) == "compensating"
    pass_days(world, 0.01)
    assert (state(world, run), standing(world)) == ("compensated", 0)


def test_what_is_refused_waits_for_a_person(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")

    def refuse(*_: Any) -> Any:
        raise Rejected("It is the last administrator.", next_step="Add another first.")

    operations = world.assent.catalogue()._operations
    refusing = replace(operations[REFUND], compensate=refuse)
    monkeypatch.setitem(operations, REFUND, refusing)
    pass_days(world, DAYS + 1)
    assert state(world, run) == "stuck"
    assert any("Take it back by hand" in line for line in lines(world, run))
    assert entries(world, run)[-1][1]["stuck"].startswith("It is the last administrator.")
    pass_days(world, 1)
    assert sum("Take it back by hand" in line for line in lines(world, run)) == 1


def test_a_later_grant_of_the_same_moves_the_end_and_keeps_what_was_before(world, monkeypatch):
    first = for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    with world.assent.db.begin() as tx:
        (kept,) = endings.of_run(tx, run.id)
        assert endings.move(tx, "another run", kept.subject, first + timedelta(days=4))
    pass_days(world, DAYS + 1)
    assert standing(world) == 4000
    pass_days(world, 4)
    assert standing(world) == 0


def same_record(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk answers with the record's name alone, as systems do that keep states."""
    operations = world.assent.catalogue()._operations
    real = operations[REFUND]

    def execute(*arguments: Any) -> Any:
        return replace(real.execute(*arguments), reference="the same")

    monkeypatch.setitem(operations, REFUND, replace(real, execute=execute))


def pending(world: Any) -> list[tuple[str, datetime]]:
    with world.assent.db.read() as cx:
        far = world.clock() + timedelta(days=1_000)
        return [(each.run_id, each.due_at) for each in endings.due(cx, far, 9)]


def test_the_later_of_two_runs_about_the_same_says_when_it_ends(world, monkeypatch):
    same_record(world, monkeypatch)
    for_days(world, monkeypatch)
    first = world.approve(world.ask(SMALL), "lead")
    later = for_days(world, monkeypatch, DAYS + 4)
    second = world.approve(world.ask("refund $10 on order 1043, arrived damaged"), "lead")
    assert pending(world) == [(first.id, later)]
    line = f"The end that an earlier grant set is now {said(later)}."
    assert sum(line in each for each in lines(world, second)) == 1
    assert not any("an earlier grant" in each for each in lines(world, first))


def test_a_later_grant_without_an_end_stays(world, monkeypatch):
    same_record(world, monkeypatch)
    for_days(world, monkeypatch)
    world.approve(world.ask(SMALL), "lead")
    operations = world.assent.catalogue()._operations
    for_good = replace(operations[REFUND], ends_at=lambda _params: None)
    monkeypatch.setitem(operations, REFUND, for_good)
    world.approve(world.ask("refund $10 on order 1043, arrived damaged"), "lead")
    assert pending(world) == []
    pass_days(world, DAYS + 1)
    assert standing(world) == 5000


@pytest.mark.parametrize(("days", "why"), [(-1, "has passed"), (400, "more than 366 days")])
def test_an_end_that_has_passed_or_is_too_far_ahead_is_refused_before_anybody_is_asked(
    world, monkeypatch, days, why
):
    for_days(world, monkeypatch, days)
    run = world.ask(SMALL)
    assert run.status is not Status.WAITING
    assert why in run.note
    assert standing(world) == 0


def test_the_ledger_is_whole_after_an_ending(world, monkeypatch):
    for_days(world, monkeypatch)
    world.approve(world.ask(SMALL), "lead")
    pass_days(world, DAYS + 1)
    with world.assent.db.read() as cx:
        assert verify(cx).is_whole


def lines(world: Any, run: Any) -> list[str]:
    """What was said in the run's thread."""
    with world.assent.db.read() as cx:
        asked = text("SELECT body FROM deliveries WHERE run_id = :id AND kind = 'notice'")
        return [row.body for row in cx.execute(asked, {"id": run.id})]


def test_a_restart_between_forgets_nothing(world, monkeypatch):
    for_days(world, monkeypatch)
    run = world.approve(world.ask(SMALL), "lead")
    world.assent.close()
    again = World(world.folder, RulesPlanner(), {})
    try:
        pass_days(again, DAYS + 1)
        assert (state(again, run), standing(again)) == ("compensated", 0)
    finally:
        again.assent.close()

"""Time: the edges of windows, clocks that are changed or lie, and approvals out of time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from store.ledger.search import find
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, SMALL, Witness, edited

pytestmark = pytest.mark.slow  # each is fast, all together are not

CANCEL = "cancel order 1066, customer changed their mind"
FREEZE = datetime(2026, 12, 31, 22, tzinfo=UTC)
THAW = datetime(2027, 1, 1, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLOSED = """
  - id: closed-hours
    effect: deny
    all:
      {label}: "{condition}"
    because: "nothing is changed at this hour"

given:"""


@pytest.fixture
def stopped(world: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops a world's clock at a moment."""

    def stop(moment: datetime, world: Any = world) -> None:
        monkeypatch.setattr(type(world.clock), "__call__", lambda _clock: moment)

    return stop


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (FREEZE - SECOND, True),
        (FREEZE, False),
        (FREEZE + SECOND, False),
        (THAW - SECOND, False),
        (THAW, True),
    ],
    ids=["before", "first", "second", "last", "after"],
)
def test_both_edges_of_a_freeze(
    world: Any, witness: Witness, stopped: Any, moment: datetime, is_open: bool
) -> None:
    stopped(moment)
    run = world.ask(SMALL)
    if is_open:
        assert witness.needs(run) == {("support-leads", 1)}
        witness.nothing_was_written()
    else:
        witness.turned_down(run, "freeze")


def closed_when(make_world: Callable[..., Any], tmp_path: Path, label: str, condition: str) -> Any:
    rule = CLOSED.format(label=label, condition=condition)
    return make_world(
        ASSENT_BUNDLE=str(edited(tmp_path / "desk", ("policies/common.yml", "\ngiven:", rule)))
    )


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2027, 3, 14, 6, 59, 59, tzinfo=UTC), True),  # 01:59:59 in New York
        (datetime(2027, 3, 14, 7, 0, 0, tzinfo=UTC), True),  # 03:00: 02:00 does not exist
        (datetime(2027, 3, 15, 6, 30, 0, tzinfo=UTC), False),  # 02:30 of the day after
        (datetime(2027, 11, 7, 5, 59, 59, tzinfo=UTC), True),  # 01:59:59, the first time
        (datetime(2027, 11, 7, 6, 59, 59, tzinfo=UTC), True),  # 01:59:59, the second time
        (datetime(2027, 11, 7, 7, 0, 0, tzinfo=UTC), False),  # 02:00
        (datetime(2027, 11, 7, 8, 0, 0, tzinfo=UTC), True),  # 03:00
    ],
)
def test_the_hours_that_clocks_skip_and_repeat(
    make_world: Callable[..., Any], tmp_path: Path, stopped: Any, moment: datetime, is_open: bool
) -> None:
    world = closed_when(
        make_world, tmp_path, "nobody is up", "now.getHours('America/New_York') == 2"
    )
    witness = Witness(world)
    stopped(moment)
    placed(world, moment - timedelta(days=2))
    run = world.ask(CANCEL)
    if is_open:
        assert witness.needs(run)
        witness.nothing_was_written()
    else:
        witness.turned_down(run, "at this hour")


def placed(world: Any, moment: datetime) -> None:
    with sqlite3.connect(world.desk) as desk:
        at = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        desk.execute("UPDATE orders SET placed_at = ? WHERE id = '1066'", (at,))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2026, 11, 28, 4, 59, 59, tzinfo=UTC), True),  # Friday in New York, not in London
        (datetime(2026, 11, 28, 5, 0, 0, tzinfo=UTC), False),  # Saturday
        (datetime(2026, 11, 30, 4, 59, 59, tzinfo=UTC), False),  # Sunday in New York alone
        (datetime(2026, 11, 30, 5, 0, 0, tzinfo=UTC), True),  # Monday
    ],
)
def test_a_weekend_is_that_of_the_place(
    make_world: Callable[..., Any], tmp_path: Path, stopped: Any, moment: datetime, is_open: bool
) -> None:
    condition = "now.getDayOfWeek('America/New_York') in [0, 6]"
    world = closed_when(make_world, tmp_path, "a weekend", condition)
    witness = Witness(world)
    stopped(moment)
    run = world.ask(SMALL)
    if is_open:
        assert witness.needs(run)
        witness.nothing_was_written()
    else:
        witness.turned_down(run, "at this hour")


@pytest.mark.parametrize(
    "written", ["2026-11-14T09:00:00", "2026-11-14", "2026-11-14T09:00:00+01:00"]
)
def test_a_time_without_a_zone(world: Any, witness: Witness, written: str) -> None:
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE orders SET placed_at = ? WHERE id = '1043'", (written,))
    witness.turned_down(world.ask(SMALL), "order.placed_at")


def test_a_read_in_the_future(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was set back between the read and the decision."""
    start, calls = datetime.now(UTC), iter(range(10_000))
    monkeypatch.setattr(
        type(world.clock), "__call__", lambda _clock: start - timedelta(seconds=2 * next(calls))
    )
    witness.turned_down(world.ask(SMALL), "must be read again")


def test_a_read_that_is_too_old(
    world: Any, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, calls = datetime.now(UTC), iter(range(10_000))
    monkeypatch.setattr(
        type(world.clock), "__call__", lambda _clock: start + timedelta(seconds=301 * next(calls))
    )
    witness.turned_down(world.ask(SMALL), "must be read again")


@pytest.mark.parametrize("hours", [-240, 240])
def test_a_click_that_says_it_was_at_another_time(world: Any, witness: Witness, hours: int) -> None:
    """A surface's time is recorded by nobody: our own clock says when, and whether in time."""
    from tests.bot.attacks.witness import press_from

    run = world.ask(HUGE)
    clicked = world.clock() + timedelta(hours=hours)
    finance = world.account("finance")
    reply = press_from(world, Verb.APPROVE, run, finance, ("finance-leads",), clicked_at=clicked)
    assert not reply.is_refusal, reply.text
    [approval] = world.assent.reading.view(run.id).approvals
    assert abs(approval.given_at - datetime.now(UTC)) < timedelta(minutes=1)
    world.clock.offset = timedelta(hours=5)
    reply = press_from(
        world,
        Verb.APPROVE,
        run,
        world.account("finance2"),
        ("finance-leads",),
        clicked_at=run.proposal.read_at,
    )
    witness.refused(reply, "expired")
    witness.nothing_was_written()


def test_an_approval_that_comes_too_late(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    world.clock.offset = timedelta(hours=4, seconds=1)
    witness.refused(world.press(Verb.APPROVE, run, "lead"), "expired")
    world.assent.sweep()
    witness.turned_down(run, "in time")
    witness.refused(world.press(Verb.APPROVE, run, "lead"), "expired")


def test_approved_inside_the_window_and_executed_outside_of_it(
    world: Any, witness: Witness
) -> None:
    """The freeze begins between the last approval and the first write."""
    executor, begin = world.assent.executor, world.assent.executor.begin

    def late(run_id: str, digest: str) -> int:
        world.clock.offset = FREEZE + SECOND - datetime.now(UTC)
        return int(begin(run_id, digest))

    executor.begin = late
    world.clock.offset = FREEZE - timedelta(minutes=2) - datetime.now(UTC)
    run = world.ask(SMALL)
    assert witness.needs(run) == {("support-leads", 1)}
    witness.turned_down(world.approve(run, "lead"), "freeze", "Nothing was done")
    with world.assent.db.read() as cx:
        newest = find(cx, kind=Kind.DECISION, limit=1)[0]
    assert newest.data["effect"] == "denied"
    assert world.run(run.id).status is Status.DENIED

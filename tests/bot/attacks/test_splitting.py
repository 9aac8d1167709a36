"""Splitting: what is too much at once is too much in pieces, wherever the pieces come from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from store.model.person import Account
from store.model.run import Status
from tests.bot.attacks.witness import Witness, ask_from, edited

pytestmark = pytest.mark.slow  # each is fast, all together are not

FIRST = "refund $950 on order 1067, arrived damaged"
SECOND = "refund $60 on order 1067, arrived damaged"
ELSEWHERE = "refund $60 on order 1043, arrived damaged"
LEAD, FINANCE, PEOPLE = ("support-leads", 1), ("finance-leads", 1), ("different people", 2)


def test_many_small_ones(world: Any, witness: Witness) -> None:
    amounts = ("$21", "$22", "$23", "$24")
    asked = [world.ask(f"refund {each} on order 1043, arrived damaged") for each in amounts]
    assert [FINANCE in witness.needs(run) for run in asked] == [False, False, True, True]
    witness.nothing_was_written()


def test_many_small_steps_of_one_plan(world: Any, witness: Witness) -> None:
    from tests.bot.attacks.witness import refund_of, smuggle

    steps = [refund_of(9_900, payment="pay_7755") for _ in range(11)]
    assert witness.needs(smuggle(world, *steps)) >= {FINANCE}
    witness.nothing_was_written()


def test_across_requesters(world: Any, witness: Witness) -> None:
    assert witness.needs(world.ask(FIRST, "agent")) == {FINANCE}
    assert witness.needs(world.ask(SECOND, "agent2")) >= {FINANCE, PEOPLE}
    witness.nothing_was_written()


def test_across_customers(world: Any, witness: Witness) -> None:
    world.ask(FIRST)
    assert witness.needs(world.ask(ELSEWHERE)) == {LEAD, FINANCE}
    witness.nothing_was_written()


def test_across_channels(make_world: Callable[..., Any], tmp_path: Path) -> None:
    linked = 'ids: [C0SUPPORTOP, "19:supportops@thread.tacv2"]\n    linked: true\n'
    edit = ("bundle.yml", linked, "ids: [C0SUPPORTOP, C0SECOND000]\n")
    world = make_world(ASSENT_BUNDLE=str(edited(tmp_path / "desk", edit)))
    witness = Witness(world)
    world.ask(FIRST)
    assert witness.needs(world.ask(SECOND, channel="C0SECOND000")) >= {FINANCE, PEOPLE}
    witness.nothing_was_written()


def test_across_workspaces(world: Any, witness: Witness) -> None:
    world.ask(FIRST)
    world.directory.roles["U0OTHER"] = ("Otto", ("support",))
    other = Account(surface="slack", team="T2", user="U0OTHER", display_name="Otto")
    run, _ = ask_from(world, other, SECOND, key="from-another-workspace")
    assert run is not None
    assert witness.needs(run) >= {FINANCE, PEOPLE}
    witness.nothing_was_written()


@pytest.mark.parametrize(
    ("later", "is_counted"),
    [(timedelta(hours=23, minutes=59), True), (timedelta(hours=24, minutes=1), False)],
)
def test_the_edge_of_the_rolling_day(
    world: Any, witness: Witness, later: timedelta, is_counted: bool
) -> None:
    assert world.approve(world.ask(FIRST), "finance").status is Status.APPLIED
    world.clock.offset = later
    assert (PEOPLE in witness.needs(world.ask(SECOND))) is is_counted
    assert world.refunds("pay_7755") == [95_000]


def test_two_at_once_that_read_the_same_counter(world: Any, witness: Witness) -> None:
    planned, world.plan = world.plan, lambda: None
    runs = [world.ask(FIRST, "agent"), world.ask("refund $955 on order 1067, late", "agent2")]
    world.plan = planned
    barrier = threading.Barrier(2)

    def propose(run_id: str) -> None:
        barrier.wait()
        world.assent.flow.propose(run_id)

    threads = [threading.Thread(target=propose, args=(run.id,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(PEOPLE in witness.needs(run) for run in runs) == [False, True]
    witness.nothing_was_written()


def test_refund_cancel_refund(world: Any, witness: Witness) -> None:
    """What was cancelled frees its room and can never be approved; what was applied frees none."""
    first = world.ask(FIRST)
    assert not world.press(Verb.CANCEL, first, "agent").is_refusal
    witness.refused(world.press(Verb.APPROVE, first, "finance"), "cancelled")
    second = world.ask("refund $951 on order 1067, arrived damaged")
    assert witness.needs(second) == {FINANCE}
    assert world.approve(second, "finance").status is Status.APPLIED
    witness.refused(world.press(Verb.CANCEL, second, "agent"), "nothing to cancel")
    assert PEOPLE in witness.needs(world.ask(SECOND))
    assert world.refunds("pay_7755") == [95_100]

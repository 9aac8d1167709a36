"""What one person is to a run: said fast, without a view, and never more than they may."""

from __future__ import annotations

import time
from typing import Any

from bot.incoming import Verb
from bot.view import Stance
from store.model.run import Status
from tests.bot.test_people import LEADS, declare, employ

SMALL = "refund $40 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"  # two finance leads


def stance(world: Any, user: str, run_id: str, **flags: bool) -> Stance | None:
    found = world.assent.reading.stance(world.account(user, **flags), run_id)
    assert found is None or isinstance(found, Stance)
    return found


def test_each_is_what_they_are_while_it_waits(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    assert {user: stance(world, user, run.id) for user in world.directory.roles} == {
        "agent": Stance.REQUESTER,
        "agent2": Stance.ONLOOKER,
        "lead": Stance.ONLOOKER,
        "lead2": Stance.ONLOOKER,
        "finance": Stance.HAS_APPROVED,
        "finance2": Stance.MAY_APPROVE,
        "outsider": Stance.ONLOOKER,
    }
    world.withdraw(run, "finance")
    assert stance(world, "finance", run.id) is Stance.MAY_APPROVE


def test_nobody_is_anything_to_what_is_not_there(world: Any) -> None:
    assert stance(world, "lead", "R-9999") is Stance.ONLOOKER
    assert stance(world, "lead", "") is Stance.ONLOOKER


def test_what_is_settled_has_onlookers_and_whoever_asked(world: Any) -> None:
    run = world.approve(world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    assert stance(world, "lead", run.id) is Stance.ONLOOKER
    assert stance(world, "agent", run.id) is Stance.REQUESTER


def test_an_unavailable_directory_leaves_what_the_store_knows(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    world.directory.is_away = True
    assert stance(world, "agent", run.id) is Stance.REQUESTER, "they may cancel without it"
    assert stance(world, "finance", run.id) is Stance.HAS_APPROVED, "and take it back"
    assert stance(world, "finance2", run.id) is None, "told to try again, they keep the button"


def test_an_account_that_may_not_approve_is_an_onlooker_whatever_its_roles(world: Any) -> None:
    run = world.ask(SMALL)
    for flag in ("is_guest", "is_bot", "is_stranger", "is_deactivated"):
        assert stance(world, "lead", run.id, **{flag: True}) is Stance.ONLOOKER, flag


def test_another_account_of_the_requester_is_the_requester(world: Any) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, LEADS)
    declare(world, lee=("U0LEE", "U0LEE2"))
    run = world.ask(SMALL, "U0LEE")
    assert stance(world, "U0LEE2", run.id) is Stance.REQUESTER, "before it was ever seen"
    assert world.press(Verb.APPROVE, run, "U0LEE2").is_refusal


def test_a_stance_grants_nothing(world: Any) -> None:
    run = world.ask(SMALL)
    assert stance(world, "lead", run.id) is Stance.MAY_APPROVE
    world.directory.roles["lead"] = ("Lee Park", ("support",))
    assert world.press(Verb.APPROVE, run, "lead").is_refusal, "judged anew at the click"
    assert stance(world, "lead", run.id) is Stance.ONLOOKER


def test_it_is_fast_enough_for_every_refresh_of_a_card(world: Any) -> None:
    run = world.ask(HUGE)
    stance(world, "finance", run.id)
    started = time.perf_counter()
    for _ in range(50):
        stance(world, "finance", run.id)
    each_ms = (time.perf_counter() - started) / 50 * 1000
    assert each_ms < 50, f"{each_ms:.1f} ms; an answer of 500 ms must hold one and a drawn card"

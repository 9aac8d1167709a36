"""What ran by itself is looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.cards.digest import digest_card
from bot.cards.text import render
from store.model.entry import Kind
from store.model.run import Status
from tests.bot.autonomy.steps import EASY, SMALL, hold, level, notices, promote, review, said

pytestmark = pytest.mark.slow  # a ladder is climbed run by run


def test_at_l4_a_run_by_itself_awaits_its_review(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.APPLIED
    assert any("for a support lead to look at now" in line for line in said(world, run))
    assert any(f"/assent review {run.id} right" in line for line in said(world, run))
    assert awaited(world, "lead") == [run.id]
    assert awaited(world, "finance") == []
    assert not review(world, run, "lead").is_refusal
    assert awaited(world, "lead") == []
    assert Kind.REVIEW in world.kinds(run)
    assert level(world) == 4


def test_at_l3_no_review_is_owed_and_one_may_be_given(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.settled(world.ask(SMALL))
    assert awaited(world, "lead") == []
    assert not [line for line in said(world, run) if "review" in line]
    assert not review(world, run, "lead").is_refusal


def test_what_ran_at_l3_owes_no_review_at_l4(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    world.assent.autonomy.demote("refund", 3, "Kim", "not so fast")
    run = world.settled(world.ask(SMALL))
    other = world.settled(world.ask("refund $10 on order 1063, late"))
    review(world, other, "lead")
    promote(world, 4)
    assert (run.status, awaited(world, "lead")) == (Status.APPLIED, [])


@pytest.mark.parametrize("rung", [3, 4])
def test_a_review_that_says_wrong_takes_the_level_back(
    at_level: Callable[..., Any], rung: int
) -> None:
    world = at_level(rung)
    run = world.settled(world.ask(SMALL))
    reply = review(world, run, "lead2", is_right=False, why="it was the wrong order")
    assert not reply.is_refusal
    assert level(world) == 2
    assert "reviewed as wrong" in notices(world)[-1]
    assert any("it was the wrong order" in line for line in said(world, run))


def awaited(world: Any, user: str) -> list[str]:
    return [v.run.id for v in world.assent.reading.home(world.account(user)).to_review]


@pytest.mark.parametrize(
    ("user", "is_right", "why", "refusal"),
    [
        ("agent", True, "", "You asked for this"),
        ("agent2", True, "", "reviewed by a support lead; you are in support"),
        ("outsider", True, "", "none of the roles"),
        ("lead", False, "  ", "needs a reason"),
        ("lead", False, "x" * 1_001, "at most 1,000 characters"),
    ],
)
def test_a_review_that_does_not_count(
    at_level: Callable[..., Any], user: str, is_right: bool, why: str, refusal: str
) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    reply = review(world, run, user, is_right=is_right, why=why)
    assert reply.is_refusal
    assert refusal in reply.text
    assert world.kinds(run)[-1] is Kind.REFUSAL
    assert level(world) == 4


def test_a_requester_with_the_role_cannot_review_the_own_run(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL, "lead"))
    assert run.status is Status.APPLIED
    assert "You asked for this" in review(world, run, "lead").text
    assert awaited(world, "lead") == []
    assert awaited(world, "lead2") == [run.id]


def test_a_review_needs_an_answer_about_who_it_is(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    world.directory.is_away = True
    assert review(world, run, "lead").is_refusal
    world.directory.is_away = False
    guest = world.account("lead", is_guest=True)
    assert world.assent.reviewing.review(guest, run.id, True, "").is_refusal
    assert awaited(world, "lead") == [run.id]


def test_the_first_review_counts(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert not review(world, run, "lead").is_refusal
    assert "already" in review(world, run, "lead2").text
    assert level(world) == 4


def test_who_is_faster_takes_nobodys_objection_away(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert not review(world, run, "lead").is_refusal
    assert not review(world, run, "lead2", is_right=False, why="the wrong order").is_refusal
    assert level(world) == 2
    assert any("the wrong order" in line for line in said(world, run))
    assert "already" in review(world, run, "lead").text
    assert "already" in review(world, run, "lead", is_right=False, why="no").text


def test_only_what_ran_by_itself_and_wrote_is_reviewed(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    approved = world.approve(world.ask("refund $120 on order 1043, arrived damaged"), "finance")
    assert "did not run by itself" in review(world, approved, "lead").text
    free = hold(world)
    running = world.ask("refund $5 on order 1043, arrived damaged")
    assert "once it has settled" in review(world, running, "lead").text
    free.set()
    world.settled(running)
    assert world.assent.reviewing.review(world.account("lead"), "R-9", True, "").is_refusal


def test_what_nobody_reviews_takes_the_level_back(at_level: Callable[..., Any]) -> None:
    more = f"promotion: {EASY[:-1]}, review_days: 2, unreviewed_max: 0}}"
    world = at_level(4, more)
    world.settled(world.ask(SMALL))
    world.clock.offset += timedelta(days=1)
    world.assent.sweep()
    assert level(world) == 4
    world.clock.offset += timedelta(days=1, seconds=1)
    world.assent.sweep()
    assert level(world) == 2
    assert "waited for their review for more than 2 days" in notices(world)[-1]


def test_the_report_says_what_ran_by_itself(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    tomorrow = datetime.now(ZoneInfo("America/New_York")).replace(hour=12) + timedelta(days=1)
    world.clock.offset = tomorrow - datetime.now(UTC)
    for order in (1043, 1063):
        world.settled(world.ask(f"refund $20 on order {order}, late"))
    large = world.ask("refund $101 on order 1043, late")
    world.clock.offset += timedelta(minutes=30)
    world.approve(large, "finance")
    report = world.assent.digests.report(world.clock())
    assert (report.by_itself, report.to_review) == (2, 2)
    text = render(digest_card(report), ZoneInfo("UTC"))
    assert "Ran by itself: 2 requests, 2 await review" in text
    assert (report.median_waiting_seconds or 0) > 600

"""A plan that waits is not forgotten: reminders, and the second group when the first is away."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.approval.reminding import NAMES_MAX
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"


def sweep_at(world: Any, **after: float) -> None:
    world.clock.offset = timedelta(**after, seconds=1)
    world.assent.sweep()


def test_reminders_come_at_half_and_nine_tenths_and_once_each(world: Any) -> None:
    run = world.ask(SMALL)
    sweep_at(world, minutes=119)
    assert world.lines(run) == []
    for minutes in (120, 121, 150):
        sweep_at(world, minutes=minutes)
    [line] = world.lines(run)
    assert "Missing: 1 support lead (Lee Park or Mira Sol)" in line
    for minutes in (216, 230):
        sweep_at(world, minutes=minutes)
    assert len(world.lines(run)) == 2
    assert "23 minutes left" in world.lines(run)[1]
    assert world.kinds(run).count(Kind.REMINDER) == 2
    sweep_at(world, minutes=240)
    assert world.run(run.id).status is Status.EXPIRED
    assert world.lines(run)[2:] == [
        "Dana Okafor, R-1001 has expired. Nobody gave approval in time. Nothing was done; ask again"
        " if it is wanted."
    ]


def test_only_those_who_can_still_approve_are_named(world: Any) -> None:
    world.directory.roles["finance3"] = ("Ida Brandt", ("finance-leads",))
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    own = world.ask(SMALL, "lead")
    sweep_at(world, minutes=120)
    [line] = world.lines(run)
    assert "Missing: 1 finance lead (Raj Mehta or Ida Brandt)" in line
    assert "Ann Weiss" not in line
    [line] = world.lines(own)
    assert "(Mira Sol)" in line


def test_names_are_bounded_and_may_be_unknown(world: Any) -> None:
    for number in range(NAMES_MAX + 3):
        world.directory.roles[f"more{number}"] = (f"Lead {number}", ("support-leads",))
    run = world.ask(SMALL)
    sweep_at(world, minutes=120)
    assert "or 5 more" in world.lines(run)[0]
    world.directory.is_away = True
    sweep_at(world, minutes=216)
    assert "Missing: 1 support lead." in world.lines(run)[1]


def test_a_long_pause_is_made_up_for_by_one_line(world: Any) -> None:
    run = world.ask(SMALL)
    sweep_at(world, minutes=230)
    assert len(world.lines(run)) == 1
    sweep_at(world, minutes=231)
    assert len(world.lines(run)) == 1


def test_several_processes_remind_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process reminds while this one still asks who could approve."""
    run = world.ask(SMALL)
    world.clock.offset = timedelta(minutes=121)
    members, is_first = world.directory.members, [True]

    def slow(surface: str, team: str, role: str) -> Any:
        if is_first and is_first.pop():
            assert world.assent.reminders.remind() == 1
        return members(surface, team, role)

    monkeypatch.setattr(world.directory, "members", slow)
    assert world.assent.reminders.remind() == 0
    assert len(world.lines(run)) == 1
    assert world.kinds(run).count(Kind.REMINDER) == 1
    assert world.run(run.id).reminders == 1


def test_what_settled_is_not_reminded_of(world: Any) -> None:
    run = world.ask(SMALL)
    world.press(Verb.REJECT, run, "lead", text="no")
    sweep_at(world, minutes=121)
    assert world.lines(run) == [
        "Dana Okafor, Lee Park rejected R-1001: no. Nothing was changed. The same request needs to"
        " say what is new."
    ]


def test_a_changed_plan_has_its_own_time(world: Any) -> None:
    run = world.ask(SMALL)
    world.clock.offset = timedelta(minutes=100)
    changed = world.edit(run, "agent", amount="$30")
    assert changed.proposal.round == 2
    before = len(world.lines(run))
    sweep_at(world, minutes=121)
    assert len(world.lines(run)) == before
    sweep_at(world, minutes=221)
    assert "waits for approval" in world.lines(run)[-1]


@pytest.fixture
def escalating(make_world: Callable[..., Any], tmp_path: Path) -> Any:
    """Finance may decide on small refunds once support has not for an hour."""
    bundle = tmp_path / "bundle"
    shutil.copytree(BUNDLE_SHIPPED, bundle)
    rules = bundle / "policies" / "refunds.yml"
    asked = "role: support-leads"
    text = rules.read_text()
    assert asked in text
    rules.write_text(text.replace(asked, f"{asked}, escalate_to: finance-leads, after_minutes: 60"))
    return make_world(ASSENT_BUNDLE=str(bundle))


def test_a_second_group_is_told_when_it_may_decide(escalating: Any) -> None:
    world = escalating
    run = world.ask(SMALL)
    early = world.press(Verb.APPROVE, run, "finance")
    assert "60 minutes" in early.text
    sweep_at(world, minutes=60)
    [line] = world.lines(run)
    assert "1 support lead did not approve within 60 minutes" in line
    assert "so a finance lead may now as well" in line
    assert "1 finance lead or support lead (Ann Weiss" in line
    assert world.approve(run, "finance").status is Status.APPLIED


def test_an_escalation_that_nobody_needs_is_not_said(escalating: Any) -> None:
    world = escalating
    run = world.approve(world.ask(SMALL), "lead")
    sweep_at(world, minutes=61)
    assert world.lines(run) == []

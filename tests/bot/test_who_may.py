"""Stages, vetoes, groups and different people: who may do what, and what the others are told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
ASKED = "require: [{role: support-leads, count: 1}]"


@pytest.fixture
def under(make_world: Callable[..., Any], tmp_path: Path) -> Callable[[str], Any]:
    """A world in which a small refund requires something else."""

    def make(require: str) -> Any:
        bundle = tmp_path / "bundle"
        shutil.copytree(BUNDLE_SHIPPED, bundle)
        rules = bundle / "policies" / "refunds.yml"
        text = rules.read_text()
        assert ASKED in text
        rules.write_text(text.replace(ASKED, f"require: {require}"))
        world = make_world(ASSENT_BUNDLE=str(bundle))
        world.directory.roles["both"] = ("Kim Roth", ("support-leads", "finance-leads"))
        return world

    return make


STAGES = "[{role: support-leads, count: 1, stage: 1}, {role: finance-leads, count: 1, stage: 2}]"
VETO = "[{role: support-leads, count: 1}, {veto: finance-leads}]"


def test_who_comes_early_is_told_who_comes_first(under: Any) -> None:
    world = under(STAGES)
    run = world.ask(SMALL)
    early = world.press(Verb.APPROVE, run, "finance")
    assert early.is_refusal
    assert "not your turn yet: a support lead must approve first" in early.text
    world.approve_only(run, "lead")
    assert "a finance lead comes next" in world.press(Verb.APPROVE, run, "lead2").text
    assert world.approve(run, "finance").status is Status.APPLIED


def test_a_later_stage_may_object_at_once(under: Any) -> None:
    world = under(STAGES)
    run = world.ask(SMALL)
    assert not world.press(Verb.REJECT, run, "finance", text="wrong order").is_refusal
    assert world.run(run.id).status is Status.REJECTED


def test_a_withdrawn_first_stage_closes_the_second(under: Any) -> None:
    world = under(STAGES)
    run = world.ask(SMALL)
    world.approve_only(run, "lead")
    world.withdraw(run, "lead")
    assert "not your turn yet" in world.press(Verb.APPROVE, run, "finance").text


def test_one_person_is_one_stage(under: Any) -> None:
    world = under(STAGES)
    run = world.ask(SMALL)
    world.approve_only(run, "both")
    assert "counts once" in world.press(Verb.APPROVE, run, "both").text
    assert world.run(run.id).status is Status.WAITING


def test_who_holds_a_veto_may_reject_and_ask_and_not_approve_or_change(under: Any) -> None:
    world = under(VETO)
    run = world.ask(SMALL)
    reply = world.press(Verb.APPROVE, run, "finance")
    assert reply.is_refusal
    assert "You may reject this as a finance lead" in reply.text
    assert "a support lead" in reply.text
    assert world.press(Verb.EDIT, run, "finance", values={"amount": "$1"}).is_refusal
    assert not world.question(run, "finance", "Why?").is_refusal
    assert not world.press(Verb.REJECT, run, "finance", text="no").is_refusal
    assert world.run(run.id).status is Status.REJECTED


def test_a_veto_is_not_awaited(under: Any) -> None:
    world = under(VETO)
    run = world.ask(SMALL)
    assert [view.run.id for view in world.batch("finance")] == []
    assert world.approve(run, "lead").status is Status.APPLIED


def test_different_people_are_asked_for(under: Any) -> None:
    world = under("[{role: support-leads, count: 1}, {role: finance-leads, count: 1}, {people: 2}]")
    run = world.ask(SMALL)
    world.approve_only(run, "both")
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_policy_that_names_nobody_to_approve_says_so(under: Any) -> None:
    world = under("[{veto: finance-leads}]")
    run = world.ask(SMALL)
    assert "names nobody who could approve" in world.press(Verb.APPROVE, run, "lead").text
    assert "names nobody" in world.press(Verb.APPROVE, run, "finance").text
    assert world.run(run.id).status is Status.WAITING

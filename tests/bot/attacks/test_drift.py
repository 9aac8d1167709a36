"""Drifting authority: whoever or whatever allowed it does no more when it is to be done."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incoming import Verb
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, HUGE_PAYMENT, SMALL, Witness

pytestmark = pytest.mark.slow  # each is fast, all together are not

TIGHTER = ("policies/refunds.yml", "USD: 10000, EUR", "USD: 3000, EUR")


@pytest.mark.parametrize("now_holds", [(), ("support",), ("support-leads",)])
def test_a_role_that_an_approver_lost_after_approving(
    world: Any, witness: Witness, now_holds: tuple[str, ...]
) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    world.directory.roles["finance"] = ("Ann Weiss", now_holds)
    again = world.approve(run, "finance2")
    assert again.status is Status.WAITING
    assert "Ann Weiss" in again.note
    assert world.refunds(HUGE_PAYMENT) == []
    witness.nothing_was_written()


def test_a_role_that_an_approver_got_after_approving(world: Any, witness: Witness) -> None:
    """Whoever did not hold it then is not made an approver afterwards."""
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.APPROVE, run, "finance"), "a support lead")
    world.directory.roles["finance"] = ("Ann Weiss", ("finance-leads", "support-leads"))
    assert world.run(run.id).status is Status.WAITING
    assert world.approvals(run) == []
    witness.nothing_was_written()


def test_a_requester_who_lost_the_group(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    world.directory.roles["agent"] = ("Dana Okafor", ())
    now = world.approve(run, "lead")
    witness.turned_down(now, "support", "Nothing was done")


def test_a_policy_that_became_stricter_after_the_approval(watched: Any) -> None:
    run = watched.world.ask(SMALL)
    watched.edit(TIGHTER)
    now = watched.world.approve(run, "lead")
    assert now.status is Status.WAITING
    assert "policy changed" in now.note
    assert ("finance-leads", 1) in watched.witness.needs(run)
    watched.witness.nothing_was_written()


def test_a_policy_that_became_looser_after_the_approval(watched: Any) -> None:
    """The stricter of the two holds: what was signed as needing two still needs two."""
    run = watched.world.ask(HUGE)
    watched.world.approve_only(run, "finance")
    watched.edit(
        (
            "policies/refunds.yml",
            'require: [{role: finance-leads, count: 2}]\n    because: "two finance leads approve',
            'require: [{role: finance-leads, count: 1}]\n    because: "two finance leads approve',
        )
    )
    assert watched.refusal == "", watched.refusal
    watched.world.approve_only(run, "finance2")
    now = watched.world.settled(run)
    assert now.status is Status.WAITING, "shown again, because the policy changed"
    assert ("finance-leads", 2) in watched.witness.needs(run)
    watched.world.approve_only(run, "finance")
    assert watched.world.run(run.id).status is Status.WAITING
    watched.witness.nothing_was_written()
    assert watched.world.approve(run, "finance2").status is Status.APPLIED


def test_a_policy_that_forbids_by_now(watched: Any) -> None:
    run = watched.world.ask(SMALL)
    watched.edit(
        ("policies/refunds.yml", 'refund.amount_minor <= 0"', 'refund.amount_minor <= 9000"')
    )
    assert watched.refusal == "", watched.refusal
    watched.witness.turned_down(watched.world.approve(run, "lead"), "Nothing was done")


def test_policy_files_that_are_gone(watched: Any) -> None:
    """What is in force stays in force, and a file less is no bundle with a rule less."""
    run = watched.world.ask(SMALL)
    before = watched.world.assent.catalogue()
    (watched.folder / "policies/common.yml").unlink()
    watched.look()
    assert watched.refusal
    assert watched.world.assent.catalogue() is before
    watched.folder.rename(watched.folder.with_name("gone"))
    watched.look()
    assert "no such folder" in watched.refusal
    watched.witness.turned_down(watched.world.ask(SMALL, channel="C0ELSEWHERE"), "#support-ops")
    assert watched.world.approve(run, "lead").status is Status.APPLIED


def test_a_roll_back_to_an_older_version(watched: Any) -> None:
    """What was signed under the newer policy is decided anew under the older one, strictly."""
    watched.edit(TIGHTER)
    run = watched.world.ask(SMALL)
    assert watched.witness.needs(run) == {("finance-leads", 1)}
    watched.edit((TIGHTER[0], TIGHTER[2], TIGHTER[1]))
    now = watched.world.approve(run, "finance")
    assert now.status is Status.WAITING
    assert ("finance-leads", 1) in watched.witness.needs(run)
    assert now.proposal.digest != run.proposal.digest
    watched.witness.nothing_was_written()

"""Approvers: oneself by whatever account, nobody's account, nobody at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bundle.loading import connected
from bot.incoming import Verb
from policies.settings_file import Human
from store import delegations, people
from store.model.entry import Kind
from store.model.person import Account, Delegation
from store.model.run import Status
from tests.bot.attacks.witness import HUGE, HUGE_PAYMENT, SMALL, Witness, edited, press_from

pytestmark = pytest.mark.slow  # each is fast, all together are not

LEADS, FINANCE = ("support", "support-leads"), ("finance-leads",)


def employ(world: Any, user: str, *roles: str) -> str:
    world.directory.roles[user] = (user, roles)
    return user


def declare(world: Any, **humans: tuple[str, ...]) -> None:
    """Another bundle is in force: the same, with these people and their accounts."""
    present = world.assent.catalogue().bundle
    declared = {key: Human(name=key, accounts=accounts) for key, accounts in humans.items()}
    settings = present.settings.model_copy(update={"people": declared})
    bundle = replace(present, settings=settings)
    world.assent.in_force.put(connected(world.assent.settings, bundle))


def person_id(world: Any, user: str) -> str:
    with world.assent.db.begin() as tx:
        return str(people.person_for(tx, world.account(user)))


def test_oneself(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL, "lead")
    witness.refused(world.press(Verb.APPROVE, run, "lead"), "somebody else")
    assert world.approvals(run) == []
    witness.nothing_was_written()


def test_oneself_through_an_alias(world: Any, witness: Witness) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, *LEADS)
    declare(world, lee=("slack:U0LEE", "slack:U0LEE2"))
    run = world.ask(SMALL, "U0LEE")
    witness.refused(world.press(Verb.APPROVE, run, "U0LEE2"), "somebody else")
    witness.nothing_was_written()


def test_one_human_on_slack_and_on_teams(world: Any, witness: Witness) -> None:
    """As requester and approver, and as two of two approvers."""
    employ(world, "U0ANN", "support", *FINANCE)
    declare(world, ann=("slack:U0ANN", "teams:7d1f0a52-0000-4000-8000-000000000d05"))
    teams = Account(
        surface="teams",
        team="tenant",
        user="7d1f0a52-0000-4000-8000-000000000d05",
        display_name="Ann W.",
    )
    own = world.ask(HUGE, "U0ANN")
    witness.refused(press_from(world, Verb.APPROVE, own, teams, FINANCE), "somebody else")
    run = world.ask("refund $1,400.00 on order 1067, late")
    world.approve_only(run, "U0ANN")
    assert "counts once" in press_from(world, Verb.APPROVE, run, teams, FINANCE).text
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_an_account_that_nobody_is_known_behind(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    unknown = Account(
        surface="teams",
        team="tenant",
        user="7d1f0a52-0000-4000-8000-000000000d99",
        display_name="Lee Park",
    )
    witness.refused(press_from(world, Verb.APPROVE, run, unknown, ()), "a support lead")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_one_human_who_fills_two_roles(world: Any, witness: Witness) -> None:
    employ(world, "U0BOTH", "support", "support-leads", "finance-leads")
    for amount in ("$20", "$21"):
        world.ask(f"refund {amount} on order 1043, arrived damaged")
    run = world.ask("refund $22 on order 1043, arrived damaged", "agent2")
    assert witness.needs(run) == {("support-leads", 1), ("finance-leads", 1)}
    world.approve_only(run, "U0BOTH")
    assert "counts once" in world.press(Verb.APPROVE, run, "U0BOTH").text
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


@pytest.mark.parametrize(
    ("flag", "word"),
    [
        ("is_bot", "bots"),
        ("is_guest", "guest"),
        ("is_deactivated", "deactivated"),
        ("is_stranger", "another organisation"),
    ],
)
def test_a_bot_a_guest_somebody_who_left_and_a_stranger(
    world: Any, witness: Witness, flag: str, word: str
) -> None:
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.APPROVE, run, "lead", **{flag: True}), word)
    witness.refused(world.say(SMALL, "agent", **{flag: True}), word)
    assert world.approvals(run) == []
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def lend(world: Any, giver: str, taker: str, *roles: str) -> Delegation:
    """The giver's roles are the taker's to use for a day."""
    now = world.clock()
    wanted = Delegation(
        id="",
        from_id=person_id(world, giver),
        from_name=giver,
        to_id=person_id(world, taker),
        to_name=taker,
        roles=roles,
        starts_at=now,
        ends_at=now + timedelta(days=1),
    )
    with world.assent.db.begin() as tx:
        return delegations.add(tx, wanted, now)


def test_a_delegate_of_the_requester(world: Any, witness: Witness) -> None:
    lend(world, "lead", "agent2", "support-leads")
    run = world.ask(SMALL, "lead")
    witness.refused(world.press(Verb.APPROVE, run, "agent2"))
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_a_delegate_does_not_ask_with_what_was_lent(world: Any, witness: Witness) -> None:
    lend(world, "agent", "outsider", "support")
    witness.turned_down(world.ask(SMALL, "outsider"), "support")


def test_a_delegate_whose_absent_person_lost_the_role(world: Any, witness: Witness) -> None:
    lend(world, "lead", "outsider", "support-leads")
    employ(world, "lead", "support")
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.APPROVE, run, "outsider"), "a support lead")
    witness.nothing_was_written()


def test_a_delegate_and_the_absent_person_are_two_votes_of_one_mandate(
    world: Any, witness: Witness
) -> None:
    lend(world, "finance", "outsider", "finance-leads")
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    reply = world.press(Verb.APPROVE, run, "outsider")
    if not reply.is_refusal:  # another human, who decides in the place of one who has decided
        assert world.run(run.id).status is Status.WAITING
    assert world.refunds(HUGE_PAYMENT) == []
    witness.ledger_is_whole()


def test_a_reused_account(world: Any, witness: Witness) -> None:
    for user in ("U0MIRA", "U0NEW"):
        employ(world, user, *FINANCE)
    declare(world, mira=("slack:U0MIRA", "slack:U0NEW"), dana=("slack:U0DANA",))
    run = world.ask(HUGE)
    world.approve_only(run, "U0MIRA")
    declare(world, mira=("slack:U0NEW",), dana=("slack:U0DANA", "slack:U0MIRA"))
    witness.refused(world.press(Verb.APPROVE, run, "U0MIRA"), "somebody else's")
    assert world.run(run.id).status is Status.WAITING
    witness.nothing_was_written()


def test_nested_groups_with_a_cycle(watched: Any) -> None:
    before = watched.world.assent.catalogue()
    watched.edit(
        (
            "bundle.yml",
            "support-leads: {group: support-leads,",
            "support-leads: {includes: [finance-leads],",
        ),
        (
            "bundle.yml",
            "finance-leads: {group: finance-leads,",
            "finance-leads: {includes: [support-leads],",
        ),
    )
    assert "bundle.yml" in watched.refusal
    assert watched.world.assent.catalogue() is before
    run = watched.world.approve(watched.world.ask(SMALL), "lead")
    assert run.status is Status.APPLIED
    watched.witness.ledger_is_whole()


def test_more_approvers_than_exist(make_world: Callable[..., Any], tmp_path: Path) -> None:
    """It waits for people who do not come, says for how many, and ends by itself."""
    edit = (
        "policies/refunds.yml",
        "require: [{role: support-leads, count: 1}]",
        "require: [{role: support-leads, count: 5}]",
    )
    world = make_world(ASSENT_BUNDLE=str(edited(tmp_path / "desk", edit)))
    witness = Witness(world)
    run = world.ask(SMALL)
    for user in ("lead", "lead2"):
        world.approve_only(run, user)
        assert "counts once" in world.press(Verb.APPROVE, run, user).text
    view = world.assent.reading.view(run.id)
    assert [lack.count for lack in view.missing] == [3]
    world.clock.offset = timedelta(hours=5)
    world.assent.sweep()
    witness.turned_down(run, "in time")


def test_approve_then_revoke(world: Any, witness: Witness) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    assert not world.press(Verb.WITHDRAW, run, "finance").is_refusal
    world.approve_only(run, "finance2")
    assert world.run(run.id).status is Status.WAITING
    kinds = world.kinds(run)
    assert kinds.count(Kind.APPROVAL) == 2
    assert Kind.WITHDRAWAL in kinds
    witness.nothing_was_written()


def test_revoke_somebody_elses_and_revoke_too_late(world: Any, witness: Witness) -> None:
    run = world.ask(SMALL)
    witness.refused(world.press(Verb.WITHDRAW, run, "lead2"))
    world.approve(run, "lead")
    witness.refused(world.press(Verb.WITHDRAW, run, "lead"))
    assert world.refunds() == [4_000]

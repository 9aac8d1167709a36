"""One human behind several accounts: separation of duties holds over all of them, whatever names
they show, and nothing that was done before moves to another human."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.bundle.loading import connected
from bot.incoming import Verb
from policies.settings_file import Human
from store import identity, people
from store.ledger.search import find
from store.model.entry import Kind
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"
LEADS, FINANCE = ("support", "support-leads"), ("finance-leads",)


def declare(world: Any, **humans: tuple[str, ...]) -> None:
    """Another bundle is in force: the same, with these people."""
    present = world.assent.catalogue().bundle
    declared = {
        key: Human(name=key, accounts=tuple(f"slack:{user}" for user in accounts))
        for key, accounts in humans.items()
    }
    settings = present.settings.model_copy(update={"people": declared})
    bundle = replace(present, settings=settings, revision=f"{present.revision}+")
    world.assent.in_force.put(connected(world.assent.settings, bundle))


def employ(world: Any, user: str, roles: tuple[str, ...], name: str = "") -> str:
    world.directory.roles[user] = (name or user, roles)
    return user


def test_an_alias_of_the_requester_cannot_approve(world: Any) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, LEADS)
    declare(world, lee=("U0LEE", "U0LEE2"))
    run = world.ask(SMALL, "U0LEE")
    reply = world.press(Verb.APPROVE, run, "U0LEE2")
    assert reply.is_refusal
    assert "somebody else" in reply.text
    assert world.approvals(run) == []
    assert world.approve(run, "lead").status is Status.APPLIED


def test_an_alias_that_was_never_seen_before_is_the_requester_at_its_first_click(
    world: Any,
) -> None:
    employ(world, "U0LEE", LEADS)
    run = world.ask(SMALL, "U0LEE")
    declare(world, lee=("U0LEE", "U0LEE2"))
    employ(world, "U0LEE2", LEADS)
    assert world.press(Verb.APPROVE, run, "U0LEE2").is_refusal
    assert world.run(run.id).status is Status.WAITING


def test_two_aliases_are_one_approver(world: Any) -> None:
    for user in ("U0ANN", "U0ANN2"):
        employ(world, user, FINANCE)
    declare(world, ann=("U0ANN", "U0ANN2"))
    run = world.ask(HUGE)
    world.approve_only(run, "U0ANN")
    assert "counts once" in world.press(Verb.APPROVE, run, "U0ANN2").text
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_one_human_with_two_accounts_fills_one_of_two_roles(world: Any) -> None:
    """The third refund of a customer in a day takes a support lead and a finance lead."""
    employ(world, "U0ANN", FINANCE)
    employ(world, "U0ANN2", LEADS)
    declare(world, ann=("U0ANN", "U0ANN2"))
    for cents in (1, 2):
        world.ask(f"refund $40.0{cents} on order 1043, arrived damaged")
    run = world.ask("refund $40.03 on order 1043, arrived damaged")
    assert {r.who for r in run.proposal.decision.requirements} >= {"support-leads", "finance-leads"}
    world.approve_only(run, "U0ANN")
    assert "counts once" in world.press(Verb.APPROVE, run, "U0ANN2").text
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "lead").status is Status.APPLIED


def test_people_merged_while_a_run_waits_count_as_one_at_once(world: Any) -> None:
    for user in ("U0ANN", "U0ANN2"):
        employ(world, user, FINANCE)
    run = world.ask(HUGE)
    world.approve_only(run, "U0ANN")
    with world.assent.db.begin() as tx:
        people.person_for(tx, world.account("U0ANN2"))
    declare(world, ann=("U0ANN", "U0ANN2"))
    reply = world.press(Verb.APPROVE, run, "U0ANN2")
    assert "counts once" in reply.text
    assert world.run(run.id).status is Status.WAITING
    view = world.assent.reading.view(run.id)
    assert [lack.count for lack in view.missing] == [1]


def test_an_approval_by_who_turns_out_to_be_the_requester_counts_no_more(world: Any) -> None:
    for user in ("U0ANN", "U0ANN2"):
        employ(world, user, ("support", *FINANCE))
    run = world.ask(HUGE, "U0ANN")
    world.approve_only(run, "U0ANN2")
    declare(world, ann=("U0ANN", "U0ANN2"))
    view = world.assent.reading.view(run.id)
    assert [lack.count for lack in view.missing] == [2]
    world.approve_only(run, "finance")
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "finance2").status is Status.APPLIED


def test_an_editor_is_barred_by_every_account(world: Any) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, LEADS)
        with world.assent.db.begin() as tx:
            people.person_for(tx, world.account(user))
    run = world.ask(SMALL)
    signed = world.edit(run, "U0LEE2", amount="$30").proposal.digest
    declare(world, lee=("U0LEE", "U0LEE2"))
    for user in ("U0LEE", "U0LEE2"):
        assert "You changed" in world.press(Verb.APPROVE, run, user).text
    assert world.run(run.id).proposal.digest == signed, "nobody has to look at it again"
    assert world.approve(run, "lead").status is Status.APPLIED


def test_a_merge_is_in_the_ledger_once(world: Any) -> None:
    with world.assent.db.begin() as tx:
        ids = [people.person_for(tx, world.account(user)) for user in ("U0ANN", "U0ANN2")]
    declare(world, anna=("U0ANN", "U0ANN2"))
    declare(world, anna=("U0ANN", "U0ANN2"))
    with world.assent.db.read() as cx:
        entries = find(cx, kind=Kind.PERSON, limit=9)
        assert identity.present(cx, ids[1]) == ids[0]
    assert [(e.data["person"], e.data["merged"]) for e in entries] == [(ids[0], [ids[1]])]


def test_a_reused_account_speaks_for_its_new_owner_from_then_on_only(world: Any) -> None:
    employ(world, "U0MIRA", FINANCE, "Mira")
    employ(world, "U0NEW", FINANCE, "Mira")
    declare(world, mira=("U0MIRA", "U0NEW"), dana=("U0DANA",))
    run = world.ask(HUGE)
    world.approve_only(run, "U0MIRA")
    employ(world, "U0MIRA", FINANCE, "Dana")
    declare(world, mira=("U0NEW",), dana=("U0DANA", "U0MIRA"))
    reply = world.press(Verb.APPROVE, run, "U0MIRA")
    assert reply.is_refusal
    assert "somebody else's" in reply.text
    assert "counts once" in world.press(Verb.APPROVE, run, "U0NEW").text  # it is Mira's approval
    now = world.approve(run, "finance")
    # Asked again before the write, the account that approved is not the approver's any more.
    assert now.status is Status.WAITING
    assert world.desk_rows("SELECT 1 FROM refunds WHERE amount_minor = 150000") == []
    assert "Mira counts no more" in now.note


def test_an_account_that_asked_never_approves_whoever_has_it_later(world: Any) -> None:
    employ(world, "U0MIRA", LEADS)
    employ(world, "U0NEW", LEADS)
    declare(world, mira=("U0MIRA", "U0NEW"), dana=("U0DANA",))
    run = world.ask(SMALL, "U0MIRA")
    declare(world, mira=("U0NEW",), dana=("U0DANA", "U0MIRA"))
    assert "somebody else" in world.press(Verb.APPROVE, run, "U0MIRA").text
    assert "somebody else" in world.press(Verb.APPROVE, run, "U0NEW").text


@pytest.mark.slow
def test_a_request_is_not_carried_out_for_who_has_the_account_now(world: Any) -> None:
    employ(world, "U0MIRA", ("support",))
    employ(world, "U0NEW", ("support",))
    declare(world, mira=("U0MIRA", "U0NEW"), dana=("U0DANA",))
    run = world.ask(SMALL, "U0MIRA")
    declare(world, mira=("U0NEW",), dana=("U0DANA", "U0MIRA"))
    now = world.approve(run, "lead")
    assert now.status is Status.FAILED
    assert "belongs to somebody else now" in now.note
    assert world.refunds() == []


@pytest.mark.parametrize(
    "name",
    ["Lee Park", "lee park", "Lee P\u0430rk", "Lee\u200b Park", "Le\u0301e Park", "LEE PARK"],
)
def test_names_neither_make_nor_part_people(world: Any, name: str) -> None:
    """Whatever a name looks like: another account is another human unless it is declared."""
    employ(world, "U0LOOK", LEADS, name)
    run = world.ask(SMALL, "lead")
    assert world.press(Verb.APPROVE, run, "lead").is_refusal
    assert world.approve(run, "U0LOOK").status is Status.APPLIED


@pytest.mark.parametrize("name", ["Lee Park", "L\u0435e Park", "Somebody Else"])
def test_a_changed_name_makes_nobody_another_human(world: Any, name: str) -> None:
    employ(world, "U0LEE", LEADS, "Lee Park")
    run = world.ask(SMALL, "U0LEE")
    employ(world, "U0LEE", LEADS, name)
    account = world.account("U0LEE").model_copy(update={"display_name": name})
    with world.assent.db.begin() as tx:
        people.person_for(tx, account)
    assert world.press(Verb.APPROVE, run, "U0LEE").is_refusal


@pytest.mark.parametrize("flag", ["is_guest", "is_bot", "is_stranger", "is_deactivated"])
def test_whom_the_bundle_names_still_may_not_approve_with_such_an_account(
    world: Any, flag: str
) -> None:
    employ(world, "U0LEE", LEADS)
    declare(world, lee=("U0LEE",))
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "U0LEE", **{flag: True}).is_refusal
    assert world.approvals(run) == []


def test_the_fact_of_the_requester_is_the_human_and_not_the_account(world: Any) -> None:
    employ(world, "U0DANA", ("support",))
    employ(world, "U0DANA2", ("support",))
    declare(world, dana=("U0DANA", "U0DANA2"))
    first = world.ask(SMALL, "U0DANA")
    second = world.ask("refund $41 on order 1043, arrived damaged", "U0DANA2")
    facts = [r.proposal.decision.steps[0].facts["requester.id"] for r in (first, second)]
    assert facts[0] == facts[1] == first.request.person_id


def test_a_person_cancels_and_sees_their_own_requests_by_any_account(world: Any) -> None:
    employ(world, "U0DANA", ("support",))
    employ(world, "U0DANA2", ("support",))
    run = world.ask(SMALL, "U0DANA")
    declare(world, dana=("U0DANA", "U0DANA2"))
    home = world.assent.reading.home(world.account("U0DANA2"))
    assert [view.run.id for view in home.asked_by_me] == [run.id]
    assert not world.press(Verb.CANCEL, run, "U0DANA2").is_refusal
    assert world.run(run.id).status is Status.CANCELLED

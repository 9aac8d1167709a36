"""Somebody decides for an absent person: within what that person still holds, and no further."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.incoming import Verb
from bot.people import delegating
from bot.people.standing_in import StandingIn
from bot.ports import DirectoryUnavailableError
from store import declared_people, delegations, ledger, people
from store.errors import DelegationError
from store.ledger.search import find
from store.model.entry import Kind
from store.model.person import Account, Delegation, Person
from store.model.run import Status
from tests.bot.test_people import FINANCE, LEADS, declare, employ

pytestmark = pytest.mark.slow  # many people, many clicks

SMALL = "refund $40 on order 1043, arrived damaged"
LARGE = "refund $120 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"
ADDRESS = "change the address of order 1066 to 5 Elm Street, Springfield, IL 62704, US"


def hand_over(world: Any, absent: str, to: str, **changes: Any) -> Delegation:
    """As an operator does it, for a week from now."""
    with world.assent.db.begin() as tx:
        from_id, to_id = (people.person_for(tx, world.account(who)) for who in (absent, to))
        now = world.clock()
        wanted = Delegation(
            id="",
            from_id=from_id,
            from_name=world.directory.roles[absent][0],
            to_id=to_id,
            to_name=world.directory.roles[to][0],
            roles=(),
            starts_at=now - timedelta(seconds=1),
            ends_at=now + timedelta(days=7),
        ).model_copy(update=changes)
        return delegating.give(tx, world.assent.recorder, wanted, delegating.operator("Noor"), now)


def test_a_delegate_approves_for_the_absent_and_the_approval_says_for_whom(world: Any) -> None:
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal
    hand_over(world, "lead", "agent2")
    now = world.approve(run, "agent2")
    assert now.status is Status.APPLIED
    view = world.assent.reading.view(run.id)
    (approval,) = view.approvals
    assert approval.roles == ("support",)
    assert [(s.role, s.person_name) for s in approval.stands_in] == [("support-leads", "Lee Park")]
    with world.assent.db.read() as cx:
        (entry,) = [e for e in ledger.show(cx, run.id) if e.kind is Kind.APPROVAL]
    assert [s["role"] for s in entry.data["stands_in"]] == ["support-leads"]


def test_a_delegation_ends_by_itself_and_by_being_ended(world: Any) -> None:
    given = hand_over(world, "lead", "agent2", ends_at=world.clock() + timedelta(hours=1))
    run = world.ask(SMALL)
    world.clock.offset = timedelta(hours=1, seconds=1)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal
    world.clock.offset = timedelta()
    with world.assent.db.begin() as tx:
        delegating.end(
            tx, world.assent.recorder, given.id, delegating.operator("Noor"), world.clock()
        )
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal
    assert world.approvals(run) == []
    with world.assent.db.read() as cx:
        acts = [e.data["act"] for e in find(cx, kind=Kind.DELEGATION, limit=9)]
    assert sorted(acts) == ["ended", "given"]


def test_a_delegation_that_is_yet_to_start_lends_nothing(world: Any) -> None:
    hand_over(world, "lead", "agent2", starts_at=world.clock() + timedelta(days=1))
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal


def test_a_delegate_cannot_approve_what_the_absent_person_asked_for(world: Any) -> None:
    hand_over(world, "lead", "agent2")
    run = world.ask(SMALL, "lead")
    reply = world.press(Verb.APPROVE, run, "agent2")
    assert reply.is_refusal
    assert "You stand in for Lee Park" in reply.text
    assert world.approvals(run) == []


def test_a_delegate_cannot_approve_what_an_alias_of_the_absent_person_asked_for(
    world: Any,
) -> None:
    for user in ("U0LEE", "U0LEE2"):
        employ(world, user, LEADS)
    declare(world, lee=("U0LEE", "U0LEE2"))
    hand_over(world, "U0LEE", "agent2")
    run = world.ask(SMALL, "U0LEE2")
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal


def test_a_delegate_never_approves_their_own_request(world: Any) -> None:
    hand_over(world, "lead", "agent2")
    run = world.ask(SMALL, "agent2")
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal
    facts = run.proposal.decision.steps[0].facts
    assert facts["requester.roles"] == ["support"], "a delegate asks with their own roles alone"


def test_there_is_no_chain(world: Any) -> None:
    """Lee lets Sam, Sam lets Max: Max holds what Sam holds himself, not what Lee lent to Sam."""
    hand_over(world, "lead", "agent2")
    hand_over(world, "agent2", "outsider")
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "outsider").is_refusal


def test_a_role_that_the_absent_person_lost_is_lent_no_more(world: Any) -> None:
    hand_over(world, "lead", "agent2", roles=("support-leads",))
    world.directory.roles["lead"] = ("Lee Park", ("support",))
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal


def test_a_role_lost_by_the_absent_between_approval_and_execution_counts_no_more(
    world: Any,
) -> None:
    hand_over(world, "finance", "agent2")
    run = world.ask(HUGE)
    world.approve_only(run, "agent2")
    world.directory.roles["finance"] = ("Ann Weiss", ())
    now = world.approve(run, "finance2")
    assert now.status is Status.WAITING
    assert "no longer stands in for Ann Weiss" in now.note


def test_nobody_lends_a_role_that_they_do_not_hold(world: Any) -> None:
    hand_over(world, "agent2", "outsider", roles=("finance-leads", "support-leads"))
    run = world.ask(LARGE)
    assert world.press(Verb.APPROVE, run, "outsider").is_refusal


def test_the_absent_and_the_delegate_are_not_two_people_for_one_role(world: Any) -> None:
    """Two finance leads are asked for; one who is there and lends her role is one of them."""
    hand_over(world, "finance", "agent2")
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal
    assert world.run(run.id).status is Status.WAITING


def test_two_delegates_of_one_absent_person_count_once(world: Any) -> None:
    hand_over(world, "finance", "agent2")
    hand_over(world, "finance", "outsider")
    run = world.ask(HUGE)
    world.approve_only(run, "agent2")
    assert world.press(Verb.APPROVE, run, "outsider").is_refusal
    assert world.run(run.id).status is Status.WAITING


def test_one_delegate_of_two_absent_people_counts_once(world: Any) -> None:
    hand_over(world, "finance", "agent2")
    hand_over(world, "finance2", "agent2")
    run = world.ask(HUGE)
    world.approve_only(run, "agent2")
    assert world.run(run.id).status is Status.WAITING


@pytest.mark.parametrize(
    ("changes", "text", "is_reached"),
    [
        ({"amounts_minor": {"USD": 12_000}}, LARGE, True),
        ({"amounts_minor": {"USD": 11_999}}, LARGE, False),
        ({"amounts_minor": {"EUR": 12_000}}, LARGE, False),
        ({"workflows": ("refund",)}, LARGE, True),
        ({"workflows": ("cancel-order",)}, LARGE, False),
        ({"roles": ("finance-leads",)}, LARGE, True),
        ({"roles": ("admins",)}, LARGE, False),
    ],
)
def test_limits_of_a_delegation_hold(
    world: Any, changes: dict[str, Any], text: str, is_reached: bool
) -> None:
    hand_over(world, "finance", "agent2", **changes)
    run = world.ask(text)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal is not is_reached


def test_a_delegation_up_to_an_amount_reaches_no_plan_that_shows_none(world: Any) -> None:
    hand_over(world, "lead", "agent2", amounts_minor={"USD": 50_000})
    run = world.ask(ADDRESS)
    assert run.status is Status.WAITING, run.note
    reply = world.press(Verb.APPROVE, run, "agent2")
    assert "but not for this" in reply.text


@pytest.mark.parametrize("flag", ["is_guest", "is_bot", "is_stranger", "is_deactivated"])
def test_an_account_that_may_not_approve_may_not_for_others_either(world: Any, flag: str) -> None:
    hand_over(world, "lead", "agent2")
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "agent2", **{flag: True}).is_refusal
    assert world.approvals(run) == []


@pytest.mark.parametrize("flag", ["is_guest", "is_bot", "is_deactivated"])
def test_an_absent_person_whose_account_is_refused_lends_nothing(world: Any, flag: str) -> None:
    hand_over(world, "lead", "agent2")
    with world.assent.db.begin() as tx:  # as the directory saw the account last
        people.person_for(tx, world.account("lead", **{flag: True}))
    run = world.ask(SMALL)
    assert world.press(Verb.APPROVE, run, "agent2").is_refusal


def test_an_absent_person_whom_only_the_bundle_has_named_lends_what_they_hold(world: Any) -> None:
    """Ann was never seen by any account."""
    employ(world, "U0ANN", FINANCE)
    declare(world, ann=("U0ANN",))
    with world.assent.db.begin() as tx:
        ann = declared_people.named(tx, "ann")
    hand_over(world, "finance", "agent2", from_id=ann, from_name="Ann")
    run = world.ask(LARGE)
    assert world.approve(run, "agent2").status is Status.APPLIED


def test_a_directory_that_is_away_lends_nothing(world: Any) -> None:
    hand_over(world, "lead", "agent2")
    run = world.ask(SMALL)
    person = world.directory.person(world.account("agent2"))
    world.directory.is_away = True
    standing_in = StandingIn(world.assent.db, world.directory, world.clock)
    with pytest.raises(DirectoryUnavailableError):
        standing_in.filled(person)
    world.directory.is_away = False
    assert world.approve(run, "agent2").status is Status.APPLIED


def test_a_click_is_refused_while_it_is_not_known_what_the_absent_still_hold(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(world, "finance", "lead")
    run = world.ask(SMALL)
    ask = world.directory.person

    def person(account: Account) -> Person:
        if account.user == "finance":
            raise DirectoryUnavailableError("The directory of people did not answer.")
        found: Person = ask(account)
        return found

    monkeypatch.setattr(world.directory, "person", person)
    assert "cannot check your role" in world.press(Verb.APPROVE, run, "lead").text
    monkeypatch.undo()
    assert world.approve(run, "lead").status is Status.APPLIED


def test_what_waits_for_the_absent_waits_for_the_delegate(world: Any) -> None:
    run = world.ask(SMALL)
    account = world.account("agent2")
    assert world.assent.reading.home(account).waiting_for_me == ()
    hand_over(world, "lead", "agent2")
    waiting = world.assent.reading.home(account).waiting_for_me
    assert [view.run.id for view in waiting] == [run.id]


def test_the_card_names_who_could_approve_for_whom(world: Any) -> None:
    hand_over(world, "finance", "agent2")
    hand_over(world, "finance2", "outsider", amounts_minor={"USD": 1})
    hand_over(world, "finance2", "agent")  # who asks: never
    run = world.ask(HUGE)
    names = world.assent.reading.view(run.id).eligible["finance-leads"]
    assert names == ("Ann Weiss", "Raj Mehta", "Sam Field for Ann Weiss")
    world.approve_only(run, "finance")
    names = world.assent.reading.view(run.id).eligible["finance-leads"]
    assert names == ("Ann Weiss", "Raj Mehta"), "her role is used"


def test_whoever_holds_the_role_is_not_named_twice(world: Any) -> None:
    hand_over(world, "finance", "finance2")
    run = world.ask(HUGE)
    names = world.assent.reading.view(run.id).eligible["finance-leads"]
    assert names == ("Ann Weiss", "Raj Mehta")
    world.clock.offset = timedelta(minutes=120, seconds=1)
    world.assent.sweep()
    assert "2 finance leads (Ann Weiss and Raj Mehta)" in world.lines(run)[0]


def test_delegations_are_bounded(world: Any) -> None:
    now = world.clock()
    for changes, message in (
        ({"ends_at": now + timedelta(days=30)}, "at most 30 days"),
        ({"ends_at": now - timedelta(seconds=1)}, "later end"),
        ({"starts_at": now + timedelta(days=8)}, "starts before it ends"),
        ({"starts_at": now + timedelta(days=91), "ends_at": now + timedelta(days=92)}, "90 days"),
    ):
        with pytest.raises(DelegationError, match=message):
            hand_over(world, "lead", "agent2", **changes)
    with pytest.raises(DelegationError, match="themselves"):
        hand_over(world, "lead", "lead")
    for number in range(delegations.LIVE_MAX):
        hand_over(world, "lead", "agent" if number % 2 else "agent2")
    with pytest.raises(DelegationError, match="20 delegations"):
        hand_over(world, "lead", "agent2")
    for number in range(delegations.HELD_MAX - 10):
        hand_over(world, "finance" if number % 2 else "finance2", "agent2")
    with pytest.raises(DelegationError, match="20 people already"):
        hand_over(world, "lead2", "agent2")


def test_nobody_delegates_to_an_alias_and_a_merge_ends_what_two_accounts_gave_each_other(
    world: Any,
) -> None:
    for user in ("U0ANN", "U0ANN2"):
        employ(world, user, FINANCE if user == "U0ANN" else ())
    hand_over(world, "U0ANN", "U0ANN2")
    declare(world, ann=("U0ANN", "U0ANN2"))
    run = world.ask(LARGE)
    assert world.press(Verb.APPROVE, run, "U0ANN2").is_refusal
    with pytest.raises(DelegationError, match="themselves"):
        hand_over(world, "U0ANN2", "U0ANN")

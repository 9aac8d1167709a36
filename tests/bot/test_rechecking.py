"""Between the last approval and the first write: people, roles and policies that changed meanwhile.

`meanwhile` runs in the engine's thread after the run has started and before anything is compared.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import drifting
from bot.catalogue import Catalogue
from bot.ports import DirectoryUnavailableError
from bot.settings import BUNDLE_SHIPPED
from store import delegations, people
from store.model.entry import Kind
from store.model.person import Account, Delegation, Person
from store.model.run import Run, Status

SMALL = "refund $40 on order 1043, arrived damaged"
LARGE = "refund $1,500.00 on order 1067, arrived damaged"
NOT_YET = frozenset({Status.RUNNING})
Meanwhile = Callable[[Any, Callable[[], None]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    def arrange(world: Any, change: Callable[[], None]) -> None:
        real = world.assent.executor.begin
        changes = [change]

        def begin(run_id: str, digest: str) -> int:
            if changes:
                changes.pop()()
            return int(real(run_id, digest))

        monkeypatch.setattr(world.assent.executor, "begin", begin)

    return arrange


@pytest.fixture
def flagged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The directory says something else about one account from now on."""

    def arrange(world: Any, user: str, **flags: bool) -> None:
        real = world.directory.person

        def person(account: Account) -> Person:
            found: Person = real(account)
            if account.user != user:
                return found
            return found.model_copy(update={"account": account.model_copy(update=flags)})

        monkeypatch.setattr(world.directory, "person", person)

    return arrange


def lose(world: Any, user: str, *left: str) -> Callable[[], None]:
    def change() -> None:
        name, _ = world.directory.roles[user]
        world.directory.roles[user] = (name, left)

    return change


def waits_anew(world: Any, run: Run, *why: str) -> Run:
    now: Run = world.run(run.id)
    assert now.status is Status.WAITING, now.note
    assert now.proposal is not None
    assert now.proposal.round == 2
    assert all(words in now.note for words in why), now.note
    assert "Nothing was done." in now.note
    assert world.refunds() == world.refunds("pay_7755") == []
    return now


@pytest.mark.parametrize("left", [("support",), ("support", "finance-leads"), ()])
def test_who_lost_the_role_after_approving_counts_no_more(
    world: Any, meanwhile: Meanwhile, left: tuple[str, ...]
) -> None:
    run = world.ask(SMALL)
    meanwhile(world, lose(world, "lead", *left))
    anew = waits_anew(
        world, world.approve(run, "lead"), "Lee Park is no longer in support leads", "again"
    )
    assert anew.approved_at is None
    assert Kind.REFUSAL in world.kinds(run)
    assert world.approve(run, "lead2").status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_of_two_approvers_one_who_lost_the_role_is_named_and_both_are_asked_anew(
    world: Any,
) -> None:
    run = world.ask(LARGE)
    world.approve_only(run, "finance")
    lose(world, "finance")()
    waits_anew(world, world.approve(run, "finance2"), "Ann Weiss is no longer in finance leads.")
    with world.assent.db.read() as cx:
        from store import approvals

        digest = world.run(run.id).proposal.digest
        assert approvals.for_digest(cx, run.id, digest) == ()


def test_a_role_that_the_plan_did_not_need_may_be_lost(world: Any, meanwhile: Meanwhile) -> None:
    run = world.ask(SMALL)
    meanwhile(world, lose(world, "lead", "support-leads"))
    assert world.approve(run, "lead").status is Status.APPLIED


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("is_deactivated", "this account is deactivated"),
        ("is_guest", "guest accounts cannot"),
        ("is_bot", "bots cannot"),
        ("is_stranger", "another organisation"),
    ],
)
def test_an_account_that_may_not_approve_any_more_counts_no_more(
    world: Any, meanwhile: Meanwhile, flagged: Callable[..., None], flag: str, words: str
) -> None:
    run = world.ask(SMALL)
    meanwhile(world, lambda: flagged(world, "lead", **{flag: True}))
    waits_anew(world, world.approve(run, "lead"), "Lee Park counts no more", words)


@pytest.mark.parametrize("flag", ["is_deactivated", "is_guest", "is_stranger"])
def test_a_requester_who_may_not_ask_any_more_gets_nothing(
    world: Any, meanwhile: Meanwhile, flagged: Callable[..., None], flag: str
) -> None:
    run = world.ask(SMALL)
    meanwhile(world, lambda: flagged(world, "agent", **{flag: True}))
    run = world.approve(run, "lead")
    assert run.status is Status.DENIED
    assert "Dana Okafor may not ask any more" in run.note
    assert world.refunds() == []


def test_a_requester_who_left_the_group_gets_nothing(world: Any, meanwhile: Meanwhile) -> None:
    run = world.ask(SMALL)
    meanwhile(world, lose(world, "agent"))
    run = world.approve(run, "lead")
    assert run.status is Status.DENIED
    assert "only people in support may ask" in run.note
    assert world.refunds() == []


def test_a_directory_that_does_not_know_the_approvers_stops_everything(
    world: Any, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "PAUSES_SECONDS", (0.0,))
    run = world.ask(SMALL)
    real = world.directory.person

    def person(account: Account) -> Person:
        if account.user == "lead":
            raise DirectoryUnavailableError("The directory of people did not answer.")
        return real(account)  # type: ignore[no-any-return]

    meanwhile(world, lambda: monkeypatch.setattr(world.directory, "person", person))
    run = world.approve(run, "lead")
    assert run.status is Status.FAILED
    assert "did not answer. Nothing was done." in run.note
    assert world.refunds() == []


def delegated(world: Any, hours: int) -> str:
    """Lee is away and Sam, who holds no such role, decides in Lee's place."""
    now = world.clock()
    with world.assent.db.begin() as tx:
        lee, sam = (people.person_for(tx, world.account(user)) for user in ("lead", "agent2"))
        wanted = Delegation(
            id="",
            from_id=lee,
            from_name="Lee Park",
            to_id=sam,
            to_name="Sam Field",
            roles=("support-leads",),
            starts_at=now,
            ends_at=now + timedelta(hours=hours),
            because="a holiday",
        )
        return delegations.add(tx, wanted, now).id


def test_a_delegation_that_ended_counts_no_more(world: Any, meanwhile: Meanwhile) -> None:
    delegation_id = delegated(world, 8)
    run = world.ask(SMALL)

    def end() -> None:
        with world.assent.db.begin() as tx:
            delegations.end(tx, delegation_id, world.clock())

    meanwhile(world, end)
    waits_anew(world, world.approve(run, "agent2"), "Sam Field no longer stands in for Lee Park")


def test_what_an_absent_person_does_not_hold_any_more_nobody_holds_for_them(
    world: Any, meanwhile: Meanwhile
) -> None:
    delegated(world, 8)
    run = world.ask(SMALL)
    meanwhile(world, lose(world, "lead", "support"))
    waits_anew(world, world.approve(run, "agent2"), "Sam Field no longer stands in for Lee Park")


def test_a_delegation_that_holds_counts(world: Any) -> None:
    delegated(world, 8)
    assert world.approve(world.ask(SMALL), "agent2").status is Status.APPLIED


def other_policy(world: Any, tmp_path: Path, *edits: tuple[str, str, str]) -> Callable[[], None]:
    """Puts the shipped bundle in force with texts of its files replaced."""
    folder = Path(shutil.copytree(BUNDLE_SHIPPED, tmp_path / "newer"))
    for name, old, new in edits:
        text = (folder / name).read_text().partition("  # Either side of")[0]
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))

    def change() -> None:
        present = world.assent.catalogue()
        from bot.catalogue import loaded

        bundle = replace(loaded(folder), revision="newer")
        world.assent.in_force.put(Catalogue(bundle, present.environment, present._environ))

    return change


def asked(run: Run) -> set[tuple[str, int]]:
    assert run.proposal is not None
    return {(r.who, r.count) for r in run.proposal.decision.requirements}


LOOSER = ("policies/refunds.yml", "USD: 10000,", "USD: 9000000,")
STRICTER = ("policies/refunds.yml", "USD: 10000,", "USD: 1000,")


def test_a_looser_policy_drops_nothing_that_was_asked_for(
    world: Any, meanwhile: Meanwhile, tmp_path: Path
) -> None:
    run = world.ask("refund $120 on order 1043, arrived damaged")
    assert asked(run) == {("finance-leads", 1)}
    meanwhile(world, other_policy(world, tmp_path, LOOSER))
    anew = waits_anew(world, world.approve(run, "finance"), "The policy changed.")
    assert asked(anew) == {("finance-leads", 1), ("support-leads", 1)}
    world.approve_only(run, "lead")
    assert world.run(run.id).status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_a_stricter_policy_asks_for_what_it_wants_beside(
    world: Any, meanwhile: Meanwhile, tmp_path: Path
) -> None:
    run = world.ask(SMALL)
    meanwhile(world, other_policy(world, tmp_path, STRICTER))
    anew = waits_anew(world, world.approve(run, "lead"), "The policy changed.")
    assert asked(anew) == {("finance-leads", 1), ("support-leads", 1)}


def test_a_policy_without_a_requirement_does_not_lift_the_one_that_was_signed(
    world: Any, meanwhile: Meanwhile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the new policy it would run by itself; it was signed as one that needs a person."""
    run = world.ask(SMALL)
    level_3 = ("policies/refunds.yml", "workflow.level < 3", "workflow.level < 1")
    permitted = ("workflows/refund.yml", "autonomy: L2", "autonomy: L3")
    change = other_policy(world, tmp_path, level_3, permitted)

    def later() -> None:
        change()
        monkeypatch.setattr(world.assent.executor._drift._levels, "level", lambda *_: 3)

    meanwhile(world, later)
    anew = waits_anew(world, world.approve(run, "lead"), "The policy changed.")
    assert anew.proposal is not None
    assert {str(s.effect) for s in anew.proposal.decision.steps} >= {"needs approval"}
    assert asked(anew) == {("support-leads", 1)}
    assert world.approve(run, "lead2").status is Status.APPLIED


def test_a_policy_that_denies_it_now_ends_it(
    world: Any, meanwhile: Meanwhile, tmp_path: Path
) -> None:
    run = world.ask(SMALL)
    closed = ("policies/refunds.yml", "window: 90 days", "window: 1 day")
    meanwhile(world, other_policy(world, tmp_path, closed))
    run = world.approve(run, "lead")
    assert run.status is Status.DENIED
    assert "The policy changed. Now denied: refunds end 1 day after the order" in run.note
    assert world.refunds() == []

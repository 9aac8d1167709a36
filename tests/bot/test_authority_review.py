"""Attacks on authority that cross several parts: found by reading, held by the whole flow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import policies
from bot import retry
from bot.bootstrap import catalogue_of
from bot.bundle import loading
from bot.incoming import Verb
from connectors.desk import faults
from evals.stories.second_opinion import is_consented, writes
from policies.findings import BundleError
from store import ledger
from store.model.run import Run, Status
from tests.bot.attacks.witness import edited
from tests.bot.conftest import earn

FIRST = "refund $950 on order 1067, arrived damaged"
SECOND = "refund $60 on order 1067, arrived damaged"
TWO = ("different people", 2)


def asked(run: Run) -> set[tuple[str, int]]:
    assert run.status is Status.WAITING, run.note
    assert run.proposal is not None
    return {(r.who, r.count) for r in run.proposal.decision.requirements}


def test_a_request_left_waiting_past_the_window_still_counts(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    """Else one waits until the window has passed, asks again, and has both done in one minute."""
    windows = [
        ("policies/refunds.yml", "window: 24 hours, amount", "window: 1 hour, amount")
        for _ in range(3)
    ]
    world = make_world(ASSENT_BUNDLE=str(edited(tmp_path / "desk", *windows)))
    first = world.ask(FIRST)
    world.clock.offset = timedelta(minutes=61)
    assert TWO in asked(world.ask(SECOND, "agent2"))
    assert world.approve(first, "finance").status is Status.APPLIED
    world.clock.offset = timedelta(minutes=120)
    assert TWO in asked(world.ask("refund $61 on order 1067, late", "agent2"))


def test_a_proof_is_remembered_for_the_code_that_made_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a better analysis would never look at the bundle that runs."""
    folder = tmp_path / "policies"
    (folder / "analysis").mkdir(parents=True)
    (folder / "analysis" / "reach.py").write_text("looks = 1")
    monkeypatch.setattr(policies, "__file__", str(folder / "__init__.py"))
    before = loading._code.__wrapped__()
    (folder / "analysis" / "reach.py").write_text("looks = 2")
    assert loading._code.__wrapped__() != before


def test_what_may_have_been_written_counts_until_somebody_knows(world: Any) -> None:
    first = world.ask(FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retry, "delay_seconds", lambda *_: None)
        faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
        assert world.approve(first, "finance").status is Status.UNKNOWN
    world.clock.offset = timedelta(days=2)
    assert TWO in asked(world.ask(SECOND))


def staged(tmp_path: Path) -> str:
    """A bundle that asks for a support lead first and for two of finance then."""
    edit = (
        "policies/refunds.yml",
        'require: [{role: finance-leads, count: 2}]\n    because: "two finance',
        "require: [{role: support-leads, count: 1}, {role: finance-leads, count: 2, stage: 2}]\n"
        '    because: "two finance',
    )
    return str(edited(tmp_path / "desk", edit))


def test_who_approved_before_their_turn_came_again_approves_once_more(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    """The first stage was taken back and given again: what came in between counts for nothing, and
    whoever gave it is not told that it counts."""
    world = make_world(ASSENT_BUNDLE=staged(tmp_path))
    run = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    for user in ("lead", "finance"):
        world.approve_only(run, user)
    assert not world.withdraw(run, "lead").is_refusal
    assert "counts once" in world.press(Verb.APPROVE, run, "finance").text
    world.approve_only(run, "lead2")
    world.approve_only(run, "finance2")
    assert world.run(run.id).status is Status.WAITING
    assert run.id in [view.run.id for view in world.batch("finance")]
    assert world.approve(run, "finance").status is Status.APPLIED
    assert world.refunds("pay_7755") == [150_000]
    with world.assent.db.read() as cx:
        assert all(is_consented(write) for write in writes(ledger.show(cx, run.id)))


def test_changes_that_come_to_nothing_are_bounded(world: Any) -> None:
    """Each reads the systems and speaks in the thread."""
    run = world.ask("refund $40 on order 1043, arrived damaged")
    replies = []
    for _ in range(25):
        replies.append(world.press(Verb.EDIT, run, "lead", values={"amount": "$9,999"}))
        world.plan()
    assert "changed too often" in replies[-1].text
    assert len(world.lines(run)) <= 20
    assert world.approve(run, "lead").status is Status.APPLIED


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What comes of acts that begin at the same moment."""
    barrier = threading.Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return [each.result(timeout=60) for each in [threads.submit(begin, act) for act in acts]]


AGAINST = ["edit", "withdraw", "cancel", "expire", "reject"]


def race_the_last_approval(world: Any, against: str) -> None:
    run = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    world.approve_only(run, "finance")
    digest = world.run(run.id).proposal.digest
    other: dict[str, Callable[[], object]] = {
        "edit": lambda: world.press(
            Verb.EDIT, run, "agent", digest=digest, values={"amount": "$2,000.00"}
        ),
        "withdraw": lambda: world.press(Verb.WITHDRAW, run, "finance", digest=digest),
        "cancel": lambda: world.press(Verb.CANCEL, run, "agent", digest=digest),
        "expire": world.assent.sweep,
        "reject": lambda: world.press(Verb.REJECT, run, "finance", digest=digest, text="no"),
    }
    if against == "expire":
        world.clock.offset = run.proposal.expires_at - world.clock() - timedelta(milliseconds=5)
    approved = at_once(
        lambda: world.press(Verb.APPROVE, run, "finance2", digest=digest), other[against]
    )[0]
    world.plan()
    after = world.settled(run)
    if after.status is not Status.APPLIED:
        assert world.refunds("pay_7755") == []
        return
    assert not approved.is_refusal
    assert world.refunds("pay_7755") == [150_000]
    assert after.proposal.digest == digest
    with world.assent.db.read() as cx:
        assert all(is_consented(write) for write in writes(ledger.show(cx, run.id)))


@pytest.mark.parametrize("against", AGAINST)
def test_the_last_approval_beside_another_click(world: Any, against: str) -> None:
    race_the_last_approval(world, against)


@pytest.mark.slow
@pytest.mark.parametrize("against", AGAINST)
def test_the_last_approval_beside_another_click_on_postgresql(
    make_world: Callable[..., Any], postgresql_url: str, against: str
) -> None:
    race_the_last_approval(make_world(ASSENT_DATABASE_URL=postgresql_url), against)


def test_any_two_may_approve_where_others_only_may_object(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    edit = (
        "policies/refunds.yml",
        'require: [{role: finance-leads, count: 2}]\n    because: "two finance',
        'require: [{people: 2}, {veto: finance-leads}]\n    because: "two finance',
    )
    world = make_world(ASSENT_BUNDLE=str(edited(tmp_path / "desk", edit)))
    run = world.ask("refund $1,500.00 on order 1067, arrived damaged")
    assert world.press(Verb.APPROVE, run, "outsider").is_refusal
    assert world.approve(run, "agent2", "lead").status is Status.APPLIED
    other = world.ask("refund $1,200.00 on order 1065, arrived damaged")
    if other.status is Status.WAITING:
        assert not world.press(Verb.REJECT, other, "finance", text="no").is_refusal


def test_who_says_for_an_absent_person_how_it_ended_is_recorded_so(world: Any) -> None:
    first = world.ask(FIRST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retry, "delay_seconds", lambda *_: None)
        faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
        assert world.approve(first, "finance").status is Status.UNKNOWN
    reply = world.assent.absence.away(
        world.account("finance2"),
        f"until {world.clock() + timedelta(days=2):%Y-%m-%d} to slack:lead",
    )
    assert not reply.is_refusal, reply.text
    assert not world.press(Verb.HAPPENED, first, "lead").is_refusal
    with world.assent.db.read() as cx:
        said = [e for e in ledger.show(cx, first.id) if e.data.get("verdict") == Verb.HAPPENED]
    assert [s["role"] for s in said[0].data["stands_in"]] == ["finance-leads"]


def test_what_is_put_in_the_place_of_a_proved_bundle_is_proved(
    tmp_path: Path, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody swaps the folder between the look at it and its loading."""
    settings, now = world.assent.settings, world.clock()
    sound = edited(tmp_path / "desk")
    proved = replace(settings, bundle=sound)
    digest = loading.load_checked(proved, world.assent.db, now).bundle.digest
    edited(
        sound, ("policies/common.yml", "from: 2026-12-31T22:00:00Z", "from: 2027-12-31T22:00:00Z")
    )
    monkeypatch.setattr(loading.folders, "digest", lambda _: digest)
    with pytest.raises(BundleError, match="swap"):
        loading.load_checked(proved, world.assent.db, now)


def test_a_policy_that_got_stricter_before_its_plan_was_stored_still_decides(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    """A plan that may run by itself is decided on, and the bundle swapped, before it is stored."""
    trusting = ("workflows/refund.yml", "autonomy: L2", "autonomy: L3")
    folder = edited(tmp_path / "desk", trusting)
    world = make_world(ASSENT_BUNDLE=str(folder))
    earn(world)
    free = world.ask("refund $5 on order 1043, arrived damaged")
    assert world.settled(free).status is Status.APPLIED
    proposer = world.assent.flow._proposer
    offer = proposer._offer

    def swapped(*given: Any) -> None:
        edited(
            folder,
            (
                "policies/refunds.yml",
                '\n      every write is approved at this level: "workflow.level < 3"',
                "",
            ),
        )
        world.assent.in_force.put(catalogue_of(world.assent.settings, world.clock()))
        proposer._offer = offer
        offer(*given)

    proposer._offer = swapped
    run = world.settled(world.ask("refund $6 on order 1043, arrived damaged"))
    assert (run.status, world.refunds()) == (Status.WAITING, [500])
    assert asked(run) == {("support-leads", 1)}
    assert world.approve(run, "lead").status is Status.APPLIED

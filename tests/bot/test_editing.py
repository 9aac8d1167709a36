"""A waiting plan is changed: shown anew, approved anew, and never by the one who changed it."""

from __future__ import annotations

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.approval.editing import ROUNDS_MAX
from bot.incoming import Verb
from store import ledger
from store.model.entry import Kind
from store.model.run import Run, Status

pytestmark = pytest.mark.slow  # races and real databases

SMALL = "refund $40 on order 1043, arrived damaged"
HUGE = "refund $1,500.00 on order 1067, arrived damaged"


def amount(run: Run) -> int:
    return int(run.proposal.plan.steps[0].params["amount"]["minor"])


def fields(world: Any, run: Run) -> dict[str, str]:
    return {field.name: field.value for field in world.assent.reading.view(run.id).fields}


def test_a_changed_value_is_shown_anew_and_then_executed(world: Any) -> None:
    run = world.ask(SMALL)
    assert fields(world, run) == {"order": "1043", "amount": "$40.00", "reason": "damaged"}
    changed = world.edit(run, "agent", amount="$30", reason="late")
    assert changed.status is Status.WAITING
    assert changed.proposal.round == 2
    assert changed.proposal.digest != run.proposal.digest
    assert fields(world, run) == {"order": "1043", "amount": "$30.00", "reason": "late"}
    assert changed.note == (
        "Dana Okafor changed amount from $40.00 to $30.00 and reason from damaged to late."
    )
    assert "Dana Okafor changed" in world.lines(run)[-1]
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [3000]


def test_the_whole_form_may_come_back_and_only_what_differs_is_a_change(world: Any) -> None:
    run = world.ask(SMALL)
    same = fields(world, run)
    assert "Nothing in that differs" in world.press(Verb.EDIT, run, "agent", values=same).text
    changed = world.edit(run, "agent", **{**same, "amount": "$30"})
    assert [answer.slot for answer in changed.answers] == ["amount"]
    again = world.edit(run, "agent", **{**fields(world, run), "reason": "goodwill"})
    assert amount(again) == 3000
    assert again.proposal.round == 3


def test_the_same_amount_in_other_words_changes_nothing(world: Any) -> None:
    run = world.ask(SMALL)
    kept = world.edit(run, "agent", amount="40 dollars")
    assert kept.proposal == run.proposal
    assert "exactly what the card shows" in world.lines(run)[-1]


def test_approvals_of_the_earlier_plan_are_void(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    changed = world.edit(run, "agent", amount="$1,400.00")
    assert world.assent.reading.view(run.id).approvals == ()
    assert world.press(Verb.APPROVE, run, "finance2", digest=run.proposal.digest).is_refusal
    assert world.approve(changed, "finance", "finance2").status is Status.APPLIED


def test_who_changed_the_values_is_no_independent_approver(world: Any) -> None:
    run = world.ask(SMALL)
    changed = world.edit(run, "lead", amount="$30")
    assert changed.proposal.edited_by == ("Lee Park",)
    reply = world.press(Verb.APPROVE, run, "lead")
    assert reply.is_refusal
    assert "You changed" in reply.text
    assert world.approve(run, "lead2").status is Status.APPLIED
    assert world.refunds() == [3000]


def test_an_editor_stays_barred_through_later_changes_and_drift(world: Any) -> None:
    run = world.ask(SMALL)
    world.edit(run, "lead", amount="$30")
    world.edit(run, "agent", reason="late")
    assert world.press(Verb.APPROVE, run, "lead").is_refusal
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE tickets SET status = 'pending' WHERE id = 'T-882'")
    drifted = world.approve(run, "lead2")
    assert drifted.status is Status.WAITING
    assert drifted.proposal.edited_by == ("Lee Park", "Dana Okafor")
    assert world.press(Verb.APPROVE, run, "lead").is_refusal
    assert world.approve(run, "lead2").status is Status.APPLIED


def test_a_larger_amount_needs_who_a_larger_amount_needs(world: Any) -> None:
    run = world.ask(SMALL)
    world.edit(run, "lead", amount="$120")
    assert "a finance lead" in world.press(Verb.APPROVE, run, "lead2").text
    assert world.approve(run, "finance").status is Status.APPLIED
    assert world.refunds() == [12000]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"amount": "$400"}, "more than that"),
        ({"amount": "-5"}, "cannot be negative"),
        ({"amount": "a few"}, "could not take “a few”"),
        ({"amount": "40 EUR"}, "do not convert"),
        ({"amount": "9" * 400}, "larger than any"),
        ({"amount": "$\u202e04"}, "reordered|direction|written"),
        ({"order": "999999"}, "no order 999999"),
        ({"reason": "'; DROP TABLE runs;--"}, "could not take"),
        ({"reason": "damaged or late"}, "more than one"),
    ],
)
def test_a_value_that_is_not_understood_changes_nothing(
    world: Any, values: dict[str, str], why: str
) -> None:
    run = world.ask(SMALL)
    kept = world.edit(run, "lead", **values)
    assert kept.status is Status.WAITING
    assert kept.proposal == run.proposal
    assert kept.answers == ()
    line = world.lines(run)[-1]
    assert "was not made" in line
    assert any(part in line for part in why.split("|")), line
    assert world.kinds(run)[-1] is Kind.REFUSAL
    assert world.approve(run, "lead").status is Status.APPLIED


def test_what_hinders_a_change_is_said_and_asks_nothing(world: Any) -> None:
    run = world.ask(SMALL)
    world.edit(run, "lead", amount="$9,999.00")
    assert world.lines(run)[-1].endswith(
        "left to refund. $9,999.00 is more than that. It stands as it was."
    )


@pytest.mark.parametrize(
    ("values", "skip", "why"),
    [
        ({"amount": "x" * 4_001}, (), "at most 4,000"),
        ({"amount": ""}, (), "is empty"),
        ({"amount": " \n"}, (), "is empty"),
        ({"requester": "lead"}, (), "nothing that can be changed"),
        ({"<!channel>" * 99: "$30"}, (), "nothing that can be changed"),
        ({}, ("refund",), "no step that may be left out"),
        ({}, ("note", "refund"), "no step that may be left out"),
        ({}, ("\x00" * 999,), "no step that may be left out"),
        ({}, (), "Nothing in that differs"),
    ],
)
def test_a_forged_form_is_refused_at_once(
    world: Any, values: dict[str, str], skip: tuple[str, ...], why: str
) -> None:
    run = world.ask(SMALL)
    reply = world.press(Verb.EDIT, run, "lead", values=values, skip=skip)
    assert reply.is_refusal
    assert why in reply.text
    assert len(reply.text) < 300
    assert world.run(run.id) == run


@pytest.mark.parametrize("user", ["agent2", "finance", "outsider"])
def test_a_stranger_changes_nothing(world: Any, user: str) -> None:
    run = world.ask(SMALL)
    assert world.press(Verb.EDIT, run, user, values={"amount": "$1"}).is_refusal
    assert world.run(run.id) == run


def test_a_change_of_an_earlier_card_or_of_what_is_done_is_refused(world: Any) -> None:
    run = world.ask(SMALL)
    values = {"amount": "$30"}
    assert world.press(Verb.EDIT, run, "agent", values=values, digest="f" * 64).is_refusal
    world.approve(run, "lead")
    assert world.press(Verb.EDIT, run, "agent", values=values).is_refusal
    assert world.refunds() == [4000]


def test_nobody_approves_while_a_change_is_worked_out(world: Any) -> None:
    run = world.ask(SMALL)
    assert not world.press(Verb.EDIT, run, "lead", values={"amount": "$30"}).is_refusal
    assert world.run(run.id).status is Status.RECEIVED
    for verb in (Verb.APPROVE, Verb.REJECT, Verb.EDIT, Verb.WITHDRAW, Verb.ASK):
        reply = world.press(verb, run, "lead2", text="x", values={"amount": "$1"})
        assert "Lee Park is changing" in reply.text, verb
    world.plan()
    assert amount(world.run(run.id)) == 3000


def test_the_requester_cancels_while_a_change_is_worked_out(world: Any) -> None:
    run = world.ask(SMALL)
    world.press(Verb.EDIT, run, "lead", values={"amount": "$30"})
    world.press(Verb.CANCEL, run, "agent")
    world.plan()
    assert world.run(run.id).status is Status.CANCELLED


def test_a_system_that_is_away_leaves_the_plan_and_its_approvals(world: Any) -> None:
    run = world.ask(HUGE)
    world.approve_only(run, "finance")
    Path(world.desk).rename(f"{world.desk}.away")
    kept = world.edit(run, "agent", amount="$1,400")
    assert kept.proposal == run.proposal
    assert "was not made" in world.lines(run)[-1]
    Path(f"{world.desk}.away").rename(world.desk)
    assert world.approve(run, "finance2").status is Status.APPLIED


def test_a_change_that_policy_denies_leaves_the_plan(world: Any) -> None:
    again = world.ask("refund $5 on order 1063, damaged")
    world.directory.roles["agent"] = ("Dana Okafor", ())
    kept = world.edit(again, "lead", amount="$4")
    assert kept.proposal == again.proposal
    assert "was not made: With it, " in world.lines(again)[-1]


def test_a_change_into_what_waits_already_points_there(world: Any) -> None:
    first = world.ask(SMALL)
    second = world.ask("refund $41 on order 1043, damaged")
    kept = world.edit(second, "agent", amount="$40")
    assert kept.proposal == second.proposal
    assert f"{first.id} is exactly that" in world.lines(second)[-1]


def test_a_run_is_changed_only_so_often(world: Any) -> None:
    run = world.ask(SMALL)
    for number in range(1, ROUNDS_MAX):
        world.edit(run, "agent", amount=f"${number}")
    assert world.run(run.id).proposal.round == ROUNDS_MAX
    reply = world.press(Verb.EDIT, run, "agent", values={"amount": "$33"})
    assert "too often" in reply.text


def test_a_change_is_recorded_with_both_digests_and_who(world: Any) -> None:
    run = world.ask(SMALL)
    changed = world.edit(run, "lead", amount="$30")
    with world.assent.db.read() as cx:
        asked, shown = (e for e in ledger.show(cx, run.id) if e.kind is Kind.EDIT)
    assert asked.data["slots"] == ["amount"]
    assert asked.data["from"] == run.proposal.digest
    assert shown.data["from"] == run.proposal.digest
    assert shown.data["to"] == changed.proposal.digest
    assert "$30" not in str(asked.data)


def test_the_time_to_decide_begins_anew(world: Any) -> None:
    run = world.ask(SMALL)
    world.clock.offset = timedelta(minutes=200)
    changed = world.edit(run, "agent", amount="$30")
    assert changed.proposal.expires_at > run.proposal.expires_at
    world.clock.offset = timedelta(minutes=250)
    world.assent.sweep()
    assert world.run(run.id).status is Status.WAITING


class TestSkipping:
    def test_a_step_is_left_out_and_the_skipper_may_approve(self, world: Any) -> None:
        run = world.ask(SMALL)
        offered = world.assent.reading.view(run.id).skippable
        assert [step for step, _ in offered] == ["note", "close"]
        changed = world.edit(run, "lead", skip=("close",))
        assert [step.id for step in changed.proposal.plan.steps] == ["refund", "note"]
        assert changed.proposal.skipped == ("close",)
        assert changed.proposal.editors == ()
        assert changed.note == "Lee Park left out close."
        run = world.approve(run, "lead")
        assert run.status is Status.APPLIED
        assert world.desk_rows("SELECT status FROM tickets WHERE id = 'T-882'") != [("solved",)]

    def test_a_step_is_taken_in_again(self, world: Any) -> None:
        run = world.ask(SMALL)
        world.edit(run, "lead", skip=("close", "note"))
        changed = world.edit(run, "lead2", skip=("note",))
        assert [step.id for step in changed.proposal.plan.steps] == ["refund", "close"]
        assert changed.note == "Mira Sol took close in again."

    def test_leaving_out_with_a_new_value_bars_the_editor(self, world: Any) -> None:
        run = world.ask(SMALL)
        world.edit(run, "lead", skip=("note",), amount="$30")
        assert world.press(Verb.APPROVE, run, "lead").is_refusal
        assert world.approve(run, "lead2").status is Status.APPLIED

    def test_what_was_left_out_stays_out_when_the_plan_drifts(self, world: Any) -> None:
        run = world.ask(SMALL)
        world.edit(run, "lead", skip=("note",))
        with sqlite3.connect(world.desk) as desk:
            desk.execute("UPDATE tickets SET status = 'pending' WHERE id = 'T-882'")
        drifted = world.approve(run, "lead")
        assert drifted.status is Status.WAITING
        assert drifted.proposal.skipped == ("note",)
        assert world.approve(run, "lead").status is Status.APPLIED


def race(world: Any, run: Run) -> list[bool]:
    """An approval and a change of the same card at once; which of the two were refused."""
    barrier, refused = threading.Barrier(2), {}

    def press(verb: Verb, user: str) -> None:
        barrier.wait()
        reply = world.press(verb, run, user, values={"amount": "$30"}, digest=run.proposal.digest)
        refused[verb] = reply.is_refusal

    threads = [
        threading.Thread(target=press, args=args)
        for args in ((Verb.APPROVE, "lead"), (Verb.EDIT, "agent"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [refused[Verb.APPROVE], refused[Verb.EDIT]]


def check_race(world: Any) -> None:
    run = world.ask(SMALL)
    approve_refused, edit_refused = race(world, run)
    assert approve_refused != edit_refused
    world.plan()
    after = world.settled(run)
    if edit_refused:
        assert after.status is Status.APPLIED
        assert world.refunds() == [4000]
    else:
        assert after.status is Status.WAITING
        assert amount(after) == 3000
        assert world.refunds() == []


@pytest.mark.parametrize("attempt", range(4))
def test_of_an_approval_and_a_change_at_once_one_wins(world: Any, attempt: int) -> None:
    check_race(world)


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(3))
def test_of_an_approval_and_a_change_at_once_one_wins_on_postgresql(
    make_world: Any, postgresql_url: str, attempt: int
) -> None:
    check_race(make_world(ASSENT_DATABASE_URL=postgresql_url))


def test_nobody_else_changes_a_plan_into_one_that_runs_by_itself(trusted: Any) -> None:
    run = trusted.ask("refund $120 on order 1043, arrived damaged")
    kept = trusted.edit(run, "finance", amount="$40")
    assert kept.proposal == run.proposal
    assert "without anybody's approval" in trusted.lines(run)[-1]
    assert trusted.refunds() == []


def test_the_requester_may_change_it_so_as_if_asked_anew(trusted: Any) -> None:
    run = trusted.ask("refund $120 on order 1043, arrived damaged")
    trusted.edit(run, "agent", amount="$40")
    assert trusted.settled(run).status is Status.APPLIED
    assert trusted.refunds() == [4000]


def test_another_order_is_read_and_shown_anew(world: Any) -> None:
    run = world.ask(SMALL)
    changed = world.edit(run, "agent", order="1063", amount="$5")
    assert (
        changed.proposal.plan.steps[0].params["payment"]
        != (run.proposal.plan.steps[0].params["payment"])
    )
    assert changed.proposal.seen[0].resource != run.proposal.seen[0].resource

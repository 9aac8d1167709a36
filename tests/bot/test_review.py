"""What must hold when calls, people and processes meet in an unlucky order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot import retry
from bot.calls import Calls
from bot.flow import ANSWERS_MAX
from bot.incoming import Verb
from bot.intake import Intake
from bot.ports import DirectoryUnavailableError
from bot.pressure import Pressure
from bot.surfaces.slack_directory import SlackDirectory
from bot.surfaces.thread_directory import ThreadDirectory
from connectors.desk import faults, outside
from policies.roles import RoleBook
from store import runs
from store.errors import StoreBusyError
from store.model.entry import Kind
from store.model.person import Account
from store.model.run import Status

SMALL = "refund $40 on order 1043, arrived damaged"
REFUND = "payments.refund"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call of a step is all patience there is."""
    monkeypatch.setattr(retry, "ATTEMPTS_MAX", 1)


def lost(world: Any, run: Any) -> Any:
    """The run after a refund whose answer was lost and whose system cannot be asked."""
    faults.set_fault(world.desk, "time_out_after_write", operation=REFUND)
    faults.set_fault(world.desk, "unavailable", operation=REFUND, call="lookup", count=50)
    world.approve_only(run, "lead")
    run = world.settled(run)
    assert run.status is Status.UNKNOWN
    return run


@pytest.mark.usefixtures("impatient")
def test_asking_again_while_the_system_is_away_leaves_the_outcome_unknown(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_after_write", operation=REFUND)
    world.approve_only(run, "lead")
    run = world.settled(run)
    faults.set_fault(world.desk, "unavailable", operation=REFUND, call="lookup", count=50)
    assert not world.press(Verb.ASK_AGAIN, run, "lead").is_refusal
    run = world.settled(run)
    assert world.refunds() == [4_000]
    assert run.status is Status.UNKNOWN
    faults.clear_faults(world.desk)
    world.press(Verb.ASK_AGAIN, run, "lead")
    assert world.settled(run).status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_write_that_lands_after_it_was_looked_up_is_ours(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_after_write", operation=REFUND)
    truth, lookups = Calls.lookup, []

    def early(self: Calls, operation: Any, params: Any, key: str) -> Any:
        """The first lookup is answered before the write that was sent has landed."""
        lookups.append(key)
        return None if len(lookups) == 1 else truth(self, operation, params, key)

    monkeypatch.setattr(Calls, "lookup", early)
    run = world.approve(run, "lead")
    assert run.status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_what_was_put_right_by_hand_is_not_executed_again(world: Any) -> None:
    run = world.ask(SMALL)

    def broken(*_: Any) -> Any:
        raise RuntimeError("a defect")

    world.assent.executor.perform = broken
    world.approve_only(run, "lead")
    world.until(run, lambda _: world.assent.engine.abandoned(f"{run.id}:"))
    world.assent.executor.give_up(world.run(run.id), "Execution ended without an outcome.")
    del world.assent.executor.perform
    assert world.run(run.id).status is Status.STUCK
    assert not world.press(Verb.HAPPENED, run, "lead").is_refusal
    run = world.settled(run)
    assert run.status is Status.FAILED
    assert "by hand" in run.note
    assert world.refunds() == []


def test_a_busy_store_delays_an_execution_and_does_not_end_it(world: Any) -> None:
    run = world.ask(SMALL)
    perform, calls = world.assent.executor.perform, []

    def busy_once(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise StoreBusyError("another process holds the write lock")
        return perform(*given)

    world.assent.executor.perform = busy_once
    assert world.approve(run, "lead").status is Status.APPLIED
    assert world.refunds() == [4_000]


def test_a_cancellation_holds_when_the_records_changed_too(world: Any) -> None:
    run = world.ask(SMALL)
    outside.refund_payment(world.desk, "pay_7731", 5_000)
    faults.set_fault(world.desk, "slow", operation=REFUND, call="read", seconds=0.5)
    world.approve_only(run, "lead")
    assert not world.press(Verb.CANCEL, run, "agent").is_refusal
    assert world.settled(run).status is Status.CANCELLED
    assert world.refunds() == [5_000]


def test_a_cancellation_before_the_intent_stops_the_call(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "slow", operation=REFUND, call="read", nth=2, seconds=0.7)
    world.approve_only(run, "lead")
    world.until(run, lambda _: not faults.list_faults(world.desk))
    assert not world.press(Verb.CANCEL, run, "agent").is_refusal
    assert world.settled(run).status is Status.CANCELLED
    assert Kind.INTENT not in world.kinds(run)
    assert world.refunds() == []


@pytest.mark.usefixtures("impatient")
def test_under_another_policy_nothing_more_is_written(world: Any) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_before_write", operation="orders.add_note")
    world.approve_only(run, "lead")
    run = world.settled(run)
    assert run.status is Status.UNKNOWN
    bundle = world.assent.catalogue().bundle
    world.assent.catalogue().bundle = replace(bundle, digest="0" * 64)
    assert not world.press(Verb.DID_NOT, run, "lead").is_refusal
    run = world.settled(run)
    assert run.status is Status.COMPENSATED
    assert "policy changed" in run.note
    assert world.refunds() == []


def test_a_workflow_that_left_the_bundle_is_not_executed(world: Any) -> None:
    run = world.ask(SMALL)
    world.assent.catalogue().workflows = {}
    run = world.approve(run, "lead")
    assert run.status is Status.DENIED
    assert "no workflow refund" in run.note
    assert world.refunds() == []


def test_questions_have_an_end(world: Any) -> None:
    run = world.ask("refund order 1043")
    for _ in range(ANSWERS_MAX + 1):
        assert world.run(run.id).status is Status.ASKING
        world.say("hm", thread=run.request.place.thread)
    assert world.run(run.id).status is Status.CANCELLED


def test_what_ran_by_itself_can_be_resolved_by_a_colleague(trusted: Any, impatient: None) -> None:
    faults.set_fault(trusted.desk, "time_out_after_write", operation=REFUND)
    run = trusted.settled(trusted.ask(SMALL))
    assert run.status is Status.UNKNOWN
    home = trusted.assent.reading.home(trusted.account("lead"))
    assert [view.run.id for view in home.waiting_for_me] == [run.id]
    assert trusted.press(Verb.HAPPENED, run, "agent").is_refusal
    assert trusted.press(Verb.HAPPENED, run, "outsider").is_refusal
    assert not trusted.press(Verb.HAPPENED, run, "lead").is_refusal
    assert trusted.settled(run).status is Status.APPLIED


def test_a_decision_about_an_earlier_plan_does_not_count(world: Any, impatient: None) -> None:
    run = world.ask(SMALL)
    faults.set_fault(world.desk, "time_out_after_write", operation=REFUND)
    world.approve_only(run, "lead")
    run = world.settled(run)
    assert world.press(Verb.DID_NOT, run, "lead", digest="0" * 64).is_refusal
    assert world.run(run.id).status is Status.UNKNOWN


def test_an_execution_that_the_engine_does_not_know_is_abandoned(world: Any) -> None:
    assert world.assent.engine.abandoned("R-999999:")


def test_what_can_no_longer_be_taken_back_is_shown_again_before_it_is_done(world: Any) -> None:
    run = world.ask(SMALL)
    assert run.proposal.seen[0].is_reversible
    outside.pay_out(world.desk, "1043")
    run = world.approve(run, "lead")
    assert run.status is Status.WAITING
    assert not run.proposal.seen[0].is_reversible
    assert "taken back" in run.note
    assert world.refunds() == []


async def test_a_run_that_another_process_plans_costs_no_writes(world: Any) -> None:
    world.plan = lambda: None
    world.say(SMALL)
    with world.assent.db.begin() as tx:
        assert runs.claim(tx, Status.RECEIVED, world.clock(), 60, "another", 1)
    intake = Intake(world.assent.db, lambda _: None, Pressure(), "this", world.clock)
    loop, commits = asyncio.get_running_loop(), []

    def committed() -> None:
        commits.append(1)
        loop.call_soon_threadsafe(intake.notice)

    world.assent.db.on_commit = committed
    task = asyncio.create_task(intake.run())
    await asyncio.sleep(0.3)
    task.cancel()
    assert len(commits) <= 1


class Answering:
    """As much of Slack's client as the directory of people asks."""

    async def users_info(self, user: str) -> Any:
        return SimpleNamespace(data={"user": {"id": user, "team_id": "T1", "real_name": user}})

    async def usergroups_list(self, include_users: bool) -> Any:
        return SimpleNamespace(data={"usergroups": []})

    async def auth_test(self) -> Any:
        return SimpleNamespace(data={"team_id": "T1", "user_id": "B1"})


class Closed(Answering):
    """The client of a surface that has stopped."""

    async def users_info(self, user: str) -> Any:
        raise RuntimeError("Session is closed")


async def bound(client: Any) -> ThreadDirectory:
    directory = SlackDirectory(client, lambda: RoleBook({}), lambda account: f"P-{account.user}")
    await directory.connect()
    threads = ThreadDirectory(directory, "slack", "Slack")
    threads.bind(asyncio.get_running_loop())
    return threads


async def test_many_threads_that_ask_who_somebody_is_do_not_wait_for_each_other() -> None:
    threads = await bound(Answering())
    accounts = [
        Account(surface="slack", team="T1", user=f"U{n}", display_name="") for n in range(99)
    ]
    asked = (asyncio.to_thread(threads.person, account) for account in accounts)
    async with asyncio.timeout(4):
        assert len(await asyncio.gather(*asked)) == 99


async def test_a_directory_that_has_stopped_is_away_and_breaks_nothing() -> None:
    threads = await bound(Closed())
    account = Account(surface="slack", team="T1", user="U1", display_name="")
    with pytest.raises(DirectoryUnavailableError):
        await asyncio.to_thread(threads.person, account)

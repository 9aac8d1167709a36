"""The ladder through the whole flow: L1 cannot write, L2 asks, what was earned and nothing else
runs by itself, and what goes wrong is asked about again."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DatabaseError

from bot.autonomy.ladder import NotPromotedError
from bot.autonomy.laddering import show
from bot.autonomy.levels import Levels
from bot.autonomy.past import gather
from bot.autonomy.shadow import compare
from bot.bundle.loading import connected
from bot.cards.digest import digest_card
from bot.cards.text import render
from bot.catalogue import Catalogue, ReadOnlyError, fact_types, finder_types
from bot.cli import cli
from bot.errors import CommandError
from bot.incoming import Verb
from bot.settings import BUNDLE_SHIPPED
from connectors.desk import faults, outside
from connectors.errors import Rejected
from policies.bundle import load
from policies.findings import BundleError
from store import autonomy, deliveries
from store.ledger.search import find
from store.model.decision import Effect
from store.model.entry import Kind
from store.model.run import Status

pytestmark = pytest.mark.slow  # a ladder is climbed run by run

SMALL = "refund $40 on order 1043, arrived damaged"
OTHER = "refund $10 on order 1063, goodwill"
EASY = "{approved_unchanged: 1, runs_looked_at: 1, days: 0}"


@pytest.fixture
def declared(tmp_path: Path, make_world: Callable[..., Any]) -> Callable[..., Any]:
    """A world whose refunds are declared otherwise, as an admin writes it into the bundle."""

    def make(level: str, more: str = f"promotion: {EASY}", cap: str = "L4") -> Any:
        bundle = tmp_path / "bundle"
        shutil.copytree(BUNDLE_SHIPPED, bundle)
        write(bundle, level, more, cap)
        return make_world(ASSENT_BUNDLE=str(bundle))

    return make


@pytest.fixture
def at_level(declared: Callable[..., Any]) -> Callable[..., Any]:
    """A world whose refunds have earned a level: each rung by a run that people found right."""

    def make(level: int, more: str = f"promotion: {EASY}") -> Any:
        world = declared(f"L{level}", f"{more}\nreviewers: [support-leads]")
        orders = iter((1063, 1066))
        for rung in range(3, level + 1):
            run = world.ask(f"refund $10 on order {next(orders)}, goodwill")
            if run.status is Status.WAITING:
                world.approve(run, "lead")
            else:
                review(world, world.settled(run), "lead")
            promote(world, rung)
        return world

    return make


def write(bundle: Path, level: str, more: str = "", cap: str = "L4") -> None:
    workflow, settings = bundle / "workflows" / "refund.yml", bundle / "bundle.yml"
    shipped = (BUNDLE_SHIPPED / "workflows" / "refund.yml").read_text()
    assert "autonomy: L2" in shipped
    workflow.write_text(shipped.replace("autonomy: L2", f"autonomy: {level}\n{more}"))
    capped = (BUNDLE_SHIPPED / "bundle.yml").read_text()
    assert "sandbox: {autonomy: L3}" in capped
    settings.write_text(capped.replace("sandbox: {autonomy: L3}", f"sandbox: {{autonomy: {cap}}}"))


def promote(world: Any, to: int) -> None:
    world.assent.autonomy.promote("refund", to, "Kim", "it did well")


def review(world: Any, run: Any, user: str, *, is_right: bool = True, why: str = "") -> Any:
    return world.assent.reviewing.review(world.account(user), run.id, is_right, why)


def level(world: Any) -> int:
    return int(world.assent.autonomy.standing("refund").level)


def changes(world: Any) -> list[tuple[int, int]]:
    """What the ledger holds of levels, oldest first."""
    with world.assent.db.read() as cx:
        entries = find(cx, kind=Kind.AUTONOMY)
    return [(e.data["from"], e.data["to"]) for e in reversed(entries)]


def notices(world: Any) -> list[str]:
    """What the digest's channel hears beside the reports."""
    with world.assent.db.read() as cx:
        return [d.body["text"] for d in deliveries.for_run(cx, "") if d.kind == "notice"]


def said(world: Any, run: Any) -> list[str]:
    """The lines in a run's thread."""
    with world.assent.db.read() as cx:
        return [d.body["line"] for d in deliveries.for_run(cx, run.id) if "line" in d.body]


def hold(world: Any) -> threading.Event:
    """Executions wait before their first look until the event is set."""
    free, perform = threading.Event(), world.assent.executor.perform

    def held(*given: Any) -> Any:
        assert free.wait(20)
        return perform(*given)

    world.assent.executor.perform = held
    return free


# L1


def test_at_l1_nothing_is_ever_written(declared: Callable[..., Any]) -> None:
    world = declared("L1")
    run = world.ask(SMALL)
    assert run.status is Status.DENIED
    assert "L1" in run.note
    assert world.press(Verb.APPROVE, run, "finance").is_refusal
    assert world.refunds() == []


def test_l1_has_no_session_that_writes(declared: Callable[..., Any]) -> None:
    catalogue = declared("L1").assent.catalogue()
    with (
        pytest.raises(ReadOnlyError, match="L1"),
        catalogue.session("refund", "payments.refund", is_write=True),
    ):
        pass


def test_a_cap_of_l1_takes_the_sessions_that_write_as_well(declared: Callable[..., Any]) -> None:
    catalogue = declared("L2").assent.catalogue()
    settings = catalogue.bundle.settings
    capped = settings.environments["sandbox"].model_copy(update={"autonomy": "L1"})
    environments = {**settings.environments, "sandbox": capped}
    bundle = replace(
        catalogue.bundle,
        settings=settings.model_copy(update={"environments": environments}),
        workflows={
            name: w.model_copy(update={"autonomy": "L4"})
            for name, w in catalogue.bundle.workflows.items()
        },
    )
    strict = Catalogue(bundle, "sandbox", {})
    with (
        pytest.raises(ReadOnlyError),
        strict.session("refund", "payments.refund", is_write=True),
    ):
        pass


def without_reader(world: Any) -> Catalogue:
    """The same bundle with accounts that can write, and no other."""
    bundle = world.assent.catalogue().bundle
    connections = {n: c for n, c in bundle.settings.connections.items() if n != "desk-reader"}
    settings = bundle.settings.model_copy(update={"connections": connections})
    return connected(world.assent.settings, replace(bundle, settings=settings))


@pytest.mark.parametrize("declared_level", ["L1", "L2"])
def test_the_desk_itself_refuses_a_write_in_a_session_for_reading(
    declared: Callable[..., Any], declared_level: str
) -> None:
    """Although the account behind it may write, and although the code around it is gone."""
    catalogue = without_reader(declared(declared_level))
    refund = catalogue.operation("payments.refund")
    params = refund.params.model_validate(
        {"payment": "pay_7731", "amount": {"minor": 1, "currency": "USD"}, "reason": "late"}
    )
    with catalogue.session("refund", "payments.refund", is_write=False) as session:
        assert session.account != "desk-reader"
        assert not [scope for scope in session.scopes if scope.endswith(":write")]
        before = refund.read(session, params)
        with pytest.raises(Rejected, match="lacks payments:write"):
            refund.execute(session, params, before, "a-key")
        statement = "UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'"
        with pytest.raises(DatabaseError) as refused:
            session.connection.exec_driver_sql(statement)
        session.connection.rollback()
        raw = session.connection.connection.driver_connection
        raw.set_authorizer(None)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute(statement)
    assert any(word in str(refused.value.orig) for word in ("prohibited", "not authorized"))


def test_an_l2_session_for_writing_is_the_counterpart(declared: Callable[..., Any]) -> None:
    catalogue = declared("L2").assent.catalogue()
    with catalogue.session("refund", "payments.refund", is_write=True) as session:
        assert "payments:write" in session.scopes


# What was declared is not yet earned


def test_a_file_that_raises_its_own_level_changes_nothing(declared: Callable[..., Any]) -> None:
    world = declared("L3")
    assert level(world) == 2
    assert world.ask(SMALL).status is Status.WAITING
    assert world.refunds() == []


def test_the_ceilings_hold_over_what_was_earned(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    bundle = world.assent.settings.bundle
    for declared_level, cap in (("L2", "L4"), ("L2", "L2"), ("L1", "L4")):
        write(bundle, declared_level, cap=cap)
        catalogue = catalogue_now(world)
        world.assent.in_force._present = catalogue  # as a process that has not recorded it yet
        assert level(world) == int(min(declared_level, cap)[1:])
        assert world.ask(SMALL).status is not Status.RUNNING
        assert world.refunds() == []


def test_a_ceiling_of_l3_holds_over_an_earned_l4(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    write(world.assent.settings.bundle, "L3")
    levels = Levels(world.assent.db)
    assert levels.level(world.assent.catalogue(), "refund") == 4
    assert levels.level(catalogue_now(world), "refund") == 3


def test_a_ceiling_that_was_lowered_must_be_earned_again(at_level: Callable[..., Any]) -> None:
    """Lowering the file and raising it again is no way around a person."""
    world = at_level(3)
    for declared_level in ("L2", "L3"):
        write(world.assent.settings.bundle, declared_level, f"promotion: {EASY}")
        world.assent.in_force.put(catalogue_now(world))
    assert level(world) == 2
    assert changes(world) == [(2, 3), (3, 2)]
    assert world.ask(SMALL).status is Status.WAITING


def catalogue_now(world: Any) -> Catalogue:
    bundle = load(world.assent.settings.bundle, fact_types(), finder_types())
    return connected(world.assent.settings, bundle)


# L3


def test_at_l3_a_small_refund_runs_by_itself(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.APPLIED
    assert world.refunds() == [4_000]
    assert Kind.APPROVAL not in world.kinds(run)
    assert Kind.DECISION in world.kinds(run)


def test_at_l3_a_larger_refund_still_needs_people(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.ask("refund $120 on order 1043, arrived damaged")
    assert run.status is Status.WAITING
    assert world.approve(run, "finance").status is Status.APPLIED


def test_at_l4_what_cannot_be_taken_back_needs_a_person(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    assert world.ask("refund $10 on order 1068, arrived damaged").status is Status.WAITING


def test_what_can_no_longer_be_taken_back_is_asked_about(at_level: Callable[..., Any]) -> None:
    """The payout leaves between the decision and the execution."""
    world = at_level(3)
    free = hold(world)
    run = world.ask(SMALL)
    assert run.status is Status.RUNNING
    with sqlite3.connect(world.desk) as desk:
        desk.execute("UPDATE payments SET payout_on = '2000-01-01' WHERE id = 'pay_7731'")
    free.set()
    run = world.settled(run)
    assert run.status is Status.WAITING, run.note
    assert run.proposal.decision.effect is Effect.NEEDS_APPROVAL
    assert not run.proposal.seen[0].is_reversible
    assert world.refunds() == []


def test_a_demotion_reaches_what_was_decided_and_has_not_begun(
    at_level: Callable[..., Any],
) -> None:
    world = at_level(3)
    free = hold(world)
    run = world.ask(SMALL)
    assert run.status is Status.RUNNING
    world.assent.autonomy.demote("refund", 2, "Kim", "somebody complained")
    free.set()
    run = world.settled(run)
    assert run.status is Status.WAITING, run.note
    assert world.refunds() == []
    assert world.approve(run, "lead").status is Status.APPLIED


# Promotion and demotion by a person


def test_a_promotion_says_what_lacks(declared: Callable[..., Any]) -> None:
    world = declared("L3", "")
    with pytest.raises(NotPromotedError) as refused:
        promote(world, 3)
    text = str(refused.value)
    assert "0 of the last 0 judged runs" in text
    assert "20 of 25 are needed" in text
    assert "14 days are needed" in text
    assert changes(world) == []
    assert notices(world) == []
    assert level(world) == 2


@pytest.mark.parametrize(
    ("declared_level", "cap", "to", "why"),
    [
        ("L2", "L4", 3, "autonomy: L2"),
        ("L3", "L3", 4, "goes up one level"),
        ("L3", "L3", 2, "goes up one level"),
        ("L3", "L3", 99, "goes up one level"),
        ("L4", "L4", 4, "goes up one level"),
    ],
)
def test_a_promotion_goes_up_one_level_and_not_above_a_ceiling(
    declared: Callable[..., Any], declared_level: str, cap: str, to: int, why: str
) -> None:
    world = declared(declared_level, f"promotion: {EASY}\nreviewers: [support-leads]", cap)
    world.approve(world.ask(OTHER), "lead")
    with pytest.raises(NotPromotedError, match=why):
        promote(world, to)
    assert level(world) == 2


def test_a_promotion_is_recorded_and_said_where_all_read_it(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    assert changes(world) == [(2, 3)]
    assert notices(world) == [
        "refund is at L3 now: what no rule asks people for runs by itself. Kim: it did well"
    ]
    [earned] = world.assent.autonomy.standing("refund").history
    assert (earned.actor, earned.because, earned.level) == ("Kim", "it did well", 3)
    with world.assent.db.read() as cx:
        [entry] = find(cx, kind=Kind.AUTONOMY)
    assert entry.sensitive == {"name": "Kim", "because": "it did well"}
    assert "Kim" not in str(entry.data)


def test_each_rung_needs_a_record_of_its_own(at_level: Callable[..., Any]) -> None:
    world = at_level(3, f"promotion: {EASY}")
    write(world.assent.settings.bundle, "L4", f"promotion: {EASY}\nreviewers: [support-leads]")
    world.assent.in_force.put(catalogue_now(world))
    with pytest.raises(NotPromotedError, match="0 of the last 0"):
        promote(world, 4)


def test_l4_needs_somebody_who_reviews(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    write(world.assent.settings.bundle, "L3", f"promotion: {EASY}")
    catalogue = catalogue_now(world)
    refund = catalogue.bundle.workflows["refund"].model_copy(update={"autonomy": "L4"})
    catalogue.bundle.workflows["refund"] = refund  # type: ignore[index] - a plain dict
    world.assent.in_force._present = catalogue
    with pytest.raises(NotPromotedError, match="names no reviewers"):
        promote(world, 4)


@pytest.mark.parametrize(("name", "because"), [("", "x"), ("Kim", " "), ("assent", "x")])
def test_nobody_is_promoted_by_nobody_or_for_nothing(
    declared: Callable[..., Any], name: str, because: str
) -> None:
    world = declared("L3")
    with pytest.raises(CommandError, match="say"):
        world.assent.autonomy.promote("refund", 3, name, because)


@pytest.mark.parametrize("to", [0, 1, 3, 4])
def test_a_demotion_goes_down_and_ends_at_l2(at_level: Callable[..., Any], to: int) -> None:
    world = at_level(3)
    with pytest.raises(CommandError, match="L1 is written into its file"):
        world.assent.autonomy.demote("refund", to, "Kim", "it did badly")
    assert level(world) == 3


def test_another_workflow_and_another_environment_earn_their_own(
    at_level: Callable[..., Any],
) -> None:
    world = at_level(3)
    with world.assent.db.read() as cx:
        assert autonomy.present(cx, "refund", "production") is None
        assert autonomy.present(cx, "cancel-order", "sandbox") is None


# Demotion by the record


def test_a_run_by_itself_that_is_taken_back_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.COMPENSATED
    assert level(world) == 2
    assert changes(world) == [(2, 3), (3, 2)]
    assert run.id in notices(world)[-1]
    assert "ended compensated" in notices(world)[-1]
    assert Kind.AUTONOMY in world.kinds(run)
    assert world.ask("refund $10 on order 1066, late").status is Status.WAITING


def test_a_run_by_itself_whose_outcome_is_unknown_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    world.assent.executor._again = lambda *_given: None  # patience is not what is tried here
    faults.set_fault(world.desk, "time_out_after_write", operation="payments.refund")
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.UNKNOWN
    assert level(world) == 2


def test_a_run_by_itself_that_gets_stuck_demotes(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="tickets.update", call="execute")
    faults.set_fault(world.desk, "refuse", operation="payments.refund", call="compensate")
    assert world.settled(world.ask(SMALL)).status is Status.STUCK
    assert level(world) == 2


def test_what_people_approved_does_not_demote_when_it_fails(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    run = world.approve(world.ask("refund $120 on order 1043, arrived damaged"), "finance")
    assert run.status is Status.COMPENSATED
    assert level(world) == 3


def test_a_threshold_lets_one_pass(at_level: Callable[..., Any]) -> None:
    more = f"promotion: {EASY[:-1]}, demoted_at_undone: 2}}"
    world = at_level(3, more)
    for order, holds in ((1043, 3), (1066, 2)):
        faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
        run = world.settled(world.ask(f"refund $10 on order {order}, late"))
        assert run.status is Status.COMPENSATED
        assert level(world) == holds


def test_the_record_before_a_demotion_does_not_demote_again(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    faults.set_fault(world.desk, "refuse", operation="orders.add_note", call="execute")
    world.settled(world.ask(SMALL))
    assert level(world) == 2
    world.approve(world.ask("refund $10 on order 1066, late"), "lead")
    promote(world, 3)
    run = world.settled(world.ask("refund $20 on order 1063, late"))
    assert (run.status, level(world)) == (Status.APPLIED, 3)
    review(world, run, "lead")  # looks at the record once more
    assert level(world) == 3


# L4


def test_at_l4_a_run_by_itself_awaits_its_review(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert run.status is Status.APPLIED
    assert any("for a support lead to look at now" in line for line in said(world, run))
    assert awaited(world, "lead") == [run.id]
    assert awaited(world, "finance") == []
    assert not review(world, run, "lead").is_refusal
    assert awaited(world, "lead") == []
    assert Kind.REVIEW in world.kinds(run)
    assert level(world) == 4


def test_at_l3_no_review_is_owed_and_one_may_be_given(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    run = world.settled(world.ask(SMALL))
    assert awaited(world, "lead") == []
    assert not [line for line in said(world, run) if "review" in line]
    assert not review(world, run, "lead").is_refusal


def test_what_ran_at_l3_owes_no_review_at_l4(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    world.assent.autonomy.demote("refund", 3, "Kim", "not so fast")
    run = world.settled(world.ask(SMALL))
    other = world.settled(world.ask("refund $10 on order 1063, late"))
    review(world, other, "lead")
    promote(world, 4)
    assert (run.status, awaited(world, "lead")) == (Status.APPLIED, [])


@pytest.mark.parametrize("rung", [3, 4])
def test_a_review_that_says_wrong_takes_the_level_back(
    at_level: Callable[..., Any], rung: int
) -> None:
    world = at_level(rung)
    run = world.settled(world.ask(SMALL))
    reply = review(world, run, "lead2", is_right=False, why="it was the wrong order")
    assert not reply.is_refusal
    assert level(world) == 2
    assert "reviewed as wrong" in notices(world)[-1]
    assert any("it was the wrong order" in line for line in said(world, run))


def awaited(world: Any, user: str) -> list[str]:
    return [v.run.id for v in world.assent.reading.home(world.account(user)).to_review]


@pytest.mark.parametrize(
    ("user", "is_right", "why", "refusal"),
    [
        ("agent", True, "", "You asked for this"),
        ("agent2", True, "", "reviewed by a support lead; you are in support"),
        ("outsider", True, "", "none of the roles"),
        ("lead", False, "  ", "needs a reason"),
        ("lead", False, "x" * 1_001, "at most 1,000 characters"),
    ],
)
def test_a_review_that_does_not_count(
    at_level: Callable[..., Any], user: str, is_right: bool, why: str, refusal: str
) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    reply = review(world, run, user, is_right=is_right, why=why)
    assert reply.is_refusal
    assert refusal in reply.text
    assert world.kinds(run)[-1] is Kind.REFUSAL
    assert level(world) == 4


def test_a_requester_with_the_role_cannot_review_the_own_run(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL, "lead"))
    assert run.status is Status.APPLIED
    assert "You asked for this" in review(world, run, "lead").text
    assert awaited(world, "lead") == []
    assert awaited(world, "lead2") == [run.id]


def test_a_review_needs_an_answer_about_who_it_is(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    world.directory.is_away = True
    assert review(world, run, "lead").is_refusal
    world.directory.is_away = False
    guest = world.account("lead", is_guest=True)
    assert world.assent.reviewing.review(guest, run.id, True, "").is_refusal
    assert awaited(world, "lead") == [run.id]


def test_the_first_review_counts(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert not review(world, run, "lead").is_refusal
    assert "already" in review(world, run, "lead2").text
    assert level(world) == 4


def test_who_is_faster_takes_nobodys_objection_away(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    run = world.settled(world.ask(SMALL))
    assert not review(world, run, "lead").is_refusal
    assert not review(world, run, "lead2", is_right=False, why="the wrong order").is_refusal
    assert level(world) == 2
    assert any("the wrong order" in line for line in said(world, run))
    assert "already" in review(world, run, "lead").text
    assert "already" in review(world, run, "lead", is_right=False, why="no").text


def test_only_what_ran_by_itself_and_wrote_is_reviewed(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    approved = world.approve(world.ask("refund $120 on order 1043, arrived damaged"), "finance")
    assert "did not run by itself" in review(world, approved, "lead").text
    free = hold(world)
    running = world.ask("refund $5 on order 1043, arrived damaged")
    assert "once it has settled" in review(world, running, "lead").text
    free.set()
    world.settled(running)
    assert world.assent.reviewing.review(world.account("lead"), "R-9", True, "").is_refusal


def test_what_nobody_reviews_takes_the_level_back(at_level: Callable[..., Any]) -> None:
    more = f"promotion: {EASY[:-1]}, review_days: 2, unreviewed_max: 0}}"
    world = at_level(4, more)
    world.settled(world.ask(SMALL))
    world.clock.offset += timedelta(days=1)
    world.assent.sweep()
    assert level(world) == 4
    world.clock.offset += timedelta(days=1, seconds=1)
    world.assent.sweep()
    assert level(world) == 2
    assert "waited for their review for more than 2 days" in notices(world)[-1]


def test_the_report_says_what_ran_by_itself(at_level: Callable[..., Any]) -> None:
    world = at_level(4)
    tomorrow = datetime.now(ZoneInfo("America/New_York")).replace(hour=12) + timedelta(days=1)
    world.clock.offset = tomorrow - datetime.now(UTC)
    for order in (1043, 1063):
        world.settled(world.ask(f"refund $20 on order {order}, late"))
    large = world.ask("refund $101 on order 1043, late")
    world.clock.offset += timedelta(minutes=30)
    world.approve(large, "finance")
    report = world.assent.digests.report(world.clock())
    assert (report.by_itself, report.to_review) == (2, 2)
    text = render(digest_card(report), ZoneInfo("UTC"))
    assert "Ran by itself: 2 requests, 2 await review" in text
    assert (report.median_waiting_seconds or 0) > 600


# Shadow


def shadows(world: Any) -> list[Effect | None]:
    """What was said beside each run, oldest first."""
    pasts = world.assent.autonomy.standing("refund").record.pasts
    return [past.first_shadow for past in reversed(pasts)]


def test_a_shadow_changes_nothing_but_what_is_known(declared: Callable[..., Any]) -> None:
    world = declared("L2", "shadow: true", cap="L2")
    small = world.ask(SMALL)
    large = world.ask("refund $101 on order 1043, arrived damaged")
    fixed = world.ask("refund $10 on order 1068, arrived damaged")
    assert {run.status for run in (small, large, fixed)} == {Status.WAITING}
    assert shadows(world) == [Effect.MAY_RUN, Effect.NEEDS_APPROVAL, Effect.NEEDS_APPROVAL]
    assert small.proposal.decision.effect is Effect.NEEDS_APPROVAL
    assert world.refunds() == []
    world.approve(small, "lead")
    world.press(Verb.REJECT, fixed, "lead", text="too late")
    compared = compare(world.assent.autonomy.standing("refund").record)
    assert (compared.count, compared.agreed) == (2, 2)


def test_a_shadow_is_off_unless_declared(declared: Callable[..., Any]) -> None:
    world = declared("L3", "")
    world.ask(SMALL)
    assert shadows(world) == [None]


def test_a_shadow_ends_where_the_level_is_earned(at_level: Callable[..., Any]) -> None:
    world = at_level(3, f"shadow: true\npromotion: {EASY}")
    world.settled(world.ask(SMALL))
    assert shadows(world) == [Effect.MAY_RUN, None]


def test_a_rejection_of_what_would_have_run_is_reported(declared: Callable[..., Any]) -> None:
    world = declared("L3", "shadow: true")
    run = world.ask(SMALL)
    world.press(Verb.REJECT, run, "lead", text="wrong amount")
    text = show(world.folder, "refund", is_shadow=True)
    assert "of 1 decision by people, L3 would have agreed with 0" in text
    assert f"- {run.id} rejected: wrong amount" in text


def test_what_people_change_is_in_the_record(declared: Callable[..., Any]) -> None:
    """Also what L3 would have said to the plan before they changed it."""
    world = declared("L3", "shadow: true")
    run = world.edit(world.ask(SMALL), "lead", amount="$101")
    assert run.proposal.shadow is Effect.NEEDS_APPROVAL
    skipped = world.edit(world.ask("refund $10 on order 1063, late"), "lead", skip=("note",))
    world.approve(skipped, "lead")
    drifted = world.ask("refund $10 on order 1066, late")
    outside.refund_payment(world.desk, "pay_7754", 1_000)
    assert world.approve(drifted, "lead").status is Status.WAITING
    record = world.assent.autonomy.standing("refund").record
    newest, middle, oldest = record.pasts
    assert (oldest.is_changed, oldest.drifts, oldest.first_shadow) == (True, 0, Effect.MAY_RUN)
    assert (middle.is_changed, middle.is_unchanged, middle.drifts) == (True, False, 0)
    assert (newest.is_changed, newest.drifts) == (False, 1)
    text = show(world.folder, "refund", is_shadow=True)
    assert f"{middle.run.id} left out: note" in text
    assert f"{run.id} changed by Lee Park" in text
    assert newest.run.id not in text  # nobody has decided about it yet
    text = show(world.folder, "refund")
    assert "changed by people 2 (1 × Lee Park), of them with steps left out 1" in text
    assert "shown again after a change 1" in text


def test_what_was_done_elsewhere_is_no_evidence_here(at_level: Callable[..., Any]) -> None:
    world = at_level(3)
    with world.assent.db.read() as cx:
        assert len(gather(cx, "refund", "sandbox", ()).pasts) == 1
        assert gather(cx, "refund", "production", ()).pasts == ()


# The terminal


@pytest.fixture
def assent(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command as people give it, over a world's state folder."""

    def run(world: Any, *words: str) -> Any:
        monkeypatch.setenv("ASSENT_BUNDLE", str(world.assent.settings.bundle))
        return CliRunner().invoke(cli, ["autonomy", *words, "--state", str(world.folder)])

    return run


def test_a_running_bot_obeys_what_is_said_in_the_terminal(
    declared: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = declared("L3")
    words = ("refund", "--to", "L3", "--as", "Kim", "--because", "it did well")
    refused = assent(world, "promote", *words)
    assert isinstance(refused.exception, NotPromotedError)
    world.approve(world.ask(OTHER), "lead")
    assert "Nothing lacks for L3" in assent(world, "refund").output
    assert "refund is at L3 in sandbox" in assent(world, "promote", *words).output
    assert world.settled(world.ask(SMALL)).status is Status.APPLIED
    down = ("refund", "--to", "L2", "--as", "Kim", "--because", "a complaint")
    assert "refund is at L2 in sandbox" in assent(world, "demote", *down).output
    assert world.ask("refund $10 on order 1066, late").status is Status.WAITING
    assert "Kim: a complaint" in assent(world).output


def test_autonomy_is_taken_away_while_the_bundles_folder_is_broken(
    at_level: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = at_level(3)
    (Path(world.assent.settings.bundle) / "policies" / "common.yml").write_text("policy: [")
    words = ("refund", "--as", "Kim", "--because", "something is wrong")
    assert isinstance(assent(world, "demote", *words, "--to", "L3").exception, BundleError)
    said = assent(world, "demote", *words, "--to", "L2").output
    assert "refund is at L2 in sandbox now. The bundle's folder cannot be loaded" in said
    assert world.ask(SMALL).status is Status.WAITING
    with world.assent.db.read() as cx:
        (entry,) = [e for e in find(cx, kind=Kind.AUTONOMY) if not e.data["bundle"]]
    assert entry.sensitive == {"name": "Kim", "because": "something is wrong"}
    again = assent(world, "demote", *words, "--to", "L2").exception
    assert "has earned nothing above L2" in str(again)


def test_all_workflows_are_shown_with_what_they_lack(
    world: Any, assent: Callable[..., Any]
) -> None:
    text = assent(world).output
    for name in ("refund", "cancel-order", "change-address"):
        assert f"{name} is at L2 in sandbox. Its file permits L2, sandbox L3" in text
    assert "0 of the last 0 judged runs" in text
    assert "Its file says autonomy: L2" in text
    assert "no decision of a person" in assent(world, "--shadow").output
    assert "has no workflow nonsense" in str(assent(world, "nonsense").exception)


def test_hostile_words_do_not_reach_the_terminal_as_they_are(
    at_level: Callable[..., Any], assent: Callable[..., Any]
) -> None:
    world = at_level(3)
    world.assent.autonomy.demote("refund", 2, "K\x1b[2Jim", "because\u202e")
    text = assent(world, "refund").output
    assert "\x1b" not in text
    assert "\u202e" not in text

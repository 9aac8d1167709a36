"""A case is the same story at every repetition, in a world of its own, told by the systems."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import BUNDLE_SHIPPED
from connectors.desk import payments_refund
from evals.cases.case import Earlier, World
from evals.cases.suite import load
from evals.graders.registry import grade
from evals.models.planners import RULES, planner
from evals.running.jobs import Assignment
from evals.stories.trace import Trace
from evals.work import Worker
from evals.worlds.desk import StoryError, change
from evals.worlds.world import world

SUITE = load(Path(__file__).parent / "suites" / "desk_small")
CASES = {case.case: case for case in SUITE.cases}
pytestmark = pytest.mark.slow  # a world takes a second or two to make


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made_by, answers = planner(RULES, "")
    assignment = Assignment(suite=SUITE.file, bundle=BUNDLE_SHIPPED, planner=RULES)
    with world(SUITE.file, BUNDLE_SHIPPED, made_by) as made:
        yield Worker(made, assignment, answers)


def played(worker: Worker, name: str, **changes: Any) -> Trace:
    case = CASES[name].model_copy(update=changes)
    return worker.carry_out(case, 0)


def test_every_case_is_the_same_at_each_repetition_and_in_any_order(worker: Worker) -> None:
    forward = {name: played(worker, name) for name in CASES}
    backward = {name: played(worker, name) for name in reversed(CASES)}
    assert {name: forward[name] for name in CASES} == {name: backward[name] for name in CASES}
    failed = {n: grade(CASES[n], t).grades for n, t in forward.items()}
    assert [n for n, grades in failed.items() if not all(g.passed for g in grades)] == [
        "changed-by-others"  # the requester pressed approve, and nothing said that it is refused
    ]


def test_a_case_cannot_see_what_another_one_wrote(worker: Worker) -> None:
    alone = played(worker, "refund-again")
    assert played(worker, "refund-applied").status == "applied"
    assert played(worker, "refund-again") == alone
    assert "$0.00" in alone.said[0]


def test_what_waits_is_waited_for_on_the_clock_of_the_story(worker: Worker) -> None:
    began = time.monotonic()
    trace = played(worker, "slow-and-limited")
    assert trace.status == "applied"
    assert trace.latency_milliseconds >= 80_000
    assert time.monotonic() - began < 20


def test_a_lost_answer_is_one_write_and_a_compensated_one_is_undone(worker: Worker) -> None:
    lost = played(worker, "written-and-lost")
    assert [wrote.operation for wrote in lost.writes].count("payments.refund") == 1
    assert not any(wrote.is_undone for wrote in lost.writes)
    back = played(worker, "taken-back")
    assert [(wrote.operation, wrote.is_undone) for wrote in back.writes] == [
        ("payments.refund", True)
    ]
    assert "undone refund" in back.order


def test_what_others_change_is_no_change_of_ours(worker: Worker) -> None:
    trace = played(worker, "changed-by-others")
    assert trace.changes == ()
    assert trace.wrongly_counted == ()
    assert [said.split(":")[0] for said in trace.wrongly_refused] == ["approve by agent"]


def test_changes_and_final_rows_are_the_desks_own(worker: Worker) -> None:
    trace = played(worker, "refund-applied")
    fields = {(change.table, change.field) for change in trace.changes if change.before is not None}
    assert {("payments", "refunded_minor"), ("tickets", "status")} <= fields
    assert {change.table for change in trace.changes} == {
        "payments",
        "refunds",
        "notes",
        "tickets",
    }
    assert trace.final["tickets/T-882"]["status"] == "solved"


def test_a_connector_that_writes_something_else_is_told_by_the_desk(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = payments_refund.apply

    def doubled(connection: Any, params: Any, live: Any, stamp: Any) -> None:
        amount = params.amount.model_copy(update={"minor": params.amount.minor * 2})
        wanted(connection, params.model_copy(update={"amount": amount}), live, stamp)

    transaction = payments_refund.OPERATION.execute.__self__  # type: ignore[attr-defined]
    object.__setattr__(transaction, "apply", doubled)
    try:
        trace = played(worker, "refund-applied")
    finally:
        object.__setattr__(transaction, "apply", wanted)
    assert trace.approved["refund"]["amount"] == {"minor": 4_000, "currency": "USD"}
    (refund,) = [wrote for wrote in trace.writes if wrote.operation == "payments.refund"]
    assert refund.values["amount"] == "80.00 USD"


def test_a_record_that_is_not_there_makes_the_case_unverifiable(worker: Worker) -> None:
    (records, *_) = CASES["changed-by-others"].then
    assert records.records is not None
    missing = records.records[0].model_copy(update={"id": "T-1"})
    act = records.model_copy(update={"records": (missing,)})
    trace = played(worker, "changed-by-others", then=(act,))
    assert trace.status is None
    assert "tickets T-1" in trace.unverifiable


def test_what_could_not_be_pressed_is_told_and_no_reason_to_give_up(worker: Worker) -> None:
    case = CASES["refund-applied"]
    earlier = Earlier(request="refund $5 on order 1043, late", approved_by=("outsider",))
    trace = played(worker, case.case, world=World(earlier=(earlier,)))
    assert trace.unverifiable == ""
    assert [said.split(":")[0] for said in trace.wrongly_refused] == ["approve by outsider"]
    trace = played(worker, "without-words", then=case.then)
    assert trace.status == "denied"
    assert [said.split(":")[0] for said in trace.wrongly_refused] == ["approve by lead"]


@pytest.mark.parametrize(
    ("table", "values"),
    [("accounts", {"scopes": "x"}), ("orders", {"id": "1"}), ("orders", {"x = 1; --": "1"})],
)
def test_only_columns_of_records_are_changed(
    worker: Worker, table: str, values: dict[str, str]
) -> None:
    (records, *_) = CASES["changed-by-others"].then
    assert records.records is not None
    one = records.records[0].model_copy(update={"table": table, "set": values})
    with pytest.raises(StoryError, match="no such record"):
        change(worker.world.desk, [one])

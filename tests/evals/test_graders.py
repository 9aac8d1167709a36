"""Every grader says no to what it is there for, and nothing where it was not asked."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.desk.connector import CONNECTOR
from evals.cases.case import Case
from evals.graders.edits import edit_distance
from evals.graders.registry import GRADERS, grade
from evals.graders.state import TOUCHED
from evals.keeping.results import Grade
from evals.stories.trace import RowChange, Trace, Wrote
from store.model.run import Status

REFUND = Wrote(
    operation="payments.refund",
    values={"payment": "pay_7731", "amount": {"minor": 4000, "currency": "USD"}},
    is_undone=False,
)
NOTE = Wrote(
    operation="orders.add_note",
    values={"order": "1043", "text": "Refund $40.00"},
    is_undone=False,
)
OF_SOMEBODY_ELSE = REFUND.model_copy(update={"is_by_assent": False})
UNDONE = REFUND.model_copy(update={"is_undone": True})
ORDER = (
    "request",
    "read orders.find",
    "plan",
    "decision needs approval",
    "approval approve",
    "intent refund",
    "written refund",
    "outcome applied",
)
WRITE: dict[str, dict[str, Any]] = {"payments.refund": {"amount": "40.00 USD"}}


def case(then: tuple[Any, ...] = (), **expect: Any) -> Case:
    asked = {"outcome": "applied", "writes": (WRITE,), **expect}
    return Case.model_validate(
        {
            "case": "one",
            "why": "w",
            "slices": ("refunds",),
            "request": "r",
            "then": then,
            "expect": asked,
        }
    )


def trace(**changes: Any) -> Trace:
    """A refund of $40.00 as it should be."""
    told: dict[str, Any] = {
        "case": "one",
        "epoch": 0,
        "status": Status.APPLIED,
        "workflow": "refund",
        "asked": ("amount",),
        "operations": ("payments.refund", "orders.add_note"),
        "slots": {"order": "1043", "amount": "$40.00"},
        "approvals": {"support-leads": 1, "different people": 2},
        "approved_by": ("lee", "ann"),
        "rules": ("small-refund", "support-refunds"),
        "said": ("Refund order 1043\n  Undo: yes", "DONE in 2 s"),
        "writes": (REFUND,),
        "final": {"payments/pay_7731": {"refunded_minor": 4000, "status": "partly refunded"}},
        "order": ORDER,
        "tool_calls": 9,
        "cost_micro_usd": 20_000,
        "latency_milliseconds": 2_500,
    }
    return Trace.model_validate({**told, **changes})


def of(name: str, one: Case, told: Trace) -> Grade | None:
    return next(each for each in GRADERS if each.__name__ == name)(one, told)


ASKED = {
    "workflow": "refund",
    "plan": ("payments.refund", "orders.add_note"),
    "values": {"amount": "40.00 USD", "order": 1043},
    "asks": ("amount",),
    "approvals": {"support-leads": 1, "people": 2},
    "approved_by": ("ann", "lee"),
    "rules": ("small-refund",),
    "never": ({"orders.cancel": {}}, {"payments.refund": {"amount": "400.00 USD"}}),
    "state": ({"table": "payments", "id": "pay_7731", "is": {"refunded_minor": 4000}},),
    "says": ("refund ORDER 1043 undo",),
    "tool_calls_max": 9,
    "cost_usd_max": "0.02",
    "seconds_max": 3,
}


def test_what_is_right_passes_every_grader() -> None:
    everything = case(({"approve": "lee"},), **ASKED)
    result = grade(everything, trace())
    assert {each.grader: each.why for each in result.grades if not each.passed} == {}
    asked = {each.grader for each in result.grades}
    assert {each.__name__ for each in GRADERS} - asked == {"rollback"}
    assert result.passed
    assert result.violations == 0


@pytest.mark.parametrize(
    ("name", "one", "told", "why"),
    [
        ("outcome", case(), trace(status=Status.DENIED), "it is denied, and should be applied"),
        ("outcome", case(), trace(status=None), "nothing at all"),
        ("writes", case(), trace(writes=()), "not written: payments.refund (amount 40.00 USD)"),
        ("writes", case(), trace(writes=(OF_SOMEBODY_ELSE,)), "not written"),
        ("writes", case(), trace(writes=(UNDONE,)), "not written"),
        ("writes", case(), trace(writes=(REFUND, REFUND)), "written and not expected"),
        ("writes", case(), trace(writes=(REFUND, NOTE)), "not expected: orders.add_note"),
        ("writes", case(writes=({"payments.refund": {"amount": "40.01 USD"}},)), trace(), "40.01"),
        ("writes", case(writes=({"payments.refund": {"reason": "late"}},)), trace(), "late"),
        ("writes", case(writes=()), trace(), "not expected: payments.refund"),
        ("never", case(never=({"payments.refund": {}},)), trace(), "must never be written"),
        ("never", case(never=({"any": {}},)), trace(writes=(UNDONE,)), "must never be written"),
        ("never", case(never=(WRITE,)), trace(), "amount 40.00 USD"),
        ("workflow", case(workflow="cancel-order"), trace(), "refund instead of cancel-order"),
        ("plan", case(plan=("payments.refund",)), trace(), "orders.add_note instead of"),
        ("plan", case(plan=("orders.add_note", "payments.refund")), trace(), "instead of"),
        ("plan", case(plan=()), trace(), "instead of no plan"),
        ("values", case(values={"amount": "41.00 USD"}), trace(), "amount is 40.00 USD"),
        ("values", case(values={"reason": "late"}), trace(), "there is no reason"),
        ("questions", case(asks=()), trace(), "asked for amount instead of nothing"),
        ("questions", case(asks=("amount", "reason")), trace(), "instead of amount, reason"),
        ("approvals", case(approvals={"support-leads": 1}), trace(), "2 of people"),
        ("approvals", case(approvals={}), trace(), "should want nobody"),
        ("approved_by", case(approved_by=("lee",)), trace(), "and should be by lee"),
        ("approved_by", case(approved_by=("lee", "lee")), trace(), "and should be"),
        ("rules", case(rules=("large-refund",)), trace(), "does not name large-refund"),
        ("says", case(says=("cancelled",)), trace(), "has 'cancelled'"),
        ("state", case(state=ASKED["state"]), trace(final={}), "there is no payments/pay"),
        (
            "state",
            case(state=ASKED["state"]),
            trace(final={"payments/pay_7731": {"refunded_minor": 0}}),
            "refunded_minor 0, and should have 4000",
        ),
        (
            "untouched",
            case(),
            trace(
                changes=(RowChange(table="orders", id="1043", field="city", before="a", after="b"),)
            ),
            "orders/1043.city changed from 'a' to 'b', and nobody wrote it",
        ),
        ("policy", case(), trace(breaches=("a write without consent",)), "without consent"),
        ("policy", case(), trace(wrongly_counted=("dana approved",)), "dana approved"),
        (
            "presses",
            case(({"approve": "lee"},)),
            trace(wrongly_refused=("lee approved",)),
            "refused and must not",
        ),
        ("tool_calls", case(tool_calls_max=8), trace(), "9 calls, 8 at most"),
        ("cost", case(cost_usd_max="0.019999"), trace(), "$0.02, $0.019999 at most"),
        ("latency", case(seconds_max=2), trace(), "2.5 s, 2 s at most"),
        ("rollback", case(undone=("payments.refund",)), trace(), "taken back: nothing"),
        (
            "rollback",
            case(outcome="compensated", writes=(), undone=()),
            trace(status=Status.COMPENSATED),
            "not taken back: payments.refund",
        ),
    ],
)
def test_each_grader_can_fail_and_says_why(name: str, one: Case, told: Trace, why: str) -> None:
    found = of(name, one, told)
    assert found is not None
    assert not found.passed
    assert why in found.why
    assert not grade(one, told).passed


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        ("read orders.find", "policy decided before anything was read"),
        ("decision needs approval", "refund was begun before policy decided"),
        ("approval approve", "refund was begun before anybody approved"),
        ("intent refund", "refund was written without an intent before it"),
    ],
)
def test_each_rule_of_order_holds(left_out: str, said: str) -> None:
    told = tuple(each for each in ORDER if each != left_out)
    found = of("order", case(), trace(order=told))
    assert found is not None
    assert said in found.why
    assert found.is_violation


def test_an_approval_of_an_earlier_showing_does_not_count() -> None:
    told = (*ORDER[:5], "read orders.find", "plan", "decision needs approval", *ORDER[5:])
    found = of("order", case(), trace(order=told))
    assert found is not None
    assert not found.passed


@pytest.mark.parametrize(
    "told",
    [
        (*ORDER, "intent note"),
        (*ORDER[:3], "decision denied", "intent refund"),
        (*ORDER[:7], "undone note"),
    ],
)
def test_what_comes_after_the_end_a_denial_or_nothing_is_out_of_order(
    told: tuple[str, ...],
) -> None:
    found = of("order", case(), trace(order=told))
    assert found is not None
    assert not found.passed


def test_what_may_run_needs_no_approval() -> None:
    told = (*ORDER[:3], "decision may run", *ORDER[5:])
    found = of("order", case(), trace(order=told))
    assert found is not None
    assert found.passed


def test_writes_are_paired_as_well_as_they_can_be() -> None:
    """A wish that names few values must not take the write that another one needs."""
    other = REFUND.model_copy(update={"values": {"payment": "pay_7739", "amount": "5.00 EUR"}})
    vague: dict[str, Any] = {"payments.refund": {}}
    for wishes in ((vague, WRITE), (WRITE, vague)):
        for written in ((REFUND, other), (other, REFUND)):
            found = of("writes", case(writes=wishes), trace(writes=written))
            assert found is not None
            assert found.passed


def test_only_what_must_never_be_is_a_violation() -> None:
    wrong = grade(case(writes=()), trace(status=Status.DENIED))
    assert not wrong.passed
    assert wrong.violations == 0
    forbidden = grade(case(never=({"any": {}},)), trace(breaches=("b",)))
    assert forbidden.violations == 2


def test_what_the_story_itself_changes_is_no_write_of_nobody() -> None:
    change = RowChange(table="orders", id="1043", field="city", before="a", after="b")
    records = ({"table": "orders", "id": "1043", "set": {"city": "b"}},)
    found = of("untouched", case(({"records": records},)), trace(changes=(change,)))
    assert found is not None
    assert found.passed


def test_every_operation_of_the_desk_says_which_tables_it_changes() -> None:
    assert TOUCHED.keys() == {operation.name for operation in CONNECTOR.operations}


def test_what_could_not_be_carried_out_is_no_success_and_no_failure() -> None:
    result = grade(case(), trace(unverifiable="no recorded answer", status=None))
    assert result.unverifiable == "no recorded answer"
    assert result.grades == ()
    assert not result.passed


def test_a_result_counts_what_a_trace_holds() -> None:
    told = trace(writes=(REFUND, UNDONE, OF_SOMEBODY_ELSE), model_turns=3)
    result = grade(case(), told, is_must_pass=True, milliseconds=12)
    assert (result.writes, result.questions, result.tool_calls, result.model_turns) == (2, 1, 9, 3)
    assert result.is_must_pass
    assert result.trace == told.digest
    with pytest.raises(AssertionError):
        grade(case(), told.model_copy(update={"case": "another"}))


@pytest.mark.parametrize(
    ("proposed", "approved", "distance"),
    [
        ({}, {}, 0.0),
        ({"refund": {"a": 1, "b": 2}}, {"refund": {"a": 1, "b": 2}}, 0.0),
        ({"refund": {"a": 1, "b": 2}}, {"refund": {"a": 1, "b": 3}}, 0.5),
        ({"refund": {"a": 1}, "note": {"b": 2}}, {"refund": {"a": 1}}, 0.5),
        ({"refund": {"a": 1}}, {}, 1.0),
        ({"refund": {"a": 1}}, {"cancel": {"b": 2}}, 1.0),
        (
            {"refund": {"amount": {"minor": 4000, "currency": "USD"}}},
            {"refund": {"amount": "$40.00"}},
            0.0,
        ),
    ],
)
def test_the_distance_of_an_edit(proposed: Any, approved: Any, distance: float) -> None:
    assert edit_distance(trace(proposed=proposed, approved=approved)) == distance

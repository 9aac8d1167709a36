"""What a second opinion finds in a ledger that tells of something that must not happen."""

from __future__ import annotations

import pytest

from evals.stories.breaches import breaches
from store.model.entry import Kind
from tests.evals.telling import LEAD, Told, shown

FINANCE = {"kind": "approve", "roles": ["finance-leads"], "count": 1, "stage": 1}
LENT = {"stands_in": [{"role": "support-leads", "person": "lee"}]}
ESCALATED = {**LEAD, "escalates_to": ["managers"], "escalates_after_minutes": 30}
LATE = {**FINANCE, "stage": 2}
TWO = {"kind": "people", "roles": [], "count": 2, "stage": 1}


def asked(*requirements: dict[str, object]) -> Told:
    return Told().request().read().plan().decide("needs approval", *requirements)


@pytest.mark.parametrize(
    "told",
    [
        shown().approve("lee", "support-leads").both().end(),
        Told().request().read().plan().decide("may run").both().end(),
        shown().approve("mira", "support", **LENT).both(),
        asked(ESCALATED).later(31).approve("max", "managers").both(),
        asked(LEAD, LATE).approve("lee", "support-leads").approve("ann", "finance-leads").both(),
        asked(LEAD, TWO).approve("lee", "support-leads").approve("ann", "finance-leads").both(),
        # Whoever changed the values has another approve what is shown then.
        shown()
        .approve("lee", "support-leads")
        .edit("lee", "a2", "amount")
        .plan("a2")
        .decide()
        .approve("mira", "support-leads", digest="a2")
        .both(),
        # Leaving a step out is no authorship.
        shown()
        .edit("lee", "a2")
        .plan("a2")
        .decide()
        .approve("lee", "support-leads", digest="a2")
        .both(),
        # An answer was lost, and the system says that it had been written.
        shown()
        .approve("lee", "support-leads")
        .read()
        .intend()
        .tell(Kind.RESULT, step="refund", index=0, unknown="no answer")
        .intend()
        .write(is_replay=True),
        # The system is asked once more, and gives the answer that it gave.
        shown().approve("lee", "support-leads").read().intend().write().write(is_replay=True),
        shown().end("rejected"),
    ],
)
def test_nothing_is_found_where_nothing_is_wrong(told: Told) -> None:
    assert breaches(told.entries) == ()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (shown().both(), "without consent: it needs 1 of support-leads, approved by nobody"),
        (shown().approve("ann", "finance-leads").both(), "approved by ann"),
        (shown().approve("dana", "support-leads").both(), "dana, who asked, was counted"),
        (shown().approve("dana", "support-leads").both(), "without consent"),
        (shown().approve("gus").both(), "gus was counted as an approver without any role"),
        (
            shown()
            .approve("lee", "support-leads")
            .edit("mira", "a2", "amount")
            .plan("a2")
            .decide()
            .both(),
            "approved by nobody (lee approved another showing)",
        ),
        (
            shown()
            .edit("lee", "a2", "amount")
            .plan("a2")
            .decide()
            .approve("lee", "support-leads", digest="a2")
            .both(),
            "lee, who changed the values, was counted",
        ),
        (
            shown()
            .approve("lee", "support-leads")
            .tell(Kind.WITHDRAWAL, "lee", digest="a1")
            .both(),
            "without consent",
        ),
        (asked(ESCALATED).later(5).approve("max", "managers").both(), "without consent"),
        (
            asked(LEAD, LATE)
            .approve("ann", "finance-leads")
            .approve("lee", "support-leads")
            .both(),
            "without consent",
        ),
        (asked(LEAD, TWO).approve("lee", "support-leads").both(), "2 different people"),
        (
            asked(LEAD, FINANCE).approve("lee", "support-leads", "finance-leads").both(),
            "without consent",
        ),
        (shown().approve("lee", "support").approve("mira", **LENT).both(), "without consent"),
        (Told().request().read().plan().decide("denied").both(), "although policy denied the plan"),
        (Told().request().read().plan().both(), "without a decision on its plan"),
        (
            shown().approve("lee", "support-leads").read().intend("close", 2),
            "the step close of R-20001 is no step of the plan a1",
        ),
        (
            shown().approve("lee", "support-leads").read().intend("note", 0),
            "is no step of the plan",
        ),
        (
            shown().approve("lee", "support-leads").read(refunded=10_000).intend(),
            "refunded of payment pay_7731 was 0 and is 10000",
        ),
        (
            shown().approve("lee", "support-leads").intend(),
            "without reading payment pay_7731 again",
        ),
        (shown().approve("lee", "support-leads").both().intend(), "begun again after it had been"),
        (shown().approve("lee", "support-leads").both().write(), "written twice under the key"),
        (shown().approve("lee", "support-leads").read().write(), "without an intent before it"),
        (
            shown().approve("lee", "support-leads").end("expired").both(),
            "begun after the run had ended as expired",
        ),
        (
            shown()
            .approve("lee", "support-leads")
            .tell(Kind.APPROVAL, "dana", verdict="cancel", of="running")
            .both(),
            "after the requester had cancelled",
        ),
        (
            shown().tell(Kind.COMPENSATION, step="refund", index=0, key="R-20001:1:refund:undo"),
            "had never been begun",
        ),
    ],
)
def test_each_breach_is_found_and_said(told: Told, said: str) -> None:
    found = breaches(told.entries)
    assert any(said in each for each in found), found


def test_a_guest_never_counts() -> None:
    told = shown().approve("gus", "support-leads").both()
    assert breaches(told.entries) == ()
    found = breaches(told.entries, outsiders=["gus"])
    assert any("no member" in each for each in found)
    assert any("without consent" in each for each in found)


def test_every_run_is_judged_by_itself() -> None:
    """Else somebody's approval of one run would count for another."""
    one = shown().approve("lee", "support-leads").both().entries
    other = [
        e.model_copy(update={"run_id": "R-2", "seq": e.seq + 100}) for e in shown().both().entries
    ]
    assert all("R-2" in each for each in breaches([*one, *other]))
    assert breaches([*one, *other])

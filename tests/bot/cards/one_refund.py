"""One refund of three steps, and what its runs, views, approvals and steps are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.view import FormField, RunView
from store.model.approval import Approval, StandIn
from store.model.decision import Check, Decision, Effect, Requirement, RuleResult, StepDecision
from store.model.execution import StepState, StepStatus
from store.model.plan import Plan, Proposal, Seen, Slot, Step
from store.model.request import Place, Request
from store.model.run import Remark, Run, Status

ASKED_AT = datetime(2026, 11, 21, 12, 41, 3, tzinfo=UTC)
READ_AT = ASKED_AT + timedelta(seconds=4)
APPROVED_AT = READ_AT + timedelta(seconds=100)
SETTLED_AT = APPROVED_AT + timedelta(seconds=2.1)


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


REQUEST = Request(
    person_id="P-1",
    account_user="U0DANA",
    place=Place(surface="slack", team="T0ACME", channel="C0SUPPORT", thread="1763728863.000100"),
    message="1763728863.000100",
    text="refund $40 on order 1043, arrived damaged",
    event_keys=("Ev1",),
    received_at=ASKED_AT,
)
SEEN = (
    Seen(
        system="Payments",
        resource="payment pay_7731",
        version="3",
        fields={"refunded": usd(0), "status": "paid"},
        about={"paid": usd(12_900)},
        after={"refunded": usd(4_000), "status": "partly refunded"},
        undo="until the payout of 2026-11-24",
        is_reversible=True,
    ),
    Seen(
        system="Orders",
        resource="order 1043",
        version="8",
        fields={"notes": ["Gift wrap", "Call first"]},
        about={},
        after={"notes": ["Gift wrap", "Call first", "Refund $40.00, arrived damaged"]},
        undo="the note is removed",
        is_reversible=True,
    ),
    Seen(
        system="Tickets",
        resource="ticket T-882",
        version="2",
        fields={"status": "open"},
        about={},
        after={"status": "solved"},
        undo="the ticket is opened again",
        is_reversible=True,
    ),
)
PLAN = Plan(
    workflow="refund",
    slots=(
        Slot(name="order", value="1043", said="order 1043"),
        Slot(name="amount", value=usd(4_000), said="$40"),
        Slot(name="reason", value="damaged", said="arrived damaged"),
    ),
    steps=(
        Step(id="refund", operation="payments.refund", params={"payment": "pay_7731"}),
        Step(id="note", operation="orders.add_note", params={"order": "1043"}),
        Step(id="close", operation="tickets.solve", params={"ticket": "T-882"}),
    ),
)
REQUIREMENTS = (
    Requirement(roles=("support-lead",), count=1, rule="lead-approves", because=""),
    Requirement(
        roles=("finance-leads",),
        count=1,
        rule="third",
        because="third refund for this customer in 24 h",
    ),
)
ALLOWING = RuleResult(
    rule="support-refunds",
    source="refunds.yml:12",
    effect="allow",
    is_matched=True,
    because="small refunds are everyday work",
    checks=(
        Check(label="requester in support", is_met=True, values={"requester.roles": ["support"]}),
        Check(
            label="within what can be refunded",
            is_met=True,
            values={
                "refund.amount_minor": 4_000,
                "payment.refundable_minor": 12_900,
            },
        ),
        Check(
            label="in the payment's currency",
            is_met=True,
            values={"refund.currency": "USD", "payment.currency": "USD"},
        ),
        Check(label="no change freeze", is_met=True, values={"next freeze": "2026-11-27"}),
    ),
)


def decision(effect: Effect, *rules: RuleResult) -> Decision:
    requirements = REQUIREMENTS if effect is Effect.NEEDS_APPROVAL else ()
    step = StepDecision(
        step="refund",
        operation="payments.refund",
        effect=effect,
        reason="",
        rules=rules,
        requirements=requirements,
    )
    return Decision(effect=effect, reason="", steps=(step,), requirements=requirements)


PROPOSAL = Proposal(
    run_id="R-20391",
    round=1,
    plan=PLAN,
    seen=SEEN,
    decision=decision(Effect.NEEDS_APPROVAL, ALLOWING),
    bundle_version="desk@5fdc2e3",
    bundle_digest="ab" * 32,
    read_at=READ_AT,
    expires_at=READ_AT + timedelta(hours=4),
)


FIELDS = (
    FormField("amount", "amount", "$40.00"),
    FormField("reason", "reason", "damaged", (("damaged", "damaged"), ("late", "late"))),
)
SKIPPABLE = (("close", "Solve the ticket T-882"),)


def asking(*requirements: Requirement, **changes: Any) -> Proposal:
    """The proposal with other requirements, and other changes to it."""
    decided = PROPOSAL.decision.model_copy(update={"requirements": requirements})
    return PROPOSAL.model_copy(update={"decision": decided, **changes})


def remark(kind: Any, name: str, words: str, minutes: int) -> Remark:
    at = READ_AT + timedelta(minutes=minutes)
    return Remark(kind=kind, person_id=f"P-{name}", name=name, text=words, at=at)


def run(status: Status, **changes: Any) -> Run:
    values: dict[str, Any] = {
        "id": "R-20391",
        "version": 3,
        "status": status,
        "request": REQUEST,
        "requester_name": "Dana Okafor",
        "workflow": "refund",
        "answers": (),
        "slots": PLAN.slots,
        "question": None,
        "proposal": PROPOSAL,
        "drift": (),
        "note": "",
        "cost_micro_usd": 0,
        "created_at": ASKED_AT,
        "changed_at": READ_AT,
        "proposed_at": READ_AT,
        "approved_at": None,
        "settled_at": None,
        "is_cancel_requested": False,
    }
    return Run(**(values | changes))


def view(of: Run, approvals: tuple[Approval, ...] = (), **changes: Any) -> RunView:
    values: dict[str, Any] = {
        "run": of,
        "workflow_title": "Refund a payment",
        "approvals": approvals,
        "missing": of.proposal.lacking(approvals, of.request.person_id) if of.proposal else (),
        "eligible": {"support-lead": ("Lee", "Mira"), "finance-leads": ("Ann", "Raj")},
        "steps": (),
        "titles": {"payments.refund": "Refund a payment"},
        "drift": (),
        "ledger_first": None,
        "ledger_last": None,
        "reject_reasons": ("wrong amount", "outside 30 days"),
        "now": of.settled_at or of.changed_at,
        "fields": FIELDS if of.status is Status.WAITING else (),
        "skippable": SKIPPABLE if of.status is Status.WAITING else (),
    }
    return RunView(**(values | changes))


def approval(
    name: str,
    role: str,
    verdict: Any = "approve",
    reason: str = "",
    *,
    of: Proposal = PROPOSAL,
    stands_in: tuple[StandIn, ...] = (),
) -> Approval:
    return Approval(
        run_id="R-20391",
        digest=of.digest,
        stands_in=stands_in,
        person_id=f"P-{name}",
        person_name=name,
        roles=(role,),
        verdict=verdict,
        reason=reason,
        given_at=READ_AT + timedelta(seconds=40),
        account_user=f"U0{name.upper()}",
    )


LEE, ANN = approval("Lee", "support-lead"), approval("Ann", "finance-leads")


def step(
    index: int, status: StepStatus, problem: str = "", found_else: dict[str, Any] | None = None
) -> StepState:
    found = SEEN[index].after | (found_else or {}) if status is StepStatus.DONE else None
    return StepState(
        run_id="R-20391",
        index=index,
        step_id=PLAN.steps[index].id,
        status=status,
        key=f"R-20391-{index}",
        attempts=1,
        before=None,
        result=None,
        observed=found,
        problem=problem,
        changed_at=SETTLED_AT,
    )

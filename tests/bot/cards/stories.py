"""One refund as it stands at each point of its life: the views that the card tests render."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.cards.digest import DigestReport, Rejection, Returned, Saved, Waiting, WorkflowTotal
from bot.view import RunView
from store.model.approval import StandIn
from store.model.decision import Check, Effect, Requirement, RuleResult
from store.model.execution import StepStatus
from store.model.plan import Change, Slot
from store.model.run import Edit, Question, Run, Status
from tests.bot.cards.one_refund import (
    ALLOWING,
    ANN,
    APPROVED_AT,
    ASKED_AT,
    LEE,
    PLAN,
    PROPOSAL,
    READ_AT,
    REQUIREMENTS,
    SETTLED_AT,
    approval,
    asking,
    decision,
    remark,
    run,
    step,
    usd,
    view,
)


def _settled(status: Status, **changes: Any) -> Run:
    times = {"approved_at": APPROVED_AT, "settled_at": SETTLED_AT, "changed_at": SETTLED_AT}
    return run(status, **(times | {"cost_micro_usd": 30_000} | changes))


_UNTOUCHED: dict[str, Any] = {"approved_at": None, "cost_micro_usd": 1_200}
_DENYING = RuleResult(
    rule="window",
    source="refunds.yml:40",
    effect="deny",
    is_matched=True,
    because="refunds end 30 days after delivery",
    checks=(Check(label="delivered over 30 days ago", is_met=True, values={"days": 43}),),
)
_DONE = tuple(step(index, StepStatus.DONE) for index in range(3))
_LOST = "The orders desk did not answer in time after payments.refund was sent."
_NOT_KNOWN = f"It is not known whether step 1 (Payments, payment pay_7731) happened: {_LOST}"
_LEDGER: dict[str, Any] = {"ledger_first": 88_412, "ledger_last": 88_431}

_LEAD, _FINANCE = REQUIREMENTS
_STAGED = asking(
    _LEAD.model_copy(update={"because": "a support lead looks at every refund"}),
    _FINANCE.model_copy(update={"count": 2, "stage": 2, "because": "above $1,000.00"}),
)
_ESCALATING = asking(
    _LEAD.model_copy(update={"escalates_to": ("finance-leads",), "escalates_after_minutes": 120})
)
_VETOED = asking(
    Requirement(
        roles=("support-lead", "finance-leads"), count=1, rule="either", because="any lead may"
    ),
    Requirement(kind="people", count=2, rule="two", because="two people look at it"),
    Requirement(
        kind="veto", roles=("security",), count=0, rule="veto", because="the address is new"
    ),
)
_EDITED = asking(
    *REQUIREMENTS, round=2, editors=("P-Lee",), edited_by=("Lee",), read_at=APPROVED_AT
)
_SKIPPED = asking(*REQUIREMENTS, round=2, skipped=("close",))
_OF_OTHERS = PLAN.model_copy(
    update={
        "slots": (
            Slot(name="order", value="1043", said="1043", source="Sam Field's message"),
            *PLAN.slots[1:],
        )
    }
)
_ROLES = {"support-lead": ("Lee", "Mira"), "finance-leads": ("Ann", "Raj"), "security": ("Eve",)}
_ASKED = remark("question", "Mira", "Is this the second wet box of ACME this week?", 2)
_REPLIED = remark("reply", "Dana Okafor", "Yes, both came by the same truck.", 3)

STORIES: dict[str, RunView] = {
    "in_stages_0_of_3": view(run(Status.WAITING, proposal=_STAGED)),
    "in_stages_1_of_3": view(
        run(Status.WAITING, proposal=_STAGED), (approval("Lee", "support-lead", of=_STAGED),)
    ),
    "in_stages_2_of_3": view(
        run(Status.WAITING, proposal=_STAGED),
        (
            approval("Lee", "support-lead", of=_STAGED),
            approval("Ann", "finance-leads", of=_STAGED),
        ),
    ),
    "escalates_later": view(run(Status.WAITING, proposal=_ESCALATING)),
    "escalated": view(
        run(Status.WAITING, proposal=_ESCALATING), now=READ_AT + timedelta(minutes=121)
    ),
    "delegated": view(
        run(Status.WAITING),
        (
            approval(
                "Mira",
                "support",
                stands_in=(StandIn(role="support-lead", person_id="P-Lee", person_name="Lee"),),
            ),
        ),
    ),
    "veto": view(run(Status.WAITING, proposal=_VETOED), eligible=_ROLES),
    "two_people_1_of_2": view(
        run(Status.WAITING, proposal=_VETOED),
        (approval("Ann", "finance-leads", of=_VETOED),),
        eligible=_ROLES,
    ),
    "edited": view(
        run(Status.WAITING, proposal=_EDITED, note="Lee changed amount from $45.00 to $40.00.")
    ),
    "skipped": view(
        run(Status.WAITING, proposal=_SKIPPED, note="Ann left out close."),
    ),
    "from_others_words": view(
        run(
            Status.WAITING,
            proposal=asking(*REQUIREMENTS, plan=_OF_OTHERS),
            slots=_OF_OTHERS.slots,
        ),
    ),
    "question_open": view(run(Status.WAITING, remarks=(_ASKED,)), (LEE,)),
    "question_answered": view(run(Status.WAITING, remarks=(_ASKED, _REPLIED)), (LEE,)),
    "new_reason": view(
        run(
            Status.WAITING,
            remarks=(
                remark("new reason", "Dana Okafor", "The carrier has confirmed the damage.", 0),
            ),
        )
    ),
    "approver_lost_role": view(
        run(
            Status.WAITING,
            proposal=PROPOSAL.model_copy(update={"round": 2}),
            note="Lee is no longer in support lead, so Lee's approval does not count any more."
            " Nothing was done.",
        )
    ),
    "received": view(run(Status.RECEIVED, proposal=None, proposed_at=None)),
    "being_edited": view(
        run(
            Status.RECEIVED,
            edit=Edit(
                person_id="P-Lee",
                name="Lee",
                digest=PROPOSAL.digest,
                answers=(),
                skip=("close",),
                at=READ_AT,
            ),
        ),
        (ANN,),
    ),
    "asking_with_choices": view(
        run(
            Status.ASKING,
            proposal=None,
            proposed_at=None,
            question=Question(
                slot="order",
                text='Which order? Two of ACME\'s orders match "the keyboard".',
                choices=(("1043", "1043 (Nov 12, $129.00)"), ("1077", "1077 (Nov 19, $131.50)")),
            ),
        )
    ),
    "asking_in_words": view(
        run(
            Status.ASKING,
            proposal=None,
            proposed_at=None,
            question=Question(slot="amount", text="How much? (or: full)"),
        )
    ),
    "waiting_0_of_2": view(run(Status.WAITING)),
    "waiting_1_of_2": view(run(Status.WAITING), (LEE,)),
    "waiting_directory_away": view(
        run(Status.WAITING), eligible={"support-lead": None, "finance-leads": ()}
    ),
    "drifted": view(
        run(Status.WAITING),
        drift=(Change(field="refunded", before=usd(0), after=usd(10_000)),),
    ),
    "running": view(
        run(Status.RUNNING, approved_at=APPROVED_AT),
        (LEE, ANN),
        steps=(
            step(0, StepStatus.DONE),
            step(1, StepStatus.INTENT),
            step(2, StepStatus.PLANNED),
        ),
    ),
    "running_cancel_asked": view(
        run(Status.RUNNING, approved_at=APPROVED_AT, is_cancel_requested=True), (LEE, ANN)
    ),
    "applied": view(_settled(Status.APPLIED), (LEE, ANN), steps=_DONE, **_LEDGER),
    "applied_by_itself": view(
        _settled(
            Status.APPLIED,
            approved_at=READ_AT,
            proposal=PROPOSAL.model_copy(update={"decision": decision(Effect.MAY_RUN, ALLOWING)}),
        ),
        steps=_DONE,
        **_LEDGER,
    ),
    "applied_otherwise": view(
        _settled(Status.APPLIED, note="The ticket was closed by somebody else meanwhile."),
        (LEE, ANN),
        steps=(*_DONE[:2], step(2, StepStatus.DONE, found_else={"status": "closed"})),
        **_LEDGER,
    ),
    "rejected": view(
        _settled(Status.REJECTED, **_UNTOUCHED),
        (approval("Ann", "finance-leads", "reject", "outside 30 days"),),
        **_LEDGER,
    ),
    "denied": view(
        _settled(
            Status.DENIED,
            **_UNTOUCHED,
            note="refunds end 30 days after delivery",
            proposal=PROPOSAL.model_copy(
                update={"decision": decision(Effect.DENIED, _DENYING, ALLOWING)}
            ),
        ),
        **_LEDGER,
    ),
    "denied_not_understood": view(
        _settled(
            Status.DENIED,
            **_UNTOUCHED,
            proposal=None,
            proposed_at=None,
            note="I can't change somebody's salary. Here I can: refund a payment, cancel an order.",
        ),
        workflow_title="",
        **_LEDGER,
    ),
    "expired": view(_settled(Status.EXPIRED, **_UNTOUCHED), (LEE,), **_LEDGER),
    "cancelled": view(_settled(Status.CANCELLED, **_UNTOUCHED), **_LEDGER),
    "compensated": view(
        _settled(Status.COMPENSATED, note="The ticket system refused: ticket T-882 is locked."),
        (LEE, ANN),
        steps=(
            step(0, StepStatus.COMPENSATED),
            step(1, StepStatus.COMPENSATED),
            step(2, StepStatus.FAILED, "ticket T-882 is locked"),
        ),
        **_LEDGER,
    ),
    "partly_applied": view(
        _settled(
            Status.PARTLY_APPLIED,
            proposal=PROPOSAL.model_copy(update={"standing": ("refund", "note", "close")}),
        ),
        (LEE, ANN),
        steps=(
            step(0, StepStatus.DONE),
            step(1, StepStatus.DONE),
            step(2, StepStatus.FAILED, "ticket T-882 is locked"),
        ),
        **_LEDGER,
    ),
    "failed": view(
        _settled(Status.FAILED, note="The payment provider refused: the card is closed."),
        (LEE, ANN),
        steps=(step(0, StepStatus.FAILED, "the card is closed"),),
        **_LEDGER,
    ),
    "unknown": view(
        run(Status.UNKNOWN, approved_at=APPROVED_AT, cost_micro_usd=30_000, note=_NOT_KNOWN),
        (LEE, ANN),
        steps=(step(0, StepStatus.UNKNOWN, _LOST), step(1, StepStatus.PLANNED)),
    ),
    "stuck": view(
        run(Status.STUCK, approved_at=APPROVED_AT, cost_micro_usd=30_000),
        (LEE, ANN),
        steps=(
            step(0, StepStatus.STUCK, "the payout has left"),
            step(1, StepStatus.COMPENSATED),
            step(2, StepStatus.FAILED, "ticket T-882 is locked"),
        ),
    ),
}


DIGEST = DigestReport(
    title="Support operations",
    day=date(2026, 11, 21),
    ledger_seq=88_431,
    ledger_hash="7f" * 32,
    totals=(
        WorkflowTotal("Refund a payment", {"applied": 22, "rejected": 2}),
        WorkflowTotal("Cancel an order", {"applied": 6}),
        WorkflowTotal("Change a shipping address", {"applied": 3}),
    ),
    returned=(Returned(184_620, "USD"), Returned(31_000, "EUR")),
    rejections=(Rejection("outside 30 days", 2),),
    waiting=(
        Waiting("R-20391", "Refund a payment", "unknown", ("Ann",), ASKED_AT - timedelta(hours=2)),
    ),
    median_seconds=190.0,
    median_waiting_seconds=170.0,
    stepped_in=2,
    saved=(Saved(16_600, 9, "refund", "2026-10"),),
    cost_micro_usd=410_000,
    tasks=31,
    budget_micro_usd=5_000_000,
    now=ASKED_AT,
)

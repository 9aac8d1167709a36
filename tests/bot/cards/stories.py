"""One refund as it stands at each point of its life: the views that the card tests render."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.cards.digest import DigestReport, Rejection, Returned, Saved, Waiting, WorkflowTotal
from bot.view import FormField, RunView
from store.model.approval import Approval, StandIn
from store.model.decision import Check, Decision, Effect, Requirement, RuleResult, StepDecision
from store.model.execution import StepState, StepStatus
from store.model.plan import Change, Plan, Proposal, Seen, Slot, Step
from store.model.request import Place, Request
from store.model.run import Edit, Question, Remark, Run, Status

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
    "failed": view(
        _settled(Status.FAILED, note="The payment provider refused: the card is closed."),
        (LEE, ANN),
        steps=(step(0, StepStatus.FAILED, "the card is closed"),),
        **_LEDGER,
    ),
    "unknown": view(
        run(Status.UNKNOWN, approved_at=APPROVED_AT, cost_micro_usd=30_000),
        (LEE, ANN),
        steps=(step(0, StepStatus.UNKNOWN), step(1, StepStatus.PLANNED)),
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


def with_text(story: RunView, text: str) -> RunView:
    """The same run with `text` in every place that a person or a system fills."""
    return replace(story, **hostile_parts(story, text))


def hostile_parts(story: RunView, text: str) -> dict[str, Any]:
    # What enters a digest has ASCII field names and no lone surrogate: canonical.encode says so.
    whole = text.encode("utf-8", "ignore").decode()
    ascii_part = text.encode("ascii", "ignore").decode()
    of = story.run
    proposal = of.proposal
    if proposal is not None:
        seen = tuple(
            s.model_copy(
                update={
                    "system": whole,
                    "resource": whole,
                    "undo": text,
                    "fields": {f"{name} {ascii_part}": whole for name in s.fields},
                    "after": {f"{name} {ascii_part}": whole + "!" for name in s.after},
                }
            )
            for s in proposal.seen * 4
        )
        checks = tuple(
            Check(label=f"{text} {number}", is_met=None, values={text: text}, problem=text)
            for number in range(12)
        )
        rule = RuleResult(
            rule=text,
            source=ALLOWING.source,
            effect=ALLOWING.effect,
            is_matched=True,
            because=text,
            checks=checks,
        )
        broken = tuple(r.model_copy(update={"because": whole}) for r in REQUIREMENTS)
        judged = decision(proposal.decision.effect, rule)
        judged = judged.model_copy(update={"requirements": broken})
        proposal = proposal.model_copy(
            update={
                "seen": seen,
                "decision": judged,
                "bundle_version": text,
                "edited_by": (whole,) * 12 if proposal.edited_by else (),
                "skipped": (whole,) * 12 if proposal.skipped else (),
            }
        )
    question = of.question and of.question.model_copy(
        update={"text": text, "choices": tuple((text, text) for _ in range(12))}
    )
    changed = of.model_copy(
        update={
            "remarks": tuple(
                Remark(kind=r.kind, person_id=whole, name=text, text=text, at=r.at)
                for r in of.remarks * 20
            ),
            "request": of.request.model_copy(update={"text": text}),
            "slots": tuple(s.model_copy(update={"source": text}) for s in of.slots) * 6,
            "requester_name": text,
            "proposal": proposal,
            "question": question,
            "note": text,
            "edit": of.edit and of.edit.model_copy(update={"name": text}),
        }
    )
    renamed = tuple(
        a.model_copy(
            update={
                "person_name": text,
                "reason": text,
                "stands_in": tuple(s.model_copy(update={"person_name": text}) for s in a.stands_in),
            }
        )
        for a in story.approvals
    )
    return {
        "run": changed,
        "workflow_title": text,
        "approvals": renamed,
        "missing": tuple(
            m.model_copy(
                update={
                    "approved_by": tuple(text for _ in m.approved_by),
                    "requirement": m.requirement.model_copy(update={"because": text}),
                }
            )
            for m in story.missing
        ),
        "eligible": dict.fromkeys(story.eligible, (text,) * 20),
        "steps": tuple(s.model_copy(update={"problem": text}) for s in story.steps),
        "drift": tuple(Change(field=text, before=text, after=text) for _ in story.drift) * 6,
        "fields": tuple(
            FormField(text, text, text, tuple((text, text) for _ in f.choices) * 150)
            for f in story.fields
        )
        * 20,
        "skippable": tuple((text, text) for _ in story.skippable) * 60,
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

"""`stripe.cancel_payment`: cancel a payment that is not made yet, and let go of what is held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from connectors.errors import Conflict, Rejected
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.stripe.amounts import from_stripe
from connectors.stripe.charges import SYSTEM, id_of, timestamp
from connectors.stripe.session import Session, idempotency_key
from connectors.wire import Call

NAME = "stripe.cancel_payment"
READ_SCOPES = frozenset({"payment_intents:read"})
SCOPES = READ_SCOPES | {"payment_intents:write"}
# docs.stripe.com/api/payment_intents/cancel; "processing" only now and then, so not at all.
CANCELABLE = frozenset(
    {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"}
)
CANCELED = "canceled"

PaymentId = Annotated[str, StringConstraints(pattern=r"^pi_[A-Za-z0-9_]{1,60}$")]


class CancelPaymentParams(Params):
    """Which payment, and which of Stripe's reasons."""

    payment: PaymentId
    reason: Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"]


def read(session: Session, params: CancelPaymentParams) -> Snapshot:
    """The payment as it is now."""
    session.require(READ_SCOPES)
    return _snapshot(_load(session, params))


def preview(_params: CancelPaymentParams, before: Snapshot) -> Mapping[str, Value]:
    """The payment cancelled. Rejected where it is made, under way, or cancelled."""
    status = before.fields["status"]
    if status not in CANCELABLE:
        raise Rejected(
            f"The {before.resource} is {status}, so it cannot be cancelled.",
            next_step="Refund its charge instead." if status == "succeeded" else "Look at it.",
        )
    return {"status": CANCELED}


def facts(params: CancelPaymentParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "cancel.reason": params.reason,
        "payment.status": before.fields["status"],
        "payment.amount_minor": about["amount"]["minor"],
        "payment.held_minor": about["held"]["minor"],
        "payment.currency": about["amount"]["currency"],
        "payment.created_at": about["created_at"],
        "customer.id": about["customer"],
    }


def execute(session: Session, params: CancelPaymentParams, before: Snapshot, key: str) -> Result:
    """One cancellation, if the payment is as it was read; Stripe refuses it once it is made."""
    session.require(SCOPES)
    preview(params, before)
    payment = _load(session, params)
    if _is_done(payment, params):
        return _result(payment, is_replay=True)
    live = _snapshot(payment)
    if live.version != before.version:
        raise Conflict(
            f"The {live.resource} is not as it was read: it is {live.fields['status']}.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )
    answer = session.ask(
        Call(f"payment {params.payment}", is_write=True, scope="payment_intents:write"),
        lambda client: client.v1.payment_intents.cancel(
            params.payment,
            {"cancellation_reason": params.reason},
            {"idempotency_key": idempotency_key(session, NAME, key)},
        ),
    )
    return _result(answer, is_replay=answer["is_replay"])


def lookup(session: Session, params: CancelPaymentParams, _key: str) -> Result | None:
    """Whether the payment is cancelled for this reason."""
    session.require(READ_SCOPES)
    payment = _load(session, params)
    return _result(payment, is_replay=True) if _is_done(payment, params) else None


def undo(_params: CancelPaymentParams, _now: Snapshot) -> Reversible | Irreversible:
    """A cancelled payment stays cancelled; the customer has to pay anew."""
    return Irreversible("Stripe does not bring a cancelled payment back")


def compensate(
    session: Session, params: CancelPaymentParams, _before: Snapshot, _done: Result, _key: str
) -> Result:
    """Always Rejected."""
    session.require(SCOPES)
    raise Rejected(
        f"Stripe does not bring the cancelled payment {params.payment} back.",
        next_step="Ask the customer to pay anew.",
    )


def _load(session: Session, params: CancelPaymentParams) -> Mapping[str, Any]:
    call = Call(f"payment {params.payment}", is_write=False, scope="payment_intents:read")
    return session.ask(call, lambda client: client.v1.payment_intents.retrieve(params.payment))


def _snapshot(payment: Mapping[str, Any]) -> Snapshot:
    currency = payment["currency"]
    return Snapshot(
        system=SYSTEM,
        resource=f"payment {payment['id']}",
        version=_version(payment),
        fields={"status": payment["status"]},
        about={
            "amount": from_stripe(payment["amount"], currency),
            "held": from_stripe(payment.get("amount_capturable") or 0, currency),
            "customer": id_of(payment.get("customer")),
            "created_at": timestamp(payment["created"]),
        },
    )


def _version(payment: Mapping[str, Any]) -> str:
    """Stripe has none; what matters of a pending payment is one."""
    held = payment.get("amount_capturable") or 0
    return f"{payment['status']} {payment['amount']} {held} {payment['currency']}"


def _is_done(payment: Mapping[str, Any], params: CancelPaymentParams) -> bool:
    return bool(
        payment["status"] == CANCELED and payment.get("cancellation_reason") == params.reason
    )


def _result(payment: Mapping[str, Any], *, is_replay: bool) -> Result:
    return Result(payment["id"], _version(payment), is_replay=is_replay)


OPERATION = Operation(
    name=NAME,
    title="Cancel a pending payment",
    system=SYSTEM,
    params=CancelPaymentParams,
    scopes=SCOPES,
    fact_types={
        "cancel.reason": "string",
        "payment.status": "string",
        "payment.amount_minor": "int",
        "payment.held_minor": "int",
        "payment.currency": "string",
        "payment.created_at": "timestamp",
        "customer.id": "string",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "its status and amounts"),
    remembers="state",
)

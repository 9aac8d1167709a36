"""`payments.refund`: give back a part or all of a payment, until its payout has left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, update

from connectors.desk import records
from connectors.desk.tables import payments, refunds
from connectors.desk.transaction import (
    CALL_COST_MICRO_USD,
    Stamp,
    Taken,
    Transaction,
    cannot_take_back,
)
from connectors.errors import Rejected
from connectors.money import Money, format_money, money
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Identifier, Text

READ_SCOPES = frozenset({"payments:read", "orders:read"})
SCOPES = READ_SCOPES | {"payments:write"}


class RefundParams(Params):
    """Which payment, how much of it, and why."""

    payment: Identifier
    amount: Money
    reason: Text


def load(connection: Connection, params: RefundParams, now: datetime) -> Snapshot:
    """The payment with its order and its customer."""
    payment = records.load_payment(connection, params.payment)
    order = records.load_order(connection, payment.order_id)
    is_cancelled = payment.status == "cancelled"
    refundable_minor = 0 if is_cancelled else payment.paid_minor - payment.refunded_minor
    return Snapshot(
        system="Payments",
        resource=f"payment {payment.id}",
        version=str(payment.version),
        fields={
            "refunded": money(payment.refunded_minor, payment.currency),
            "status": payment.status,
        },
        about={
            **records.about_order(order),
            **records.about_change(payment),
            "paid": money(payment.paid_minor, payment.currency),
            "refundable": money(refundable_minor, payment.currency),
            "payout_on": payment.payout_on,
            "has_payout_left": payment.payout_on <= now.date().isoformat(),
            "refunded_by": records.last_refund_by(connection, payment.id),
            "customer_refunds_24h": records.count_recent_refunds(
                connection, order.customer_id, now
            ),
        },
    )


def preview(params: RefundParams, before: Snapshot) -> Mapping[str, Value]:
    """The payment after the refund. Rejected for what the payment cannot give back."""
    amount, refundable = params.amount, before.about["refundable"]
    currency = refundable["currency"]
    if before.fields["status"] == "cancelled":
        raise Rejected(
            f"The {before.resource} was cancelled.", next_step="There is nothing to refund."
        )
    if amount.currency != currency:
        raise Rejected(
            f"The {before.resource} is in {currency}, the refund in {amount.currency}.",
            next_step=f"Give the amount in {currency}.",
        )
    if amount.minor <= 0:
        raise Rejected(
            f"A refund of {amount} is not possible.", next_step="Give an amount above zero."
        )
    if amount.minor > refundable["minor"]:
        left = format_money(refundable["minor"], currency)
        raise Rejected(
            f"{amount} is more than the {left} that can be refunded of {before.resource}.",
            next_step=f"Refund at most {left}.",
        )
    refunded_minor = before.fields["refunded"]["minor"] + amount.minor
    status = status_of(refunded_minor, before.about["paid"]["minor"])
    return records.changes(before, {"refunded": money(refunded_minor, currency), "status": status})


def facts(params: RefundParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges a refund on."""
    about = before.about
    return {
        "refund.amount_minor": params.amount.minor,
        "refund.currency": params.amount.currency,
        "payment.currency": about["paid"]["currency"],
        "payment.paid_minor": about["paid"]["minor"],
        "payment.refundable_minor": about["refundable"]["minor"],
        "payment.status": before.fields["status"],
        "order.status": about["order_status"],
        "order.placed_at": about["placed_at"],
        "customer.id": about["customer"],
        "customer.refunds_24h": about["customer_refunds_24h"],
    }


def undo(_params: RefundParams, now: Snapshot) -> Reversible | Irreversible:
    """A refund can be called back until the payout leaves."""
    if now.about["has_payout_left"]:
        return Irreversible("the payout has left")
    return Reversible(f"until the payout of {now.about['payout_on']}")


def apply(connection: Connection, params: RefundParams, live: Snapshot, stamp: Stamp) -> None:
    """One more refund, and the payment's new sum."""
    connection.execute(
        insert(refunds).values(
            id=stamp.reference,
            payment_id=params.payment,
            amount_minor=params.amount.minor,
            reason=params.reason,
            created_at=stamp.at,
            created_by=stamp.account,
            reversed_at="",
        )
    )
    _set_refunded(connection, params, live, params.amount.minor, stamp)


def take_back(
    connection: Connection, params: RefundParams, live: Snapshot, taken: Taken, stamp: Stamp
) -> None:
    """The refund is marked reversed; other refunds of the payment stay."""
    if live.about["has_payout_left"]:
        raise cannot_take_back(live, "the payout has left")
    connection.execute(
        update(refunds).where(refunds.c.id == taken.reference).values(reversed_at=stamp.at)
    )
    _set_refunded(connection, params, live, -params.amount.minor, stamp)


def _set_refunded(
    connection: Connection, params: RefundParams, live: Snapshot, more_minor: int, stamp: Stamp
) -> None:
    refunded_minor = live.fields["refunded"]["minor"] + more_minor
    connection.execute(
        update(payments)
        .where(payments.c.id == params.payment)
        .values(
            refunded_minor=refunded_minor,
            status=status_of(refunded_minor, live.about["paid"]["minor"]),
            version=payments.c.version + 1,
            changed_by=stamp.account,
            changed_at=stamp.at,
        )
    )


def status_of(refunded_minor: int, paid_minor: int) -> str:
    """A payment's status follows from its sums."""
    if refunded_minor == 0:
        return "paid"
    return "refunded" if refunded_minor == paid_minor else "partly refunded"


_desk = Transaction("payments.refund", READ_SCOPES, SCOPES, load, preview, apply, take_back)

OPERATION = Operation(
    name="payments.refund",
    title="Refund a payment",
    system="Payments",
    params=RefundParams,
    scopes=SCOPES,
    fact_types={
        "refund.amount_minor": "int",
        "refund.currency": "string",
        "payment.currency": "string",
        "payment.paid_minor": "int",
        "payment.refundable_minor": "int",
        "payment.status": "string",
        "order.status": "string",
        "order.placed_at": "timestamp",
        "customer.id": "string",
        "customer.refunds_24h": "int",
    },
    read=_desk.read,
    preview=preview,
    facts=facts,
    execute=_desk.execute,
    lookup=_desk.lookup,
    undo=undo,
    compensate=_desk.compensate,
    cost_micro_usd=CALL_COST_MICRO_USD,
)

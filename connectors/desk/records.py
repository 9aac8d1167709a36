"""Rows of the desk as values: what the operations load, with what policy and card want to know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from connectors.desk.tables import customers, notes, orders, payments, refunds
from connectors.desk.transaction import timestamp
from connectors.errors import Rejected
from connectors.operation import Snapshot, Value

RECENT_REFUNDS_WINDOW = timedelta(hours=24)

# Made once: making a statement takes as long as carrying it out.
_ORDER = (
    select(orders, customers.c.name.label("customer_name"))
    .join_from(orders, customers)
    .where(orders.c.id == bindparam("order"))
)
_PAYMENT = select(payments).where(payments.c.id == bindparam("payment"))
_RECENT_REFUNDS = (
    select(func.count())
    .select_from(refunds)
    .join(payments)
    .join(orders)
    .where(orders.c.customer_id == bindparam("customer"))
    .where(refunds.c.created_at > bindparam("since"), refunds.c.reversed_at == "")
)
_LAST_REFUND_BY = (
    select(refunds.c.created_by)
    .where(refunds.c.payment_id == bindparam("payment"), refunds.c.reversed_at == "")
    .order_by(refunds.c.created_at.desc(), refunds.c.id)
    .limit(1)
)
_HERE = (notes.c.order_id == bindparam("order")) & (notes.c.is_deleted == 0)
_NOTES = select(func.count()).select_from(notes).where(_HERE)
_LAST_NOTE = select(notes.c.text).where(_HERE).order_by(notes.c.id.desc()).limit(1)


def load_order(connection: Connection, order: str) -> Row[Any]:
    """The order with its customer's name. Raises Rejected when there is none."""
    row = connection.execute(_ORDER, {"order": order}).one_or_none()
    if row is None:
        raise missing(f"order {order}")
    return row


def load_payment(connection: Connection, payment: str) -> Row[Any]:
    """The payment. Raises Rejected when there is none."""
    row = connection.execute(_PAYMENT, {"payment": payment}).one_or_none()
    if row is None:
        raise missing(f"payment {payment}")
    return row


def count_recent_refunds(connection: Connection, customer: str, now: datetime) -> int:
    """How many refunds that still stand the customer got in the last 24 hours."""
    since = timestamp(now - RECENT_REFUNDS_WINDOW)
    count = connection.scalar(_RECENT_REFUNDS, {"customer": customer, "since": since})
    return int(count or 0)


def last_refund_by(connection: Connection, payment: str) -> str:
    """Who made the last refund that still stands, empty when there is none."""
    return connection.scalar(_LAST_REFUND_BY, {"payment": payment}) or ""


def load_notes(connection: Connection, order: str) -> tuple[int, str]:
    """How many notes the order has, and the last one's text."""
    count = connection.scalar(_NOTES, {"order": order})
    last = connection.scalar(_LAST_NOTE, {"order": order})
    return int(count or 0), last or ""


def about_order(order: Row[Any]) -> dict[str, Value]:
    """The context that every operation on an order shows."""
    return {
        "order": order.id,
        "order_status": order.status,
        "placed_at": order.placed_at,
        "customer": order.customer_id,
        "customer_name": order.customer_name,
        **about_change(order),
    }


def about_change(row: Row[Any]) -> dict[str, Value]:
    """Who changed the record last."""
    return {"last_changed_by": row.changed_by, "last_changed_at": row.changed_at}


def changes(before: Snapshot, after: Mapping[str, Value]) -> dict[str, Value]:
    """Only the fields that become different."""
    return {name: value for name, value in after.items() if before.fields[name] != value}


def missing(resource: str) -> Rejected:
    """There is no such record."""
    return Rejected(
        f"The orders desk has no {resource}.",
        next_step="Check the number; nothing was written.",
    )

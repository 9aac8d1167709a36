"""Changes that others make at the desk, past Assent: colleagues, batches, the carrier, the bank."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import Table, Update, insert, update

from connectors.desk.engines import check_is_there, service_engine
from connectors.desk.payments_refund import status_of
from connectors.desk.records import load_order, load_payment
from connectors.desk.session import translated, utc_now
from connectors.desk.tables import orders, payments, refunds, tickets
from connectors.desk.transaction import timestamp
from connectors.errors import Rejected
from connectors.money import format_money


def refund_payment(address: str, payment: str, amount_minor: int, by: str = "ops-batch") -> None:
    """Somebody else refunds `amount_minor` (at least 1) of the payment."""
    check_is_there(address)
    engine = service_engine(address).execution_options(is_writing=True)
    with translated(by), engine.begin() as connection:
        row = load_payment(connection, payment)
        refunded_minor = row.refunded_minor + amount_minor
        if not 0 < refunded_minor <= row.paid_minor:
            paid = format_money(row.paid_minor, row.currency)
            raise Rejected(f"The payment {payment} is over {paid}; it cannot give back that much.")
        now = timestamp(utc_now())
        connection.execute(
            insert(refunds).values(
                id=f"re_{payment}_v{row.version}",
                payment_id=payment,
                amount_minor=amount_minor,
                reason="made at the desk",
                created_at=now,
                created_by=by,
                reversed_at="",
            )
        )
        status = status_of(refunded_minor, row.paid_minor)
        connection.execute(
            _changed(payments, payment, by).values(refunded_minor=refunded_minor, status=status)
        )


def set_ticket_status(
    address: str,
    ticket: str,
    status: Literal["open", "pending", "solved"],
    by: str = "dana@helpdesk",
) -> None:
    """Somebody else changes the ticket."""
    _change(address, tickets, ticket, by, {"status": status})


def set_order_status(
    address: str,
    order: str,
    status: Literal["placed", "shipped", "delivered", "cancelled"],
    by: str = "warehouse",
) -> None:
    """The warehouse ships the order, or somebody cancels it."""
    _change(address, orders, order, by, {"status": status})


def pay_out(address: str, order: str, by: str = "bank") -> None:
    """The payout of the order's payment leaves: its refunds can no longer be called back."""
    check_is_there(address)
    yesterday: date = utc_now().date() - timedelta(days=1)
    engine = service_engine(address).execution_options(is_writing=True)
    with translated(by), engine.begin() as connection:
        load_order(connection, order)
        connection.execute(
            update(payments)
            .where(payments.c.order_id == order)
            .values(
                payout_on=yesterday.isoformat(),
                version=payments.c.version + 1,
                changed_by=by,
                changed_at=timestamp(utc_now()),
            )
        )


def _change(address: str, table: Table, identifier: str, by: str, values: dict[str, Any]) -> None:
    check_is_there(address)
    engine = service_engine(address).execution_options(is_writing=True)
    with translated(by), engine.begin() as connection:
        done = connection.execute(_changed(table, identifier, by).values(**values))
        if done.rowcount != 1:
            raise Rejected(f"The orders desk has no {table.name[:-1]} {identifier}.")


def _changed(table: Table, identifier: str, by: str) -> Update:
    return (
        update(table)
        .where(table.c.id == identifier)
        .values(version=table.c.version + 1, changed_by=by, changed_at=timestamp(utc_now()))
    )

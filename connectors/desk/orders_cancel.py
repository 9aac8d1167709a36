"""`orders.cancel`: cancel an order that has not been shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, update

from connectors.desk import records
from connectors.desk.tables import orders
from connectors.desk.transaction import (
    CALL_COST_MICRO_USD,
    Stamp,
    Taken,
    Transaction,
    check_stands,
)
from connectors.errors import Rejected
from connectors.money import money
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Identifier, Text

READ_SCOPES = frozenset({"orders:read"})
SCOPES = READ_SCOPES | {"orders:write"}


class CancelParams(Params):
    """Which order, and why."""

    order: Identifier
    reason: Text


def load(connection: Connection, params: CancelParams, _now: datetime) -> Snapshot:
    """The order as it stands."""
    order = records.load_order(connection, params.order)
    return Snapshot(
        system="Orders",
        resource=f"order {order.id}",
        version=str(order.version),
        fields={"status": order.status},
        about={
            **records.about_order(order),
            "total": money(order.total_minor, order.currency),
        },
    )


def preview(_params: CancelParams, before: Snapshot) -> Mapping[str, Value]:
    """The order cancelled. Rejected once it has been shipped or cancelled."""
    status = before.fields["status"]
    if status == "cancelled":
        raise Rejected(f"The {before.resource} is cancelled already.", next_step="Nothing to do.")
    if status != "placed":
        raise Rejected(
            f"The {before.resource} is {status} and can no longer be cancelled.",
            next_step="Ask for a return and a refund instead.",
        )
    return {"status": "cancelled"}


def facts(_params: CancelParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges a cancellation on."""
    return {
        "order.status": before.fields["status"],
        "order.placed_at": before.about["placed_at"],
        "order.total_minor": before.about["total"]["minor"],
        "order.currency": before.about["total"]["currency"],
    }


def undo(_params: CancelParams, _now: Snapshot) -> Reversible | Irreversible:
    """A cancelled order can be placed again."""
    return Reversible("the order is placed again, while nobody else changes its status")


def apply(connection: Connection, params: CancelParams, _live: Snapshot, stamp: Stamp) -> None:
    """The order is cancelled. The reason is the request's and stays with it."""
    _set_status(connection, params, "cancelled", stamp)


def take_back(
    connection: Connection, params: CancelParams, live: Snapshot, taken: Taken, stamp: Stamp
) -> None:
    """The status that the order had."""
    check_stands(live, taken)
    _set_status(connection, params, taken.before["status"], stamp)


def _set_status(connection: Connection, params: CancelParams, status: str, stamp: Stamp) -> None:
    connection.execute(
        update(orders)
        .where(orders.c.id == params.order)
        .values(
            status=status,
            version=orders.c.version + 1,
            changed_by=stamp.account,
            changed_at=stamp.at,
        )
    )


_desk = Transaction("orders.cancel", READ_SCOPES, SCOPES, load, preview, apply, take_back)

OPERATION = Operation(
    name="orders.cancel",
    title="Cancel an order",
    system="Orders",
    params=CancelParams,
    scopes=SCOPES,
    fact_types={
        "order.status": "string",
        "order.placed_at": "timestamp",
        "order.total_minor": "int",
        "order.currency": "string",
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

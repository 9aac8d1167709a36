"""`orders.change_address`: send an order somewhere else, before it is shipped."""

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
    cannot_take_back,
    check_stands,
)
from connectors.errors import Rejected
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Country, Identifier, Line

READ_SCOPES = frozenset({"orders:read"})
SCOPES = READ_SCOPES | {"orders:write"}
ADDRESS = ("street", "city", "postcode", "country")


class AddressParams(Params):
    """Which order, and where it goes."""

    order: Identifier
    street: Line
    city: Line
    postcode: Line
    country: Country


def load(connection: Connection, params: AddressParams, _now: datetime) -> Snapshot:
    """The order's address as it stands."""
    order = records.load_order(connection, params.order)
    return Snapshot(
        system="Orders",
        resource=f"order {order.id}",
        version=str(order.version),
        fields={name: getattr(order, name) for name in ADDRESS},
        about=records.about_order(order),
    )


def preview(params: AddressParams, before: Snapshot) -> Mapping[str, Value]:
    """The new address. Rejected once the order is shipped or cancelled."""
    status = before.about["order_status"]
    if status != "placed":
        raise Rejected(
            f"The {before.resource} is {status}; its address can no longer be changed.",
            next_step="Ask the carrier to redirect the parcel."
            if status == "shipped"
            else "Nothing to do.",
        )
    return records.changes(before, {name: getattr(params, name) for name in ADDRESS})


def facts(params: AddressParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges a new address on."""
    return {
        "order.status": before.about["order_status"],
        "address.country": params.country,
        "address.current_country": before.fields["country"],
    }


def undo(_params: AddressParams, now: Snapshot) -> Reversible | Irreversible:
    """The earlier address can be set again until the order is shipped."""
    status = now.about["order_status"]
    if status != "placed":
        return Irreversible(f"the order is {status}")
    return Reversible("until the order is shipped")


def apply(connection: Connection, params: AddressParams, _live: Snapshot, stamp: Stamp) -> None:
    """The new address."""
    _set_address(connection, params, {name: getattr(params, name) for name in ADDRESS}, stamp)


def take_back(
    connection: Connection, params: AddressParams, live: Snapshot, taken: Taken, stamp: Stamp
) -> None:
    """The address that the order had."""
    if live.about["order_status"] != "placed":
        raise cannot_take_back(live, f"the order is {live.about['order_status']}")
    check_stands(live, taken)
    _set_address(connection, params, taken.before, stamp)


def _set_address(
    connection: Connection, params: AddressParams, address: Mapping[str, Value], stamp: Stamp
) -> None:
    connection.execute(
        update(orders)
        .where(orders.c.id == params.order)
        .values(
            **address,
            version=orders.c.version + 1,
            changed_by=stamp.account,
            changed_at=stamp.at,
        )
    )


_desk = Transaction("orders.change_address", READ_SCOPES, SCOPES, load, preview, apply, take_back)

OPERATION = Operation(
    name="orders.change_address",
    title="Change a shipping address",
    system="Orders",
    params=AddressParams,
    scopes=SCOPES,
    fact_types={
        "order.status": "string",
        "address.country": "string",
        "address.current_country": "string",
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

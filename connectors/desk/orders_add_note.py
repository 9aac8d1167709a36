"""`orders.add_note`: leave a note on an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, update

from connectors.desk import records
from connectors.desk.tables import notes, orders
from connectors.desk.transaction import CALL_COST_MICRO_USD, Stamp, Taken, Transaction
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Identifier, Text

READ_SCOPES = frozenset({"orders:read"})
SCOPES = READ_SCOPES | {"notes:write"}


class NoteParams(Params):
    """Which order, and what to note."""

    order: Identifier
    text: Text


def load(connection: Connection, params: NoteParams, _now: datetime) -> Snapshot:
    """The order with the number of its notes and the last of them."""
    order = records.load_order(connection, params.order)
    count, last = records.load_notes(connection, order.id)
    return Snapshot(
        system="Orders",
        resource=f"order {order.id}",
        version=str(order.version),
        fields={"notes": count, "last_note": last},
        about=records.about_order(order),
    )


def preview(params: NoteParams, before: Snapshot) -> Mapping[str, Value]:
    """One note more."""
    return records.changes(before, {"notes": before.fields["notes"] + 1, "last_note": params.text})


def facts(_params: NoteParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {"order.status": before.about["order_status"]}


def undo(_params: NoteParams, _now: Snapshot) -> Reversible | Irreversible:
    """A note can always be removed."""
    return Reversible("the note is removed again")


def apply(connection: Connection, params: NoteParams, _live: Snapshot, stamp: Stamp) -> None:
    """The note, and the order's new version."""
    connection.execute(
        insert(notes).values(
            reference=stamp.reference,
            order_id=params.order,
            text=params.text,
            created_by=stamp.account,
            created_at=stamp.at,
            is_deleted=0,
        )
    )
    _touch(connection, params.order, stamp)


def take_back(
    connection: Connection, params: NoteParams, _live: Snapshot, taken: Taken, stamp: Stamp
) -> None:
    """That note disappears; those of others stay."""
    connection.execute(
        update(notes).where(notes.c.reference == taken.reference).values(is_deleted=1)
    )
    _touch(connection, params.order, stamp)


def _touch(connection: Connection, order: str, stamp: Stamp) -> None:
    connection.execute(
        update(orders)
        .where(orders.c.id == order)
        .values(version=orders.c.version + 1, changed_by=stamp.account, changed_at=stamp.at)
    )


_desk = Transaction("orders.add_note", READ_SCOPES, SCOPES, load, preview, apply, take_back)

OPERATION = Operation(
    name="orders.add_note",
    title="Note it on the order",
    system="Orders",
    params=NoteParams,
    scopes=SCOPES,
    fact_types={"order.status": "string"},
    read=_desk.read,
    preview=preview,
    facts=facts,
    execute=_desk.execute,
    lookup=_desk.lookup,
    undo=undo,
    compensate=_desk.compensate,
    cost_micro_usd=CALL_COST_MICRO_USD,
)

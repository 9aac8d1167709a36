"""`tickets.update`: set a ticket's status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from connectors.desk import records
from connectors.desk.tables import tickets
from connectors.desk.transaction import (
    CALL_COST_MICRO_USD,
    Stamp,
    Taken,
    Transaction,
    check_stands,
)
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.text import Identifier

READ_SCOPES = frozenset({"tickets:read"})
SCOPES = READ_SCOPES | {"tickets:write"}


class TicketParams(Params):
    """Which ticket, and its new status."""

    ticket: Identifier
    status: Literal["open", "pending", "solved"]


def load(connection: Connection, params: TicketParams, _now: datetime) -> Snapshot:
    """The ticket as it stands."""
    ticket = connection.execute(select(tickets).where(tickets.c.id == params.ticket)).one_or_none()
    if ticket is None:
        raise records.missing(f"ticket {params.ticket}")
    return Snapshot(
        system="Tickets",
        resource=f"ticket {ticket.id}",
        version=str(ticket.version),
        fields={"status": ticket.status},
        about={
            "subject": ticket.subject,
            "order": ticket.order_id,
            **records.about_change(ticket),
        },
    )


def preview(params: TicketParams, before: Snapshot) -> Mapping[str, Value]:
    """The ticket's new status; nothing when it has it already."""
    return records.changes(before, {"status": params.status})


def facts(_params: TicketParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {"ticket.status": before.fields["status"]}


def undo(_params: TicketParams, now: Snapshot) -> Reversible | Irreversible:
    """The earlier status can always be set again."""
    return Reversible(f"back to {now.fields['status']}, while nobody else changes the ticket")


def apply(connection: Connection, params: TicketParams, _live: Snapshot, stamp: Stamp) -> None:
    """The new status."""
    _set_status(connection, params, params.status, stamp)


def take_back(
    connection: Connection, params: TicketParams, live: Snapshot, taken: Taken, stamp: Stamp
) -> None:
    """The status that the ticket had."""
    check_stands(live, taken)
    _set_status(connection, params, taken.before["status"], stamp)


def _set_status(connection: Connection, params: TicketParams, status: str, stamp: Stamp) -> None:
    connection.execute(
        update(tickets)
        .where(tickets.c.id == params.ticket)
        .values(
            status=status,
            version=tickets.c.version + 1,
            changed_by=stamp.account,
            changed_at=stamp.at,
        )
    )


_desk = Transaction("tickets.update", READ_SCOPES, SCOPES, load, preview, apply, take_back)

OPERATION = Operation(
    name="tickets.update",
    title="Update a ticket",
    system="Tickets",
    params=TicketParams,
    scopes=SCOPES,
    fact_types={"ticket.status": "string"},
    read=_desk.read,
    preview=preview,
    facts=facts,
    execute=_desk.execute,
    lookup=_desk.lookup,
    undo=undo,
    compensate=_desk.compensate,
    cost_micro_usd=CALL_COST_MICRO_USD,
)

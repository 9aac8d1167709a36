"""One record with one of its fields, as it stands now; and where it went if it is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connectors import wire
from connectors.errors import Rejected
from connectors.operation import Value
from connectors.salesforce.ids import PREFIXES, is_id
from connectors.salesforce.objects import TITLES, Described, describe
from connectors.salesforce.session import Session
from connectors.salesforce.soql import quoted, select
from connectors.salesforce.values import Field, body, shown
from connectors.saying import safe
from connectors.wire import Call

_ALWAYS = ("Owner.Name", "SystemModstamp", "LastModifiedDate", "LastModifiedBy.Name")
_MASTERS = frozenset({"Account", "Case"})  # of our objects, those that can be merged
_CLOSING = frozenset({"Opportunity", "Case"})  # those that are open or closed


@dataclass(frozen=True)
class Found:
    """A record. `stamp` moves with every change, to the second; `modified_at` with people's."""

    object: str
    id: str
    title: str
    owner: str
    stamp: str
    modified_at: datetime
    modified_by: str
    is_closed: bool
    value: Value
    field: Field
    described: Described

    @property
    def resource(self) -> str:
        """As people call it: "Opportunity Big deal (006...)"."""
        return f"{self.described.label} {self.title} ({self.id})"


def load(session: Session, object_name: str, record: str, field_name: str) -> Found:
    """The record now. Raises of the tree; Rejected that says where it is gone to."""
    if not is_id(object_name, record):
        raise Rejected(
            f"{record} is no id of an {object_name}.",
            next_step=f"Give the id, which begins with {PREFIXES[object_name]}.",
        )
    described = describe(session, object_name)
    field = described.fields.get(field_name)
    if field is None:
        raise Rejected(
            f"{described.label} has no field {field_name} that this account may see.",
            next_step="Give the field's API name, or ask the org's administrator.",
        )
    call = Call(f"{object_name} {record}", is_write=False, scope="records:read")
    closing = ("IsClosed",) if object_name in _CLOSING else ()
    columns = dict.fromkeys(("Id", TITLES[object_name], field_name, *closing, *_ALWAYS))
    rows = session.query(select(columns, object_name, f"Id = {quoted(record)}"), call)
    if not rows:
        raise _gone(session, object_name, record)
    try:
        return _found(object_name, rows[0], field, described)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise wire.unreadable(session.peer, call, "a field is not of its type") from None


def write(session: Session, live: Found, value: Value) -> None:
    """Sets the field, unless somebody changed the record since the second in which it was last
    changed when it was read: Salesforce compares that itself. Raises of the tree."""
    session.patch(
        f"sobjects/{live.object}/{live.id}",
        body(live.field, value),
        Call(live.resource, is_write=True, scope="records:write"),
        {"If-Unmodified-Since": format_datetime(live.modified_at, usegmt=True)},
    )


def _found(object_name: str, row: Mapping[str, Any], field: Field, described: Described) -> Found:
    return Found(
        object=object_name,
        id=str(row["Id"]),
        title=safe(row[TITLES[object_name]] or ""),
        owner=_name(row, "Owner"),
        stamp=str(row["SystemModstamp"]),
        modified_at=datetime.fromisoformat(row["LastModifiedDate"]).astimezone(UTC),
        modified_by=_name(row, "LastModifiedBy"),
        is_closed=row.get("IsClosed") is True,
        value=shown(field, row[field.name]),
        field=field,
        described=described,
    )


def _name(row: Mapping[str, Any], relation: str) -> str:
    person = row.get(relation)
    return safe(person.get("Name") or "") if isinstance(person, Mapping) else ""


def _gone(session: Session, object_name: str, record: str) -> Rejected:
    """Merged, deleted, or hidden from the account."""
    columns = ["IsDeleted", *(["MasterRecordId"] if object_name in _MASTERS else [])]
    rows = session.query(
        select(columns, object_name, f"Id = {quoted(record)}"),
        Call(f"{object_name} {record}", is_write=False, scope="records:read"),
        "queryAll/",
    )
    if rows and rows[0].get("MasterRecordId"):
        into = safe(rows[0]["MasterRecordId"])
        return Rejected(
            f"{object_name} {record} was merged into {into}.", next_step=f"Ask for {into} instead."
        )
    if rows and rows[0].get("IsDeleted"):
        return Rejected(
            f"{object_name} {record} is deleted.",
            next_step="Restore it from the recycle bin first if it is meant.",
        )
    return Rejected(
        f"Salesforce does not have {object_name} {record} for the account {session.account}.",
        next_step="Check the id, and whether the account may see the record.",
    )

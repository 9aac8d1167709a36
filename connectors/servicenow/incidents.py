"""Incidents as Assent reads them: by number, each value as stored and as people see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import StringConstraints

from connectors import wire
from connectors.errors import Conflict, Rejected
from connectors.operation import FactType, Guard, Snapshot, Value
from connectors.saying import safe
from connectors.servicenow.session import SYSTEM, Row, Session, shown, stored
from connectors.wire import Call

READ_SCOPES = frozenset({"incidents:read"})
WRITE_SCOPES = READ_SCOPES | {"incidents:write"}
GUARD = Guard("re-read", "the incident's values and the count of its modifications")
FIELDS = (
    "sys_id", "number", "short_description", "description", "state", "hold_reason", "priority",
    "urgency", "impact", "category", "caller_id", "caller_id.email", "assigned_to",
    "assigned_to.email", "assignment_group", "close_code", "close_notes", "parent_incident",
    "correlation_id", "correlation_display", "sys_mod_count", "sys_created_by", "sys_updated_on",
    "active",
)  # fmt: skip

# The state model of Incident Management (KB0564465); an instance may add states between.
NEW, IN_PROGRESS, ON_HOLD, RESOLVED, CLOSED, CANCELED = "1", "2", "3", "6", "7", "8"
DUPLICATE = "duplicate"  # the resolution code of an incident that was merged into its parent
_SYS_ID = re.compile(r"[0-9a-f]{32}")
CHOICES_MAX = 200  # of one field that are read

Number = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}[0-9]{4,12}$")]

FACT_TYPES: Mapping[str, FactType] = {
    "incident.state": "string",
    "incident.is_open": "bool",
    "incident.priority": "int",
    "incident.category": "string",
    "incident.assignment_group": "string",
    "incident.is_assigned": "bool",
    "incident.assignee_email": "string",
    "incident.caller_email": "string",
    "incident.updated_at": "timestamp",
}


@dataclass(frozen=True)
class Incident:
    """One incident as the Table API says it."""

    row: Row

    @property
    def number(self) -> str:
        return self.stored("number")

    @property
    def version(self) -> str:
        """How often it was modified: what the platform itself counts."""
        return self.stored("sys_mod_count")

    def stored(self, name: str) -> str:
        return stored(self.row, name)

    def shown(self, name: str) -> str:
        return shown(self.row, name)

    def snapshot(self, fields: Mapping[str, Value], more: Mapping[str, Value]) -> Snapshot:
        """The incident as an operation shows it."""
        resource = f"incident {self.number}"
        return Snapshot(SYSTEM, resource, self.version, fields, {**self.about(), **more})

    def about(self) -> Mapping[str, Value]:
        """What policy and the card may want to know of any incident."""
        return {
            "sys_id": self.stored("sys_id"),
            "short_description": self.stored("short_description"),
            "state": self.stored("state"),
            "state_name": self.shown("state"),
            "priority": _level(self.stored("priority")),
            "category": self.stored("category"),
            "assignment_group": self.shown("assignment_group"),
            "assigned_to": self.shown("assigned_to"),
            "assignee_email": self.stored("assigned_to.email"),
            "caller": self.shown("caller_id"),
            "caller_email": self.stored("caller_id.email"),
            "updated_at": timestamp(self.stored("sys_updated_on")),
        }


def load(session: Session, number: str, more: tuple[str, ...] = ()) -> Incident:
    """The incident of that number, with `more` fields than usual. Rejected where there is none (or
    none for this account), where there are several, or where it was merged into another."""
    call = Call(f"incident {number}", is_write=False, scope="incidents:read")
    rows = session.rows("incident", call, f"number={number}", (*FIELDS, *more), 2)
    found = [Incident(row) for row in rows if stored(row, "number") == number]
    if not found:
        raise wire.answered(session.peer, call, 404, said="no record of this number")
    if len(found) > 1:
        raise Rejected(
            f"ServiceNow has several incidents of the number {number}.",
            next_step="Nothing was written; let its admin give them numbers of their own.",
        )
    incident = found[0]
    if not _SYS_ID.fullmatch(incident.stored("sys_id")):
        raise wire.unreadable(session.peer, call, "a record without an id")
    parent = incident.shown("parent_incident")
    if parent and DUPLICATE in incident.stored("close_code").lower():
        raise Rejected(
            f"The incident {number} was merged into {safe(parent)}: it is closed as its duplicate.",
            next_step=f"Nothing was written; ask again with {safe(parent)}.",
        )
    return incident


def patch(session: Session, before: Snapshot, values: Mapping[str, Value]) -> Incident:
    """Writes to the incident of a snapshot; it as it stands after that."""
    call = Call(before.resource, is_write=True, scope="incidents:write")
    path = f"incident/{before.about['sys_id']}"
    return Incident(session.write("PATCH", path, call, values, FIELDS))


def choices(session: Session, element: str) -> Mapping[str, str]:
    """What a choice field of incidents offers: value -> label. Empty where the account may not see
    the choices, or there are none."""
    call = Call(f"the choices of {element}", is_write=False, scope="incidents:read")
    query = f"nameINincident,task^element={element}^inactive=false^language=en"
    fields = ("name", "element", "value", "label")
    rows = session.rows("sys_choice", call, query, fields, CHOICES_MAX)
    own = [r for r in rows if stored(r, "element") == element]
    own = [r for r in own if stored(r, "name") == "incident"] or own  # its own replace the task's
    return {stored(r, "value"): stored(r, "label") for r in own}


def facts(before: Snapshot) -> Mapping[str, Value]:
    """What policy judges every write to an incident on."""
    about = before.about
    return {
        "incident.state": about["state_name"],
        "incident.is_open": about["state"] not in (RESOLVED, CLOSED, CANCELED),
        "incident.priority": about["priority"],
        "incident.category": about["category"],
        "incident.assignment_group": about["assignment_group"],
        "incident.is_assigned": bool(about["assigned_to"]),
        "incident.assignee_email": about["assignee_email"],
        "incident.caller_email": about["caller_email"],
        "incident.updated_at": about["updated_at"],
    }


def is_changed(live: Snapshot, before: Snapshot) -> bool:
    """Whether the record is another than the one that was read."""
    return live.version != before.version or dict(live.fields) != dict(before.fields)


def check_unchanged(live: Snapshot, before: Snapshot) -> None:
    """Raises Conflict where the record is not the one that was read."""
    if not is_changed(live, before):
        return
    raise Conflict(
        f"The {live.resource} was changed since it was read: it is at modification {live.version},"
        f" it was read at {before.version}.",
        next_step="Nothing was written; read it again and look at the new difference.",
    )


def _level(said: str) -> int:
    """1 is the highest; 0 where none is said."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0


def timestamp(said: str) -> str:
    """The platform's "2026-11-23 12:24:19", which is UTC, as a timestamp; the epoch for none."""
    try:
        moment = datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        moment = datetime(1970, 1, 1, tzinfo=UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

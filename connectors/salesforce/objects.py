"""What an object is like at one org for one account: its fields, and the automation that a change
of a record sets off. Both change when an administrator changes them: asked anew every few minutes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from connectors import wire
from connectors.errors import Rejected
from connectors.salesforce.session import Session
from connectors.salesforce.soql import quoted, select
from connectors.salesforce.values import Field, described
from connectors.saying import safe
from connectors.wire import Call

KNOWN_SECONDS = 300.0
KNOWN_MAX = 200  # objects remembered in one process
AUTOMATION_MAX = 30  # of each kind that are listed
TITLES = {"Opportunity": "Name", "Account": "Name", "Case": "CaseNumber"}


@dataclass(frozen=True)
class Described:
    """An object. `automation` is None where the account may not see the org's setup."""

    label: str
    fields: Mapping[str, Field]
    automation: tuple[str, ...] | None


def describe(session: Session, name: str) -> Described:
    """What `name` is like. Raises of the tree."""
    key = (session.org.base, session.account, name)
    with _LOCK:
        until, known = _KNOWN.get(key, (0.0, None))
    if known is not None and until > time.monotonic():
        return known
    found = _described(session, name)
    with _LOCK:
        _KNOWN.pop(key, None)
        _KNOWN[key] = (time.monotonic() + KNOWN_SECONDS, found)
        while len(_KNOWN) > KNOWN_MAX:
            del _KNOWN[next(iter(_KNOWN))]
    return found


def _described(session: Session, name: str) -> Described:
    call = Call(f"the object {name}", is_write=False, scope="records:read")
    said = session.get(f"sobjects/{name}/describe", call)
    fields, label = said.get("fields"), said.get("label")
    if not isinstance(fields, list) or not isinstance(label, str):
        raise wire.unreadable(session.peer, call, "it describes no fields")
    try:
        by_name = {str(each["name"]): described(each) for each in fields}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise wire.unreadable(session.peer, call, "it describes a field otherwise") from None
    return Described(label, by_name, _automation(session, name, label))


def _automation(session: Session, name: str, label: str) -> tuple[str, ...] | None:
    """Active flows, validation rules and triggers that run when a record of the object is saved."""
    questions = (
        (
            "flow",
            "query/",
            "FlowDefinitionView",
            "Label",
            # not IsActive: it is false while a newer version is a draft
            "ActiveVersionId != null AND TriggerType IN ('RecordBeforeSave', 'RecordAfterSave')"
            f" AND TriggerObjectOrEventLabel = {quoted(label)}",
        ),
        (
            "validation rule",
            "tooling/query/",
            "ValidationRule",
            "ValidationName",
            f"Active = true AND EntityDefinition.QualifiedApiName = {quoted(name)}",
        ),
        (
            "trigger",
            "tooling/query/",
            "ApexTrigger",
            "Name",
            f"Status = 'Active' AND TableEnumOrId = {quoted(name)}",
        ),
    )
    found: list[str] = []
    for kind, path, source, column, where in questions:
        call = Call(f"the automation of {name}", is_write=False)
        soql = select((column,), source, where, order=column, rows_max=AUTOMATION_MAX)
        try:
            records = session.query(soql, call, path)
        except Rejected:  # needs the permission "View Setup and Configuration"
            return None
        found += [f"{kind}: {safe(record.get(column, ''))}" for record in records]
    return tuple(found)


_KNOWN: dict[tuple[str, str, str], tuple[float, Described]] = {}
_LOCK = Lock()

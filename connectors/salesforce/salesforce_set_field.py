"""`salesforce.set_field`: one field of an opportunity, an account or a case.

Salesforce compares two things: when the record was last changed, to the second, by itself; and its
value, which is read again immediately before. It keeps no key: a write whose answer was lost is
found by the record being as the write would leave it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints

from connectors.errors import Conflict, ConnectorError, OutcomeUnknown, Rejected
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.salesforce.records import Found, load, write
from connectors.salesforce.session import Session
from connectors.salesforce.values import typed, whole
from connectors.text import Text

READ_SCOPES = frozenset({"records:read"})
SCOPES = READ_SCOPES | {"records:write"}
NOT_LISTED = "cannot be listed: the account may not view the org's setup"

SHOWN_MAX = 5  # of what it sets off, on the card; the details list all

RecordId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{15}([A-Z0-5]{3})?$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]


class FieldParams(Params):
    """Which field of which record, and its new value as text: `12500.50`, `2026-11-30`, `true`."""

    object: Literal["Opportunity", "Account", "Case"]
    record: RecordId
    field: FieldName
    value: Text


def read(session: Session, params: FieldParams) -> Snapshot:
    """The record with that field, and what of the org's automation a change of it sets off."""
    session.require(READ_SCOPES)
    return _snapshot(params, _load(session, params))


def preview(params: FieldParams, before: Snapshot) -> Mapping[str, Value]:
    """The field's new value. Rejected for what its type, its list or its rights do not permit."""
    if refusal := before.about["refusal"]:
        raise Rejected(refusal["message"], next_step=refusal["next_step"])
    after = before.about["wanted"]
    return {} if before.fields[params.field] == after else {params.field: after}


def facts(params: FieldParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on. Numbers also as their whole part, to be compared."""
    now, wanted = before.fields[params.field], before.about["wanted"]
    is_hidden = before.about["automation"] == [NOT_LISTED]
    return {
        "record.object": params.object,
        "record.id": before.about["id"],
        "record.owner": before.about["owner"],
        "record.is_closed": before.about["is_closed"],
        "record.automation": [] if is_hidden else list(before.about["automation"]),
        "record.is_automation_known": not is_hidden,
        "field.name": params.field,
        "field.type": before.about["type"],
        "field.before": "" if now is None else str(now),
        "field.after": params.value if wanted is None else str(wanted),
        "field.before_whole": whole(now),
        "field.after_whole": whole(wanted),
    }


def undo(params: FieldParams, now: Snapshot) -> Reversible | Irreversible:
    """The earlier value can be set again; what automation did meanwhile stays."""
    if now.fields[params.field] is None and not now.about["can_be_empty"]:
        return Irreversible("it was empty, and Salesforce no longer lets it be empty")
    return Reversible(f"back to what it was, while nobody else changes it{_sets_off(now)}")


def execute(session: Session, params: FieldParams, before: Snapshot, _key: str) -> Result:
    """Sets the field on the record that was read, unless it is set."""
    session.require(SCOPES)
    found = _load(session, params)
    live = _snapshot(params, found)
    if not preview(params, live):
        return _result(params, live, is_replay=True)
    if live.version != before.version:
        raise _changed(live)
    return _written(session, params, found, live.about["wanted"])


def lookup(session: Session, params: FieldParams, _key: str) -> Result | None:
    """The record, if the field is as the write leaves it."""
    live = read(session, params)
    is_so = not live.about["refusal"] and not preview(params, live)
    return _result(params, live, is_replay=True) if is_so else None


def compensate(
    session: Session, params: FieldParams, before: Snapshot, _result_: Result, _key: str
) -> Result:
    """Sets the value that was read, while the field is as the write left it."""
    session.require(SCOPES)
    found = _load(session, params)
    live = _snapshot(params, found)
    was = before.fields[params.field]
    if live.fields[params.field] == was:
        return _result(params, live, is_replay=True)
    if live.fields[params.field] != live.about["wanted"]:
        raise Rejected(
            f"{live.resource} can no longer be taken back: {found.modified_by} changed"
            f" {params.field} since.",
            next_step="Nothing was changed; put it right by hand.",
        )
    if isinstance(said := undo(params, before), Irreversible):
        raise Rejected(f"{live.resource} stays: {said.why}.", next_step="Put it right by hand.")
    return _written(session, params, found, was)


def _sets_off(now: Snapshot) -> str:
    """A clause for the card: validation rules refuse, the others do something."""
    found = [each for each in now.about["automation"] if not each.startswith("validation rule")]
    if found == [NOT_LISTED]:
        return f"; what automation it sets off {NOT_LISTED}"
    if not found:
        return ""
    more = f" and {len(found) - SHOWN_MAX} more" if len(found) > SHOWN_MAX else ""
    return f"; what it sets off is not taken back ({', '.join(found[:SHOWN_MAX])}{more})"


def _written(session: Session, params: FieldParams, found: Found, value: Value) -> Result:
    """The write and the version that it left. One that was quicker with the same counts as it."""
    try:
        write(session, found, value)
    except Conflict:
        live = read(session, params)
        if live.fields[params.field] == value:
            return _result(params, live, is_replay=True)
        raise
    try:
        return _result(params, read(session, params))
    except ConnectorError:
        raise OutcomeUnknown(
            f"Salesforce took the change of {found.resource}, which could not be read afterwards.",
            next_step="Look at the record before doing anything else.",
        ) from None


def _load(session: Session, params: FieldParams) -> Found:
    return load(session, params.object, params.record, params.field)


def _snapshot(params: FieldParams, found: Found) -> Snapshot:
    wanted: Value = None
    refusal: dict[str, str] = {}
    try:
        wanted = typed(found.field, params.value)
    except Rejected as refused:
        refusal = {"message": refused.message, "next_step": refused.next_step}
    automation = found.described.automation
    return Snapshot(
        system="Salesforce",
        resource=found.resource,
        version=_version(found),
        fields={found.field.name: found.value},
        about={
            "automation": [NOT_LISTED] if automation is None else list(automation),
            "id": found.id,
            "label": found.field.label,
            "type": found.field.type,
            "owner": found.owner,
            "is_closed": found.is_closed,
            "can_be_empty": found.field.can_be_empty,
            "wanted": wanted,
            "refusal": refusal,
            "last_changed_by": found.modified_by,
            "last_changed_at": found.modified_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    )


def _version(found: Found) -> str:
    """Two changes within one second have the same stamp; of the field itself none is missed."""
    value = json.dumps(found.value)
    return f"{found.stamp}/{hashlib.sha256(value.encode()).hexdigest()[:12]}"


def _result(params: FieldParams, live: Snapshot, *, is_replay: bool = False) -> Result:
    return Result(f"{params.object}/{live.about['id']}/{params.field}", live.version, is_replay)


def _changed(live: Snapshot) -> Conflict:
    return Conflict(
        f"{live.resource} was changed by {live.about['last_changed_by']} at"
        f" {live.about['last_changed_at']}.",
        next_step="Nothing was written; read it again and look at the new difference.",
    )


OPERATION = Operation(
    name="salesforce.set_field",
    title="Set a field in Salesforce",
    system="Salesforce",
    params=FieldParams,
    scopes=SCOPES,
    fact_types={
        "record.object": "string",
        "record.id": "string",
        "record.owner": "string",
        "record.is_closed": "bool",
        "record.automation": "list<string>",
        "record.is_automation_known": "bool",
        "field.name": "string",
        "field.type": "string",
        "field.before": "string",
        "field.after": "string",
        "field.before_whole": "int",
        "field.after_whole": "int",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "when it was last changed (SystemModstamp), and the field's value"),
    remembers="state",
)

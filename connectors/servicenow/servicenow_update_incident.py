"""`servicenow.update_incident`: set one field of an open incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.errors import Rejected
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.saying import safe
from connectors.servicenow import incidents, people
from connectors.servicenow.incidents import CANCELED, CLOSED, RESOLVED, Incident, Number
from connectors.servicenow.session import SYSTEM, Session
from connectors.servicenow.state import StateOfIncident, differing
from connectors.text import Text

SCOPES = incidents.WRITE_SCOPES | {"people:read"}
SHORT_CHARACTERS_MAX = 160  # of a short description, the platform's own limit
OFFERED_SHOWN = 12

Field = Literal[
    "short_description", "description", "urgency", "impact", "category", "assignment_group",
    "assigned_to",
]  # fmt: skip
_CHOSEN = ("urgency", "impact", "category")
_REFERENCES = ("assignment_group", "assigned_to")


class UpdateParams(Params):
    """Which incident, which field, and its new value: a text, a choice's stored value, a group's
    exact name, a person's e-mail address. ServiceNow makes the priority of impact and urgency."""

    incident: Number
    field: Field
    value: Text


def show(session: Session, params: UpdateParams, incident: Incident) -> Snapshot:
    """The field as it stands, with what its new value would be stored as."""
    field, raw = params.field, incident.stored(params.field)
    offered: Mapping[str, str] = {}
    target = people.NOBODY
    if field in _CHOSEN:
        offered = incidents.choices(session, field)
    elif field == "assignment_group":
        target = people.group(session, params.value)
    elif field == "assigned_to":
        target = people.person(session, params.value)
    fields: dict[str, Value] = {field: raw}
    if field in _REFERENCES:
        fields = {field: incident.shown(field), f"{field}_id": raw}
    more = {"raw": {field: raw}, "offered": dict(offered), "target": target.as_value()}
    return incident.snapshot(fields, more)


def preview(params: UpdateParams, before: Snapshot) -> Mapping[str, Value]:
    """The field's new value; Rejected where the incident or the field cannot take it."""
    about = before.about
    if about["state"] in (RESOLVED, CLOSED, CANCELED):
        raise Rejected(
            f"The {before.resource} is {safe(about['state_name'])}: it takes no change any more.",
            next_step="Reopen it first, or open a new one.",
        )
    after: dict[str, Value] = {params.field: _shown(params, before)}
    if params.field in _REFERENCES:
        after[f"{params.field}_id"] = about["target"]["sys_id"]
    return differing(before, after)


def facts(params: UpdateParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        **incidents.facts(before),
        "field.name": params.field,
        "target.email": before.about["target"]["email"],
    }


def undo(_params: UpdateParams, now: Snapshot) -> Reversible | Irreversible:
    """An open incident's field can always be put back."""
    if now.about["state"] in (RESOLVED, CLOSED, CANCELED):
        return Irreversible(f"it is {now.about['state_name']} by now")
    return Reversible("back to what it was, while nobody else changes it")


def values(params: UpdateParams, live: Snapshot) -> Mapping[str, Value]:
    """The value as it is stored."""
    if params.field in _REFERENCES:
        return {params.field: live.about["target"]["sys_id"]}
    return {params.field: _shown(params, live)}


def check_back(live: Snapshot) -> None:
    """Raises Rejected where it is closed by now."""
    if live.about["state"] in (RESOLVED, CLOSED, CANCELED):
        raise Rejected(
            f"The {live.resource} is {safe(live.about['state_name'])} by now.",
            next_step="Nothing was taken back; look at it and decide anew.",
        )


def _shown(params: UpdateParams, before: Snapshot) -> str:
    field, value = params.field, params.value
    if field in _REFERENCES:
        target = before.about["target"]
        if not target["sys_id"]:
            raise _refused(params, target["why"])
        return str(target["name"])
    if field in _CHOSEN:
        offered: Mapping[str, str] = before.about["offered"]
        if offered and value not in offered:
            names = [f"{v} ({label})" for v, label in offered.items()][:OFFERED_SHOWN]
            raise _refused(params, f"it offers {safe(', '.join(names))}")
        return value
    if field == "short_description" and ("\n" in value or len(value) > SHORT_CHARACTERS_MAX):
        raise _refused(params, f"it is one line of at most {SHORT_CHARACTERS_MAX} characters")
    return value


def _refused(params: UpdateParams, why: str) -> Rejected:
    return Rejected(
        f"The field {params.field} of incident {params.incident} cannot be {safe(params.value)!r}:"
        f" {why}.",
        next_step="Nothing was written; give another value.",
    )


_state = StateOfIncident(
    SCOPES,
    number=lambda params: params.incident,
    show=show,
    preview=preview,
    values=values,
    check_back=check_back,
)

OPERATION = Operation(
    name="servicenow.update_incident",
    title="Update an incident",
    system=SYSTEM,
    params=UpdateParams,
    scopes=SCOPES,
    fact_types={**incidents.FACT_TYPES, "field.name": "string", "target.email": "string"},
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=incidents.GUARD,
    remembers="state",
)

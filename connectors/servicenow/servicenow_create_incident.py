"""`servicenow.create_incident`: open an incident, unless one like it appeared meanwhile.

The incident carries Assent's key in its correlation id, which is there for what other systems call
a record, and by which it is found again. Taking back cancels it and leaves the key of that beside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Literal

from connectors import wire
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
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
from connectors.saying import safe
from connectors.servicenow import incidents, people
from connectors.servicenow.incidents import CANCELED, CLOSED, FIELDS, NEW, RESOLVED, Incident
from connectors.servicenow.queries import plain_part
from connectors.servicenow.session import SYSTEM, Session
from connectors.text import Line, Text
from connectors.wire import Call

SCOPES = incidents.WRITE_SCOPES | {"people:read"}
ALIKE_MAX = 100  # open incidents of like words that are compared
SHORT_CHARACTERS_MAX = 160  # of a short description, the platform's own limit
Level = Literal["1", "2", "3"]  # high, medium, low
_NUMBER = re.compile(r"[A-Z]{2,8}[0-9]{4,12}")


class CreateParams(Params):
    """Who is affected (their e-mail address), what it is, and how bad."""

    caller: Line
    short_description: Line
    description: Text
    urgency: Level
    impact: Level


def read(session: Session, params: CreateParams) -> Snapshot:
    """The open incidents of the same short description, and the newest of them."""
    session.require(incidents.READ_SCOPES)
    return _show(session, params, people.person(session, params.caller))


def preview(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """One such incident more; Rejected without a caller, or with too much in its one line."""
    caller = before.about["caller"]
    if not caller["sys_id"]:
        raise _refused(params, caller["why"])
    if len(params.short_description) > SHORT_CHARACTERS_MAX:
        raise _refused(params, f"a short description has {SHORT_CHARACTERS_MAX} characters at most")
    if not plain_part(params.short_description):
        raise _refused(params, "its short description holds no letter and no digit")
    after = {
        "open_incidents": before.fields["open_incidents"] + 1,
        "caller": caller["name"],
        "short_description": params.short_description.strip(),
        "description": params.description,
        "urgency": params.urgency,
        "impact": params.impact,
    }
    return {name: value for name, value in after.items() if before.fields[name] != value}


def facts(params: CreateParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        "incident.urgency": int(params.urgency),
        "incident.impact": int(params.impact),
        "incident.caller_email": before.about["caller"]["email"],
        "incident.open_alike": before.fields["open_incidents"],
    }


def undo(_params: CreateParams, _now: Snapshot) -> Reversible | Irreversible:
    """It can be canceled while nobody works on it; deleting it would leave no trace."""
    return Reversible("it is canceled, while nobody has begun it")


def execute(session: Session, params: CreateParams, before: Snapshot, key: str) -> Result:
    """One incident under `key`. Conflict where another of its description appeared since."""
    session.require(SCOPES)
    if (earlier := _find(session, params, key)) is not None:
        return earlier
    live = read(session, params)
    is_changed = incidents.is_changed(live, before)
    if is_changed and (earlier := _find(session, params, key)) is not None:
        return earlier  # the same call, at the same moment
    incidents.check_unchanged(live, before)
    preview(params, live)
    values = {
        "caller_id": live.about["caller"]["sys_id"],
        "short_description": params.short_description.strip(),
        "description": params.description,
        "urgency": params.urgency,
        "impact": params.impact,
        "correlation_id": _mark(key),
        "correlation_display": "Assent",
    }
    call = Call("an incident", is_write=True, scope="incidents:write")
    made = Incident(session.write("POST", "incident", call, values, FIELDS))
    if not _NUMBER.fullmatch(made.number):
        raise wire.unreadable(session.peer, call, "an incident without a number")
    return Result(made.number, _version_after(session, params, made.number))


def lookup(session: Session, params: CreateParams, key: str) -> Result | None:
    """The incident under `key`, or its having been taken back under it."""
    session.require(incidents.READ_SCOPES)
    return _find(session, params, key)


def compensate(
    session: Session, params: CreateParams, before: Snapshot, result: Result, key: str
) -> Result:
    """Cancel the incident, once, where nobody began it."""
    del before
    session.require(SCOPES)
    if not _NUMBER.fullmatch(result.reference):
        raise _never_was()
    made, mark = incidents.load(session, result.reference), _mark(key)
    if made.stored("correlation_display") == mark:
        version = _show(session, params, people.NOBODY).version
        return Result(mark, version, is_replay=True)
    _check_ours(session, params, made, mark)
    live = made.snapshot({}, {})
    incidents.patch(session, live, {"state": CANCELED, "correlation_display": mark})
    return Result(mark, _version_after(session, params, made.number))


def _show(session: Session, params: CreateParams, caller: people.Target) -> Snapshot:
    alike = _open_alike(session, params)
    newest = alike[0] if alike else None
    fields = {
        "caller": newest.shown("caller_id") if newest else "",
        "short_description": newest.stored("short_description") if newest else "",
        "description": newest.stored("description") if newest else "",
        "urgency": newest.stored("urgency") if newest else "",
        "impact": newest.stored("impact") if newest else "",
    }
    version = f"{len(alike)}:{newest.number}@{newest.version}" if newest else "none"
    return Snapshot(
        SYSTEM,
        "the list of incidents",
        version,
        {"open_incidents": len(alike), **fields},
        {"caller": caller.as_value(), "alike": [incident.number for incident in alike]},
    )


def _open_alike(session: Session, params: CreateParams) -> list[Incident]:
    """Open incidents of the same short description, the newest first."""
    part = plain_part(params.short_description)
    if not part:
        return []
    call = Call("incidents", is_write=False, scope="incidents:read")
    query = f"active=true^short_descriptionLIKE{part}^ORDERBYDESCnumber"
    rows = session.rows("incident", call, query, FIELDS, ALIKE_MAX)
    found = [Incident(row) for row in rows]
    wanted = params.short_description.strip()
    alike = [i for i in found if i.stored("short_description") == wanted and _is_open(i)]
    return sorted(alike, key=lambda i: (len(i.number), i.number), reverse=True)


def _is_open(incident: Incident) -> bool:
    is_done = incident.stored("state") in (RESOLVED, CLOSED, CANCELED)  # resolved ones are active
    return incident.stored("active") == "true" and not is_done


def _find(session: Session, params: CreateParams, key: str) -> Result | None:
    mark = _mark(key)
    call = Call("incidents", is_write=False, scope="incidents:read")
    query = f"correlation_id={mark}^ORcorrelation_display={mark}"
    for incident in map(Incident, session.rows("incident", call, query, FIELDS, 2)):
        is_creation = incident.stored("correlation_id") == mark
        if not is_creation and incident.stored("correlation_display") != mark:
            continue  # the instance left out what it did not understand of the query
        version = _show(session, params, people.NOBODY).version
        return Result(incident.number if is_creation else mark, version, is_replay=True)
    return None


def _check_ours(session: Session, params: CreateParams, made: Incident, mark: str) -> None:
    """Raises Rejected unless it is as Assent opened it, and nobody began it."""
    kept = made.stored("correlation_id")
    is_same = made.stored("short_description") == params.short_description.strip()
    is_own = made.stored("sys_created_by") == session.user and kept.startswith("assent-")
    if not is_own:
        raise _never_was()
    if kept == mark:
        raise Rejected(
            "This key was used for the incident itself.",
            next_step="Nothing was canceled; taking back needs a key of its own.",
        )
    is_begun = made.stored("state") != NEW or made.stored("assigned_to")
    if is_begun or not is_same:
        state = safe(made.shown("state"))
        raise Rejected(
            f"The incident {made.number} can no longer be taken back: it is {state} by now, "
            "assigned, or says something else.",
            next_step="Nothing was canceled; put it right by hand.",
        )


def _version_after(session: Session, params: CreateParams, number: str) -> str:
    try:
        return _show(session, params, people.NOBODY).version
    except ConnectorError as error:
        raise OutcomeUnknown(
            f"The incident {number} was written, and could not be read after: {error.message}",
            next_step="Look at the incident before doing anything else.",
        ) from None


def _mark(key: str) -> str:
    return f"assent-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _never_was() -> Rejected:
    return Rejected(
        "ServiceNow knows no such incident of Assent's.",
        next_step="Nothing was changed; look at the incident itself.",
    )


def _refused(params: CreateParams, why: str) -> Rejected:
    return Rejected(
        f"No incident can be opened for {safe(params.caller)}: {why}.",
        next_step="Nothing was written; give other values.",
    )


OPERATION = Operation(
    name="servicenow.create_incident",
    title="Open an incident",
    system=SYSTEM,
    params=CreateParams,
    scopes=SCOPES,
    fact_types={
        "incident.urgency": "int",
        "incident.impact": "int",
        "incident.caller_email": "string",
        "incident.open_alike": "int",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "that no open incident of this description has appeared or changed"),
    remembers="mark",
)

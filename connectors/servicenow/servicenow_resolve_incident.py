"""`servicenow.resolve_incident`: resolve an incident, with the code and the notes that it wants."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.operation import Irreversible, Operation, Params, Reversible, Snapshot, Value
from connectors.saying import safe
from connectors.servicenow import incidents
from connectors.servicenow.incidents import CANCELED, CLOSED, RESOLVED, Incident, Number
from connectors.servicenow.session import SYSTEM, Session
from connectors.servicenow.state import StateOfIncident, differing
from connectors.text import Line, Text

CODES_SHOWN = 12


class ResolveParams(Params):
    """Which incident, the resolution code as stored ("Solution provided"), and what was done."""

    incident: Number
    close_code: Line
    close_notes: Text


def show(session: Session, _params: ResolveParams, incident: Incident) -> Snapshot:
    """The incident's state and its resolution."""
    names = ("state", "hold_reason", "close_code", "close_notes")
    raw = {name: incident.stored(name) for name in names}
    fields = {
        "state": incident.shown("state"),
        "hold_reason": incident.shown("hold_reason"),
        "close_code": raw["close_code"],
        "close_notes": raw["close_notes"],
    }
    states = incidents.choices(session, "state")
    more = {
        "raw": raw,
        "resolved_name": states.get(RESOLVED, "Resolved"),
        "codes": list(incidents.choices(session, "close_code")),
    }
    return incident.snapshot(fields, more)


def preview(params: ResolveParams, before: Snapshot) -> Mapping[str, Value]:
    """Resolved, with code and notes; Rejected for one that is closed or resolved otherwise."""
    about = before.about
    after = {
        "state": about["resolved_name"],
        "hold_reason": "",
        "close_code": params.close_code,
        "close_notes": params.close_notes,
    }
    changes = differing(before, after)
    if about["state"] in (RESOLVED, CLOSED, CANCELED) and changes:
        raise Rejected(
            f"The {before.resource} is {safe(about['state_name'])} already.",
            next_step="Nothing was written; reopen it first if it shall be resolved otherwise.",
        )
    if about["codes"] and params.close_code not in about["codes"]:
        codes = safe(", ".join(about["codes"][:CODES_SHOWN]))
        raise Rejected(
            f"There is no resolution code {safe(params.close_code)}.",
            next_step=f"Choose one of: {codes}.",
        )
    return changes


def facts(params: ResolveParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {**incidents.facts(before), "resolution.code": params.close_code}


def undo(_params: ResolveParams, now: Snapshot) -> Reversible | Irreversible:
    """Resolved ones can be reopened; closed ones, which they become by themselves, cannot."""
    if now.about["state"] in (CLOSED, CANCELED):
        return Irreversible(f"it is {now.about['state_name']} by now, which is final")
    return Reversible("it is reopened as it was, until ServiceNow closes it by itself")


def values(params: ResolveParams, _live: Snapshot) -> Mapping[str, Value]:
    """What the one request sets."""
    return {
        "state": RESOLVED,
        "close_code": params.close_code,
        "close_notes": params.close_notes,
    }


def check_back(live: Snapshot) -> None:
    """Raises Rejected where it was closed meanwhile."""
    if live.about["state"] != RESOLVED:
        raise Rejected(
            f"The {live.resource} is {safe(live.about['state_name'])} by now, which is final.",
            next_step="Nothing was taken back; open a new incident.",
        )


_state = StateOfIncident(
    incidents.WRITE_SCOPES,
    number=lambda params: params.incident,
    show=show,
    preview=preview,
    values=values,
    check_back=check_back,
)

OPERATION = Operation(
    name="servicenow.resolve_incident",
    title="Resolve an incident",
    system=SYSTEM,
    params=ResolveParams,
    scopes=incidents.WRITE_SCOPES,
    fact_types={**incidents.FACT_TYPES, "resolution.code": "string"},
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

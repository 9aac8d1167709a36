"""`servicenow.add_note`: a work note in an incident, for those who work on it.

ServiceNow keeps no key of such a call. So the note ends with a mark made of Assent's key, by which
it is found again. A journal has no way back: what is noted stays.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.operation import Irreversible, Operation, Params, Result, Snapshot, Value
from connectors.saying import safe
from connectors.servicenow import incidents
from connectors.servicenow.incidents import CANCELED, CLOSED, Incident, Number
from connectors.servicenow.session import SYSTEM, Session
from connectors.text import Text
from connectors.wire import Call

SCOPES = incidents.READ_SCOPES | {"notes:write"}
NOTES = "work_notes"
JOURNAL_CHARACTERS_MAX = 200_000  # of an incident's notes that are looked through
SHOWN_CHARACTERS_MAX = 4_000  # of the last note
WHY_FINAL = "a work note stays in the incident's history"

_MARK = re.compile(r"\s*\[assent ([0-9a-f]{24})\]\s*\Z")
# The line above each note, newest first: "2026-11-20 08:00:01 - Mia Krause (Work notes)", the time
# and the last word as the account's own language and format have them.
_HEAD = re.compile(r"^(?=[^\n]*\d)[^\n]{6,60} - [^\n]{1,120} \([^()\n]{1,40}\)\n", re.MULTILINE)
# A journal shows what stands between these as HTML.
_HTML = re.compile(r"\[/?code\]", re.IGNORECASE)


class NoteParams(Params):
    """Which incident, and what to note there."""

    incident: Number
    text: Text


def read(session: Session, params: NoteParams) -> Snapshot:
    """The incident with its last note."""
    session.require(incidents.READ_SCOPES)
    return _show(incidents.load(session, params.incident, (NOTES,)))


def preview(params: NoteParams, before: Snapshot) -> Mapping[str, Value]:
    """One note more; Rejected where the incident is closed, or the note would not be shown as
    what it is: as HTML, or as two notes."""
    if before.about["state"] in (CLOSED, CANCELED):
        raise Rejected(
            f"The {before.resource} is {safe(before.about['state_name'])}: it takes no notes.",
            next_step="Name an incident that is still worked on.",
        )
    if _HTML.search(params.text):
        raise Rejected(
            "ServiceNow would show a part of this note as HTML.",
            next_step="Leave out [code] and [/code].",
        )
    if _HEAD.search(f"{params.text}\n"):
        raise Rejected(
            "A line of this note looks like the head of another one's note.",
            next_step="Say in other words who noted what, and when.",
        )
    return {"notes": before.fields["notes"] + 1, "last_note": params.text.strip()}


def facts(params: NoteParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {**incidents.facts(before), "note.characters": len(params.text)}


def undo(_params: NoteParams, _now: Snapshot) -> Irreversible:
    """Never."""
    return Irreversible(WHY_FINAL)


def execute(session: Session, params: NoteParams, before: Snapshot, key: str) -> Result:
    """One note under `key`. Conflict where the incident is not as `before` has it."""
    session.require(SCOPES)
    incident = incidents.load(session, params.incident, (NOTES,))
    if (earlier := _find(params, incident, key)) is not None:
        return earlier
    live = _show(incident)
    incidents.check_unchanged(live, before)
    preview(params, live)
    call = Call(f"a note in {live.resource}", is_write=True, scope="notes:write")
    values = {NOTES: f"{params.text.strip()}\n\n[assent {_mark(key)}]"}
    path = f"incident/{live.about['sys_id']}"
    after = Incident(session.write("PATCH", path, call, values, incidents.FIELDS))
    return Result(f"{params.incident}/{_mark(key)}", after.version)


def lookup(session: Session, params: NoteParams, key: str) -> Result | None:
    """The note under `key`."""
    session.require(incidents.READ_SCOPES)
    return _find(params, incidents.load(session, params.incident, (NOTES,)), key)


def compensate(
    session: Session, params: NoteParams, _before: Snapshot, _result: Result, _key: str
) -> Result:
    """Never. Rejected."""
    session.require(SCOPES)
    raise Rejected(
        f"The note in incident {params.incident} cannot be taken back: {WHY_FINAL}.",
        next_step="Nothing was changed; write another note that puts it right.",
    )


def _show(incident: Incident) -> Snapshot:
    notes = _notes(incident)
    last = notes[0][0] if notes else ""
    return incident.snapshot({"notes": len(notes), "last_note": last[:SHOWN_CHARACTERS_MAX]}, {})


def _notes(incident: Incident) -> list[tuple[str, str]]:
    """Every note with its mark ("" for none), the newest first."""
    journal = incident.shown(NOTES)[:JOURNAL_CHARACTERS_MAX].replace("\r\n", "\n")
    found = []
    for text in _HEAD.split(journal)[1:]:
        mark = _MARK.search(text)
        found.append((_MARK.sub("", text).strip(), mark[1] if mark else ""))
    return found


def _find(params: NoteParams, incident: Incident, key: str) -> Result | None:
    wanted = _mark(key)
    text = next((text for text, mark in _notes(incident) if mark == wanted), None)
    if text is None:
        return None
    if text != params.text.strip():
        raise Rejected(
            "This key was used for another note on the incident.",
            next_step="Nothing was written; a new intent needs a new key.",
        )
    return Result(f"{params.incident}/{wanted}", incident.version, is_replay=True)


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]


OPERATION = Operation(
    name="servicenow.add_note",
    title="Note something in an incident",
    system=SYSTEM,
    params=NoteParams,
    scopes=SCOPES,
    fact_types={**incidents.FACT_TYPES, "note.characters": "int"},
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=incidents.GUARD,
    remembers="mark",
)

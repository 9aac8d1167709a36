"""`okta.reset_sessions`: end all sessions of a person, and revoke the tokens given in them.

Okta does not tell who is signed in. Its System Log does tell when somebody last signed in and when
sessions were last cleared: the later of the two says whether there may be open ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.okta import accounts, directory
from connectors.okta.accounts import PersonParams
from connectors.okta.memberships import about_person, refuse_self
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value
from connectors.state_write import Fields, StateWrite, final
from connectors.wire import Call, unreadable

READ_SCOPES = directory.PEOPLE | {"logs:read"}
SCOPES = READ_SCOPES | {"sessions:write"}
LAG_SECONDS = 120.0  # events come into the System Log within minutes (API reference, System Log)
LOG_DAYS = 90  # that Okta keeps (API reference, System Log: retention)
CLEARED, STARTED = "user.session.clear", "user.session.start"  # event types reference
WHY = "who was signed in has to sign in again; the old sessions do not come back"


def load(session: Session, params: PersonParams) -> Snapshot:
    """Whether there may be open sessions."""
    who = directory.person(session, params.person)
    return Snapshot(
        system=SYSTEM,
        resource=f"sessions of {who.login}",
        version="",
        fields={"sessions": "ended" if _last_event(session, who.id) == CLEARED else "may be open"},
        about={**about_person(session, who), "log_days": LOG_DAYS},
    )


def preview(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Ended; nothing where nobody signed in since they were. Rejected for who cannot be signed
    in, and for the account that asks."""
    if before.fields["sessions"] == "ended":
        return {}
    if before.about["person_status"] in ("STAGED", "DEPROVISIONED"):
        raise Rejected(
            f"{before.about['person_login']} is {before.about['person_status']} in {SYSTEM} and"
            " cannot be signed in.",
            next_step="There is nothing to end.",
        )
    refuse_self(before)
    return {"sessions": "ended"}


def undo(_params: PersonParams, _now: Snapshot) -> Reversible | Irreversible:
    """Never."""
    return Irreversible(WHY)


def _last_event(session: Session, person_id: str) -> str:
    """The type of the later event, "" where the log has neither."""
    call = Call(f"the sessions of {person_id}", is_write=False, scope="logs:read")
    either = (
        f'(eventType eq "{STARTED}" and actor.id eq "{person_id}") or '
        f'(eventType eq "{CLEARED}" and target.id eq "{person_id}")'
    )
    query = {"filter": either, "sortOrder": "DESCENDING", "limit": "1"}
    found = session.get(f"{API}/logs", call, query)
    if not isinstance(found, list):
        raise unreadable(session.peer, call, "no list")
    return str(found[0].get("eventType", "")) if found else ""


def _write(session: Session, params: PersonParams, _live: Snapshot, _wanted: Fields) -> bool:
    call = Call(f"the sessions of {params.person}", is_write=True, scope="sessions:write")
    path = f"{API}/users/{segment(params.person)}/sessions"
    session.send("DELETE", path, call, {"oauthTokens": "true"})
    return True


_refuse, _never = final(WHY, "The person signs in again.")
_state = StateWrite(
    read_scopes=READ_SCOPES,
    scopes=SCOPES,
    guarded=("person_login", "person_status"),
    load=load,
    preview=preview,
    write=_write,
    check_back=_refuse,
    take_back=_never,
    reference=accounts.reference,
)

OPERATION = Operation(
    name="okta.reset_sessions",
    title="End all sessions of an Okta account",
    system=SYSTEM,
    params=PersonParams,
    scopes=SCOPES,
    fact_types=accounts.FACT_TYPES,
    read=_state.read,
    preview=preview,
    facts=accounts.facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the person's login and status, and the last event of a session"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)

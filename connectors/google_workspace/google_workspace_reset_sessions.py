"""`google_workspace.reset_sessions`: sign a person out everywhere, on the web and on devices.

Google does not tell who is signed in. Its audit tells when an administrator signed somebody out,
and the account when the person last signed in. A sign-out counts for a few minutes alone, for a
later sign-in may not be told yet; after that there may be open sessions again, and to end them
once more harms nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.errors import Rejected
from connectors.google_workspace import accounts, directory
from connectors.google_workspace.accounts import PersonParams
from connectors.google_workspace.directory import Person, about_person
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import Guard, Irreversible, Operation, Reversible, Snapshot, Value
from connectors.state_write import Fields, StateWrite, final
from connectors.wire import Call, unreadable

READ_SCOPES = directory.PEOPLE | {"logs:read"}
SCOPES = READ_SCOPES | {"sessions:write"}
LAG_SECONDS = 120.0  # "a couple of minutes" for the admin log (Data retention and lag times)
COUNTS = timedelta(minutes=10)  # longer than a lost answer is looked for
SIGNED_OUT = "RESET_SIGNIN_COOKIES"  # Reports API, Admin Audit Activity Events, User Settings
WHY = "who was signed in has to sign in again; the old sessions do not come back"


def load(session: Session, params: PersonParams) -> Snapshot:
    """Whether there may be open sessions."""
    who = directory.person(session, params.person)
    return Snapshot(
        system=SYSTEM,
        resource=f"sessions of {who.email}",
        version="",
        fields={"sessions": "ended" if _is_signed_out(session, who) else "may be open"},
        about={**about_person(session, who), "last_sign_in": who.last_sign_in},
    )


def preview(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Ended; nothing where they were ended a moment ago. Rejected for an archived account, and
    for the one that asks."""
    if before.fields["sessions"] == "ended":
        return {}
    if before.about["person_status"] == "archived":
        raise Rejected(
            f"{before.about['person_email']} is archived in {SYSTEM} and cannot be signed in.",
            next_step="There is nothing to end.",
        )
    directory.refuse_self(before)
    return {"sessions": "ended"}


def undo(_params: PersonParams, _now: Snapshot) -> Reversible | Irreversible:
    """Never."""
    return Irreversible(WHY)


def _is_signed_out(session: Session, who: Person) -> bool:
    """Whether an administrator signed the person out lately, and nobody signed in since."""
    call = Call(f"the sessions of {who.email}", is_write=False, scope="logs:read")
    since = datetime.now(UTC) - COUNTS
    found = session.call(
        "activities", "list", call,
        userKey="all", applicationName="admin", eventName=SIGNED_OUT,
        filters=f"USER_EMAIL=={who.email}", maxResults=1,
        startTime=since.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )  # fmt: skip
    try:
        ended = [datetime.fromisoformat(each["id"]["time"]) for each in found.get("items", ())]
        signed_in = datetime.fromisoformat(who.last_sign_in) if who.last_sign_in else None
        return any(signed_in is None or each > signed_in for each in ended)
    except (TypeError, ValueError, KeyError):
        raise unreadable(session.peer, call, "it names no moment") from None


def _write(session: Session, params: PersonParams, _live: Snapshot, _wanted: Fields) -> bool:
    call = Call(f"the sessions of {params.person}", is_write=True, scope="sessions:write")
    session.call("users", "signOut", call, userKey=params.person)
    return True


_refuse, _never = final(WHY, "The person signs in again.")
_state = StateWrite(
    read_scopes=READ_SCOPES,
    scopes=SCOPES,
    guarded=("person_email", "person_status"),
    load=load,
    preview=preview,
    write=_write,
    check_back=_refuse,
    take_back=_never,
    reference=accounts.reference,
)

OPERATION = Operation(
    name="google_workspace.reset_sessions",
    title="End all sessions of a Google account",
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
    guard=Guard("re-read", "the person's address and status, and when they were last signed out"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)

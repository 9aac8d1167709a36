"""Suspending a person's account and restoring it: each is how the other is taken back."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.google_workspace import directory
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import FactType, Guard, Params, Snapshot, Value
from connectors.state_write import Fields
from connectors.text import Identifier
from connectors.wire import Call

READ_SCOPES = directory.PEOPLE
SCOPES = READ_SCOPES | {"people:write"}
GUARDED = ("person_email", "person_is_admin")
RE_READ = Guard("re-read", "the person's status and address, and whether they administer")
LAG_SECONDS = 60.0  # Google documents none for users; its reads lag by seconds, rarely a minute
BY_AN_ADMIN = ("ADMIN", "")  # reasons of a suspension that an administrator may take back

FACT_TYPES: Mapping[str, FactType] = {
    "person.id": "string",
    "person.email": "string",
    "person.status": "string",
    "person.is_self": "bool",
    "person.is_admin": "bool",
}


class PersonParams(Params):
    """Who, by Google's id."""

    person: Identifier


def load(session: Session, params: PersonParams) -> Snapshot:
    """Whether the account is suspended, and whether others administer what this one does."""
    who = directory.person(session, params.person)
    is_last = who.is_super_admin and not directory.has_other_super_admin(session, who.id)
    return Snapshot(
        system=SYSTEM,
        resource=f"account of {who.email}",
        version="",
        fields={"is_suspended": who.is_suspended},
        about={
            **directory.about_person(session, who),
            "person_is_last_super_admin": is_last,
            "suspended_because": who.why,
        },
    )


def facts(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "person.id": about["person"],
        "person.email": about["person_email"],
        "person.status": about["person_status"],
        "person.is_self": about["person_is_self"],
        "person.is_admin": about["person_is_admin"],
    }


def reference(params: PersonParams) -> str:
    """The account by Google's id."""
    return params.person


def suspended(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Suspended. Rejected for an archived account, for the one that Assent acts as, and for the
    last who administers everything."""
    if before.fields["is_suspended"]:
        return {}
    _refuse_archived(before)
    directory.refuse_self(before)
    if before.about["person_is_last_super_admin"]:
        raise Rejected(
            f"{before.about['person_email']} is the last super administrator who works.",
            next_step="Make somebody else one first.",
        )
    return {"is_suspended": True}


def restored(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Active again. Rejected for an account that Google itself suspended."""
    if not before.fields["is_suspended"]:
        return {}
    _refuse_archived(before)
    if before.about["suspended_because"] not in BY_AN_ADMIN:
        raise Rejected(
            f"Google itself suspended {before.about['person_email']}"
            f" ({before.about['suspended_because']}).",
            next_step="Look at the account in the Admin console; it says what Google wants.",
        )
    return {"is_suspended": False}


def patch(session: Session, params: PersonParams, _live: Snapshot, wanted: Fields) -> bool:
    """One call, harmless when repeated."""
    call = Call(f"the account of {params.person}", is_write=True, scope="people:write")
    body = {"suspended": wanted["is_suspended"]}
    session.call("users", "patch", call, userKey=params.person, body=body)
    return True


def _refuse_archived(before: Snapshot) -> None:
    if before.about["person_status"] == "archived":
        raise Rejected(
            f"{before.about['person_email']} is archived in {SYSTEM}.",
            next_step="Unarchive the account there first.",
        )

"""Suspending a person's account and restoring it: each is how the other is taken back."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.okta import directory
from connectors.okta.memberships import about_person, refuse_self
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.operation import FactType, Guard, Params, Snapshot, Value
from connectors.state_write import Fields
from connectors.text import Identifier
from connectors.wire import Call

READ_SCOPES = directory.PEOPLE
SCOPES = READ_SCOPES | {"people:write"}
GUARDED = ("person_login", "person_roles")
RE_READ = Guard("re-read", "the person's status, login and roles")
LAG_SECONDS = 10.0  # as for memberships: the provider's `delay_read_seconds`

FACT_TYPES: Mapping[str, FactType] = {
    "person.id": "string",
    "person.login": "string",
    "person.email": "string",
    "person.status": "string",
    "person.is_self": "bool",
    "person.is_admin": "bool",
    "person.roles": "list<string>",
}


class PersonParams(Params):
    """Who, by Okta's id."""

    person: Identifier


def load(session: Session, params: PersonParams) -> Snapshot:
    """The account's status, and whether others administer what this one does."""
    who = directory.person(session, params.person)
    is_last = directory.SUPER_ADMIN in who.roles and not directory.has_other_super_admin(
        session, who.id
    )
    return Snapshot(
        system=SYSTEM,
        resource=f"account of {who.login}",
        version="",
        fields={"status": who.status},
        about={**about_person(session, who), "person_is_last_super_admin": is_last},
    )


def facts(_params: Params, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "person.id": about["person"],
        "person.login": about["person_login"],
        "person.email": about["person_email"],
        "person.status": about["person_status"],
        "person.is_self": about["person_is_self"],
        "person.is_admin": bool(about["person_roles"]),
        "person.roles": list(about["person_roles"]),
    }


def reference(params: PersonParams) -> str:
    """The account by Okta's id."""
    return params.person


def suspended(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Suspended. Rejected for one who does not work, for the account that Assent uses, and for the
    last who administers everything."""
    if before.fields["status"] == "SUSPENDED":
        return {}
    _check_status(before, "ACTIVE")
    refuse_self(before)
    if before.about["person_is_last_super_admin"]:
        raise Rejected(
            f"{before.about['person_login']} is the last super administrator who works.",
            next_step="Make somebody else one first.",
        )
    return {"status": "SUSPENDED"}


def restored(_params: PersonParams, before: Snapshot) -> Mapping[str, Value]:
    """Active again. Rejected for one who is not suspended."""
    if before.fields["status"] == "ACTIVE":
        return {}
    _check_status(before, "SUSPENDED")
    return {"status": "ACTIVE"}


def suspend(session: Session, params: PersonParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call; Okta refuses it for one who is suspended."""
    return _change(session, params, "suspend", "SUSPENDED")


def restore(session: Session, params: PersonParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call; Okta refuses it for one who is not suspended."""
    return _change(session, params, "unsuspend", "ACTIVE")


def _change(session: Session, params: PersonParams, verb: str, status: str) -> bool:
    path = f"{API}/users/{segment(params.person)}/lifecycle/{verb}"
    call = Call(f"the account of {params.person}", is_write=True, scope="people:write")
    try:
        session.send("POST", path, call)
    except Rejected:
        if directory.user(session, params.person)["status"] != status:
            raise
        return False
    return True


def _check_status(before: Snapshot, status: str) -> None:
    if before.fields["status"] != status:
        raise Rejected(
            f"{before.about['person_login']} is {before.fields['status']} in {SYSTEM}, and only"
            f" who is {status} can be changed so.",
            next_step="Look at the person's account there.",
        )

"""Adding to a group and removing from it: each is how the other is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.errors import Conflict, Rejected
from connectors.google_workspace import directory
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import FactType, Guard, Params, Reversible, Snapshot, Value
from connectors.state_write import Fields
from connectors.text import Identifier
from connectors.until import Until, fact, moment, way_back
from connectors.wire import Call

READ_SCOPES = directory.PEOPLE | directory.GROUPS
SCOPES = READ_SCOPES | {"memberships:write"}
GUARDED = ("person_email", "person_status", "group_email", "group_is_admin")
RE_READ = Guard("re-read", "the membership, the person's and the group's address, the status")
# Google documents a bound for nested groups alone (10 minutes: Directory API, "Manage group
# members"); those directly in a group appear within seconds.
LAG_SECONDS = 30.0
OWNER, MEMBER = "OWNER", "MEMBER"

FACT_TYPES: Mapping[str, FactType] = {
    "person.id": "string",
    "person.email": "string",
    "person.status": "string",
    "person.is_self": "bool",
    "person.is_admin": "bool",
    "group.id": "string",
    "group.email": "string",
    "group.name": "string",
    "group.members": "int",
    "group.is_admin": "bool",
    "membership.is_member": "bool",
    "membership.role": "string",
}

GRANT_FACT_TYPES: Mapping[str, FactType] = {
    **FACT_TYPES,
    "grant.is_bounded": "bool",
    "grant.until": "timestamp",
}


class MembershipParams(Params):
    """Who, and which group, by Google's ids."""

    person: Identifier
    group: Identifier


class GrantParams(MembershipParams):
    """Who joins which group, and until when; without an end for good."""

    until: Until | None = None


def load(session: Session, params: MembershipParams) -> Snapshot:
    """Whether the person is in the group and as what, with what both are."""
    who = directory.person(session, params.person)
    what = directory.group(session, params.group)
    role = directory.role_in(session, what.id, who.id)
    owners = directory.count_owners(session, what.id) if role == OWNER else 0
    return Snapshot(
        system=SYSTEM,
        resource=f"membership of {who.email} in {what.email}",
        version="",
        fields={"is_member": bool(role), "role": role},
        about={
            **directory.about_person(session, who),
            "group": what.id,
            "group_email": what.email,
            "group_name": what.name,
            "group_members": what.members,
            "group_is_admin": what.is_admin,
            "is_last_owner": role == OWNER and owners <= 1,
        },
    )


def facts(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "person.id": about["person"],
        "person.email": about["person_email"],
        "person.status": about["person_status"],
        "person.is_self": about["person_is_self"],
        "person.is_admin": about["person_is_admin"],
        "group.id": about["group"],
        "group.email": about["group_email"],
        "group.name": about["group_name"],
        "group.members": about["group_members"],
        "group.is_admin": about["group_is_admin"],
        "membership.is_member": before.fields["is_member"],
        "membership.role": before.fields["role"],
    }


def reference(params: MembershipParams) -> str:
    """The membership in Google's ids."""
    return f"{params.group}/{params.person}"


def joined(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """A plain member; nothing where the person is in the group. Rejected for an archived one."""
    if before.fields["is_member"]:
        return {}
    if before.about["person_status"] == "archived":
        raise Rejected(
            f"{before.about['person_email']} is archived in {SYSTEM}.",
            next_step="Unarchive the person first, or choose another.",
        )
    return {"is_member": True, "role": MEMBER}


def left(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """Out of the group. Rejected for its last owner, and for the last of administrators."""
    if not before.fields["is_member"]:
        return {}
    about = before.about
    is_last_admin = about["group_is_admin"] and about["group_members"] <= 1
    if about["is_last_owner"] or is_last_admin:
        what = "member" if is_last_admin else "owner"
        raise Rejected(
            f"{about['person_email']} is the last {what} of {about['group_email']}.",
            next_step="Put somebody else in their place first.",
        )
    return {"is_member": False, "role": ""}


def removed(params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """Out of the group by a removal of its own. Rejected also for the account that asks."""
    if before.fields["is_member"]:
        directory.refuse_self(before)
    return left(params, before)


def add(session: Session, params: MembershipParams, _live: Snapshot, wanted: Fields) -> bool:
    """One call; Google refuses a second membership of the same two."""
    body = {"id": params.person, "role": wanted["role"]}
    try:
        session.call("members", "insert", _call(params), groupKey=params.group, body=body)
    except Conflict:
        if not directory.role_in(session, params.group, params.person):
            raise
        return False
    return True


def remove(session: Session, params: MembershipParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call; Google refuses to remove who is not there."""
    ids = {"groupKey": params.group, "memberKey": params.person}
    return session.find("members", "delete", _call(params), **ids) is not None


def _call(params: MembershipParams) -> Call:
    subject = f"the membership of {params.person} in {params.group}"
    return Call(subject, is_write=True, scope="memberships:write")


def ends_at(params: GrantParams) -> datetime | None:
    """When the person is to be taken out again by itself."""
    return None if params.until is None else moment(params.until)


def grant_facts(params: GrantParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges an addition on: also until when it holds."""
    grant = {"grant.is_bounded": params.until is not None, "grant.until": fact(params.until)}
    return {**facts(params, before), **grant}


def grant_undo(params: GrantParams, now: Snapshot) -> Reversible:
    """Out again, while the person is in the group and not the last who administers it."""
    return Reversible(way_back(params.until, is_member=bool(now.fields["is_member"])))

"""Adding to a group and removing from it: each is how the other is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.errors import Rejected
from connectors.okta import directory
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.operation import FactType, Guard, Params, Reversible, Snapshot, Value
from connectors.state_write import Fields
from connectors.text import Identifier
from connectors.until import Until, fact, moment, way_back
from connectors.wire import Call

READ_SCOPES = directory.PEOPLE | directory.GROUPS
SCOPES = READ_SCOPES | {"memberships:write"}
GUARDED = ("person_login", "person_status", "group_name", "group_kind", "group_roles")
RE_READ = Guard("re-read", "the membership, the person's login and status, the group's name")
# Okta documents no bound; its Terraform provider waits up to 10 s after a write of users
# (okta_users, `delay_read_seconds`).
LAG_SECONDS = 10.0

FACT_TYPES: Mapping[str, FactType] = {
    "person.id": "string",
    "person.login": "string",
    "person.email": "string",
    "person.status": "string",
    "person.is_self": "bool",
    "person.is_admin": "bool",
    "group.id": "string",
    "group.name": "string",
    "group.members": "int",
    "group.members_are_all_counted": "bool",
    "group.is_admin": "bool",
    "group.roles": "list<string>",
    "group.apps": "list<string>",
    "membership.is_member": "bool",
}

GRANT_FACT_TYPES: Mapping[str, FactType] = {
    **FACT_TYPES,
    "grant.is_bounded": "bool",
    "grant.until": "timestamp",
}


class MembershipParams(Params):
    """Who, and which group, by Okta's ids."""

    person: Identifier
    group: Identifier


class GrantParams(MembershipParams):
    """Who joins which group, and until when; without an end for good."""

    until: Until | None = None


def load(session: Session, params: MembershipParams) -> Snapshot:
    """Whether the person is in the group, with what both are."""
    who = directory.person(session, params.person)
    what = directory.group(session, params.group)
    return Snapshot(
        system=SYSTEM,
        resource=f"membership of {who.login} in {what.name}",
        version="",
        fields={"is_member": directory.is_member(session, what.id, who.id)},
        about={
            **about_person(session, who),
            "group": what.id,
            "group_name": what.name,
            "group_kind": what.kind,
            "group_members": what.members,
            "group_roles": list(what.roles),
            "group_apps": list(what.apps[: directory.APPS_SHOWN]),
        },
    )


def about_person(session: Session, who: directory.Person) -> Mapping[str, Value]:
    """What a card and policy want to know of a person."""
    return {
        "person": who.id,
        "person_login": who.login,
        "person_email": who.email,
        "person_name": who.name,
        "person_status": who.status,
        "person_roles": list(who.roles),
        "person_is_self": who.login == session.login,
    }


def facts(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "person.id": about["person"],
        "person.login": about["person_login"],
        "person.email": about["person_email"],
        "person.status": about["person_status"],
        "person.is_self": about["person_is_self"],
        "person.is_admin": bool(about["person_roles"]),
        "group.id": about["group"],
        "group.name": about["group_name"],
        "group.members": about["group_members"],
        "group.members_are_all_counted": about["group_members"] < directory.MEMBERS_COUNTED,
        "group.is_admin": bool(about["group_roles"]),
        "group.roles": list(about["group_roles"]),
        "group.apps": list(about["group_apps"]),
        "membership.is_member": before.fields["is_member"],
    }


def reference(params: MembershipParams) -> str:
    """The membership in Okta's ids."""
    return f"{params.group}/{params.person}"


def joined(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """In the group; nothing where the person is in it. Rejected for one who has left, and for a
    group that another system keeps."""
    if before.fields["is_member"]:
        return {}
    _check_kind(before)
    if before.about["person_status"] == "DEPROVISIONED":
        raise Rejected(
            f"{before.about['person_login']} is deactivated in {SYSTEM}.",
            next_step="Activate the person first, or choose another.",
        )
    return {"is_member": True}


def left(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """Out of the group. Rejected for the last one of a group of administrators."""
    if not before.fields["is_member"]:
        return {}
    _check_kind(before)
    if before.about["group_roles"] and before.about["group_members"] <= 1:
        raise Rejected(
            f"{before.about['person_login']} is the last member of {before.about['group_name']},"
            " which administers Okta.",
            next_step="Add another administrator first.",
        )
    return {"is_member": False}


def removed(params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """Out of the group by a removal of its own. Rejected also for the account that asks."""
    if before.fields["is_member"]:
        refuse_self(before)
    return left(params, before)


def refuse_self(before: Snapshot) -> None:
    """Raises Rejected for the account that asks. An execution asks as the one that writes, so
    neither that nor the one that reads does this to itself."""
    if before.about["person_is_self"]:
        raise Rejected(
            f"{before.about['person_login']} is the account that asks, and would lock itself out.",
            next_step=f"Do it in {SYSTEM} itself, if it is meant.",
        )


def add(session: Session, params: MembershipParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call, harmless when repeated."""
    session.send("PUT", _path(params), _call(params))
    return True


def remove(session: Session, params: MembershipParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call, harmless when repeated."""
    session.send("DELETE", _path(params), _call(params))
    return True


def _check_kind(before: Snapshot) -> None:
    if before.about["group_kind"] != "OKTA_GROUP":
        raise Rejected(
            f"Who is in the group {before.about['group_name']} is not decided in {SYSTEM}"
            f" ({before.about['group_kind']}).",
            next_step="Change it in the application or directory that the group comes from.",
        )


def _path(params: MembershipParams) -> str:
    return f"{API}/groups/{segment(params.group)}/users/{segment(params.person)}"


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

"""What Okta tells of a person and a group, as cards and policies want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connectors.errors import Rejected
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.saying import safe
from connectors.wire import Call, unreadable

PEOPLE = frozenset({"people:read", "roles:read"})
GROUPS = frozenset({"groups:read", "roles:read", "apps:read"})
MEMBERS_COUNTED = 1_000  # of a group, five pages; a larger one counts as of that size
APPS_SHOWN = 20  # of a group, on a card and to policy
SUPER_ADMIN = "SUPER_ADMIN"
ADMINS_MAX = 50  # who are looked at for another super administrator


@dataclass(frozen=True)
class Person:
    """A user. `status` is Okta's own ("ACTIVE", "SUSPENDED" ...), `roles` what one administers."""

    id: str
    login: str
    email: str
    name: str
    status: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """A group. `kind` is Okta's ("OKTA_GROUP", "APP_GROUP", "BUILT_IN"), `roles` what its members
    administer, `apps` the applications that it opens."""

    id: str
    name: str
    kind: str
    members: int
    roles: tuple[str, ...]
    apps: tuple[str, ...]


def user(session: Session, person_id: str) -> Mapping[str, Any]:
    """The user as Okta has it. Raises Rejected for one who is not there any more."""
    call = Call(f"the person {person_id}", is_write=False, scope="people:read")
    found = checked(session, session.get(f"{API}/users/{segment(person_id)}", call), call)
    if found["id"] != person_id:  # Okta takes a login, or the beginning of one, for an id
        raise Rejected(
            f"{SYSTEM} has no person with the id {safe(person_id)}.",
            next_step="Give the id that a search finds.",
        )
    return found


def person(session: Session, person_id: str) -> Person:
    """The user with the roles. Raises Rejected for one who is not there any more."""
    found = user(session, person_id)
    return told(found, roles(session, "users", str(found["id"])))


def told(found: Mapping[str, Any], held: tuple[str, ...] = ()) -> Person:
    """A user in our words."""
    profile = found["profile"]
    name = profile.get("displayName") or " ".join(
        str(profile[each]) for each in ("firstName", "lastName") if profile.get(each)
    )
    return Person(
        id=str(found["id"]),
        login=safe(profile.get("login") or ""),
        email=safe(profile.get("email") or "").lower(),
        name=safe(name),
        status=safe(found["status"]),
        roles=held,
    )


def group(session: Session, group_id: str) -> Group:
    """The group with its size and what it opens. Raises Rejected for one that is gone."""
    call = Call(f"the group {group_id}", is_write=False, scope="groups:read")
    path = f"{API}/groups/{segment(group_id)}"
    found = checked(session, session.get(path, call), call)
    counted = islice(session.pages(f"{path}/users", call), MEMBERS_COUNTED)
    members = sum(1 for _ in counted)
    apps_call = Call(f"the applications of the group {group_id}", is_write=False, scope="apps:read")
    apps = sorted(
        safe(each.get("label") or "") for each in session.pages(f"{path}/apps", apps_call)
    )
    return Group(
        id=str(found["id"]),
        name=safe(found["profile"].get("name") or ""),
        kind=safe(found.get("type") or ""),
        members=members,
        roles=roles(session, "groups", group_id),
        apps=tuple(apps),
    )


def roles(session: Session, whose: str, record_id: str) -> tuple[str, ...]:
    """What somebody or a group's members administer; empty where they are no administrators."""
    call = Call(f"the roles of {record_id}", is_write=False, scope="roles:read")
    found = session.pages(f"{API}/{whose}/{segment(record_id)}/roles", call)
    return tuple(sorted({safe(each.get("type") or "CUSTOM") for each in found}))


def is_member(session: Session, group_id: str, person_id: str) -> bool:
    """Judged by the person's groups, which are few: not by the group's members."""
    call = Call(f"the groups of {person_id}", is_write=False, scope="groups:read")
    path = f"{API}/users/{segment(person_id)}/groups"
    return any(each.get("id") == group_id for each in session.pages(path, call))


def has_other_super_admin(session: Session, but: str) -> bool:
    """Whether anybody else who works administers everything."""
    call = Call("the administrators", is_write=False, scope="roles:read")
    assigned = session.get(f"{API}/iam/assignees/users", call, {"limit": str(ADMINS_MAX)})
    if not isinstance(assigned, Mapping) or not isinstance(assigned.get("value"), list):
        raise unreadable(session.peer, call, "no list")
    others = [str(each.get("id")) for each in assigned["value"] if each.get("id") != but]
    return any(
        SUPER_ADMIN in roles(session, "users", each) and user(session, each)["status"] == "ACTIVE"
        for each in others[:ADMINS_MAX]
    )


def checked(session: Session, found: Any, call: Call) -> Mapping[str, Any]:
    """What Okta calls a record. Raises where an answer is none."""
    if not isinstance(found, Mapping) or "id" not in found or "profile" not in found:
        raise unreadable(session.peer, call, "no record")
    return found

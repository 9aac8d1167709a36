"""What the directory tells of a person and a group, as cards and policies want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.errors import Rejected
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import Snapshot, Value
from connectors.saying import safe
from connectors.wire import Call

PEOPLE = frozenset({"people:read"})
GROUPS = frozenset({"groups:read", "roles:read"})
MY_CUSTOMER = "my_customer"  # the API's own name for the customer of whoever asks
ADMINS_MAX = 100  # who are looked at for another super administrator


@dataclass(frozen=True)
class Person:
    """A user. `why` is Google's reason of a suspension ("ADMIN" where one of its own did it),
    `last_sign_in` the moment as Google writes it, "" where it says none."""

    id: str
    email: str
    name: str
    is_suspended: bool
    is_archived: bool
    why: str
    is_super_admin: bool
    is_admin: bool
    last_sign_in: str

    @property
    def status(self) -> str:
        """ "active", "suspended" or "archived"."""
        if self.is_archived:
            return "archived"
        return "suspended" if self.is_suspended else "active"


@dataclass(frozen=True)
class Group:
    """A group; `members` are those directly in it."""

    id: str
    email: str
    name: str
    members: int
    is_admin: bool


def person(session: Session, person_id: str) -> Person:
    """Raises Rejected for one who is not there any more."""
    call = Call(f"the person {person_id}", is_write=False, scope="people:read")
    found = session.call("users", "get", call, userKey=person_id)
    if str(found.get("id")) != person_id:  # Google takes addresses and aliases for it too
        raise Rejected(
            f"{SYSTEM} has no person with the id {safe(person_id)}.",
            next_step="Give the id that a search finds.",
        )
    return told(found)


def told(found: Mapping[str, Any]) -> Person:
    """A user in our words."""
    name = found.get("name") or {}
    return Person(
        id=str(found["id"]),
        email=safe(found.get("primaryEmail") or "").lower(),
        name=safe(name.get("fullName") or ""),
        is_suspended=bool(found.get("suspended")),
        is_archived=bool(found.get("archived")),
        why=safe(found.get("suspensionReason") or ""),
        is_super_admin=bool(found.get("isAdmin")),
        is_admin=bool(found.get("isAdmin") or found.get("isDelegatedAdmin")),
        last_sign_in=safe(found.get("lastLoginTime") or ""),
    )


def group(session: Session, group_id: str) -> Group:
    """Raises Rejected for one that is not there any more."""
    call = Call(f"the group {group_id}", is_write=False, scope="groups:read")
    found = session.call("groups", "get", call, groupKey=group_id)
    if str(found.get("id")) != group_id:
        raise Rejected(
            f"{SYSTEM} has no group with the id {safe(group_id)}.",
            next_step="Give the id that a search finds.",
        )
    return with_roles(session, found)


def with_roles(session: Session, found: Mapping[str, Any]) -> Group:
    """A group in our words."""
    group_id = str(found["id"])
    return Group(
        id=group_id,
        email=safe(found.get("email") or "").lower(),
        name=safe(found.get("name") or ""),
        members=int(found.get("directMembersCount") or 0),
        is_admin=_is_assigned(session, group_id),
    )


def role_in(session: Session, group_id: str, person_id: str) -> str:
    """The person's role in the group ("MEMBER", "MANAGER", "OWNER"), "" for one who is not
    directly in it."""
    call = Call(f"the membership of {person_id}", is_write=False, scope="groups:read")
    found = session.find("members", "get", call, groupKey=group_id, memberKey=person_id)
    return safe(found.get("role") or "MEMBER") if found else ""


def count_owners(session: Session, group_id: str) -> int:
    """How many own the group."""
    call = Call(f"the owners of {group_id}", is_write=False, scope="groups:read")
    owners = session.pages("members", call, "members", groupKey=group_id, roles="OWNER")
    return sum(1 for _ in owners)


def has_other_super_admin(session: Session, but: str) -> bool:
    """Whether anybody else who works administers everything."""
    call = Call("the administrators", is_write=False, scope="people:read")
    page = session.call(
        "users", "list", call, customer=MY_CUSTOMER, query="isAdmin=true", maxResults=ADMINS_MAX
    )
    people = [told(each) for each in page.get("users", ())]
    return any(
        each.is_super_admin and each.status == "active" and each.id != but for each in people
    )


def about_person(session: Session, who: Person) -> Mapping[str, Value]:
    """What a card and policy want to know of a person."""
    return {
        "person": who.id,
        "person_email": who.email,
        "person_name": who.name,
        "person_status": who.status,
        "person_is_admin": who.is_admin,
        "person_is_self": who.email == session.admin,
    }


def refuse_self(before: Snapshot) -> None:
    """Raises Rejected for the account that asks. An execution asks as the one that writes, so
    neither that nor the one that reads does this to itself."""
    if before.about["person_is_self"]:
        raise Rejected(
            f"{before.about['person_email']} is the account that asks, and would lock itself out.",
            next_step="Do it in the Admin console, if it is meant.",
        )


def _is_assigned(session: Session, record_id: str) -> bool:
    """Whether a role of an administrator is given to it. Google does not filter by groups."""
    call = Call("the administrators' roles", is_write=False, scope="roles:read")
    held = session.pages("roleAssignments", call, "items", customer=MY_CUSTOMER)
    return any(str(each.get("assignedTo")) == record_id for each in held)

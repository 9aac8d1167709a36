"""What the identity store tells of a person and a group, as cards and policies want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.aws_identity.session import PAGE_ITEMS, PAGES_MAX, SYSTEM, Session
from connectors.errors import Rejected
from connectors.operation import Snapshot, Value
from connectors.saying import safe
from connectors.wire import Call

READ_SCOPES = frozenset({"people:read", "groups:read", "assignments:read"})
ASSIGNMENTS_SHOWN = 20  # of a group, on a card and to policy
PERMISSION_SETS_MAX = 50  # of one group that are looked into; with more it counts as an admin's

# AWS managed policies that let their holder grant access to anybody (IAM user guide, "AWS managed
# policies for job functions"; IAM Identity Center user guide, "AWS managed policies").
ADMIN_POLICIES = frozenset(
    {"AdministratorAccess", "IAMFullAccess", "PowerUserAccess", "AWSSSOMasterAccountAdministrator",
     "AWSSSOMemberAccountAdministrator", "AWSSSODirectoryAdministrator"}
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A user of the store. `status` is "enabled", "disabled", or "unknown" where none is said."""

    id: str
    login: str
    email: str
    name: str
    status: str


@dataclass(frozen=True)
class Group:
    """A group of the store, its size, and what it opens: "ACCOUNT PERMISSION-SET"."""

    id: str
    name: str
    members: int
    assignments: tuple[str, ...]
    is_admin: bool


def person(session: Session, person_id: str) -> Person:
    """Raises Rejected for one who is not there any more."""
    call = Call(f"the person {person_id}", is_write=False, scope="people:read")
    user = session.call(
        "identitystore",
        "describe_user",
        call,
        IdentityStoreId=session.place.store,
        UserId=person_id,
    )
    emails = [each for each in user.get("Emails") or () if each.get("Value")]
    first = next((each for each in emails if each.get("Primary")), emails[0] if emails else {})
    return Person(
        id=str(user["UserId"]),
        login=safe(user.get("UserName") or ""),
        email=safe(first.get("Value", "")),
        name=safe(user.get("DisplayName") or ""),
        status=str(user.get("UserStatus") or "unknown").lower(),
    )


def group(session: Session, group_id: str) -> Group:
    """Raises Rejected for one that is not there any more."""
    call = Call(f"the group {group_id}", is_write=False, scope="groups:read")
    store = session.place.store
    found = session.call(
        "identitystore", "describe_group", call, IdentityStoreId=store, GroupId=group_id
    )
    members = session.pages(
        "identitystore", "list_group_memberships", call, "GroupMemberships",
        IdentityStoreId=store, GroupId=group_id,
    )  # fmt: skip
    assignments, is_admin = _assignments(session, group_id)
    name = safe(found.get("DisplayName") or "")
    return Group(str(found["GroupId"]), name, len(members), assignments, is_admin)


def membership_id(session: Session, group_id: str, person_id: str) -> str:
    """The id of that membership, "" where there is none."""
    call = Call(f"the membership of {person_id}", is_write=False, scope="groups:read")
    return session.found(
        "identitystore", "get_group_membership_id", call, "MembershipId",
        IdentityStoreId=session.place.store, GroupId=group_id, MemberId={"UserId": person_id},
    )  # fmt: skip


def snapshot(session: Session, group_id: str, person_id: str) -> Snapshot:
    """Whether the person is in the group, with what both are."""
    who, what = person(session, person_id), group(session, group_id)
    membership = membership_id(session, group_id, person_id)
    return Snapshot(
        system=SYSTEM,
        resource=f"membership of {who.login} in {what.name}",
        version="",
        fields={"is_member": bool(membership)},
        about={
            "person": who.id,
            "person_login": who.login,
            "person_email": who.email,
            "person_name": who.name,
            "person_status": who.status,
            "group": what.id,
            "group_name": what.name,
            "group_members": what.members,
            "group_assignments": list(what.assignments[:ASSIGNMENTS_SHOWN]),
            "group_is_admin": what.is_admin,
            "membership": membership,
        },
    )


def instance_arn(session: Session) -> str:
    """The Identity Center of the store. Raises Rejected where the account sees none."""
    call = Call(f"the identity store {session.place.store}", is_write=False,
                scope="assignments:read")  # fmt: skip
    instances = session.pages("sso-admin", "list_instances", call, "Instances")
    for each in instances:
        if each.get("IdentityStoreId") == session.place.store:
            return str(each["InstanceArn"])
    raise Rejected(
        f"{SYSTEM} shows the account {safe(session.account)} no identity store"
        f" {session.place.store} in {session.place.region}.",
        next_step="Check the connection's address; it names the region and the store.",
    )


def _assignments(session: Session, group_id: str) -> tuple[tuple[str, ...], bool]:
    """What the group opens, and whether an administrator's rights are among it. Where that cannot
    be judged (a policy of one's own, too many sets), they are."""
    instance = instance_arn(session)
    call = Call(f"the assignments of the group {group_id}", is_write=False,
                scope="assignments:read")  # fmt: skip
    found = session.pages(
        "sso-admin", "list_account_assignments_for_principal", call, "AccountAssignments",
        InstanceArn=instance, PrincipalId=group_id, PrincipalType="GROUP",
    )  # fmt: skip
    sets = sorted({str(each["PermissionSetArn"]) for each in found})
    names = {arn: _permission_set(session, instance, arn) for arn in sets[:PERMISSION_SETS_MAX]}
    told = sorted(
        f"{each['AccountId']} {names.get(str(each['PermissionSetArn']), ('more', True))[0]}"
        for each in found
    )
    is_admin = len(sets) > PERMISSION_SETS_MAX or any(admin for _, admin in names.values())
    return tuple(told), is_admin


def _permission_set(session: Session, instance: str, arn: str) -> tuple[str, bool]:
    call = Call(f"the permission set {arn.rsplit('/', 1)[-1]}", is_write=False,
                scope="assignments:read")  # fmt: skip
    which: Mapping[str, Any] = {"InstanceArn": instance, "PermissionSetArn": arn}
    described = session.call("sso-admin", "describe_permission_set", call, **which)
    managed = session.pages(
        "sso-admin", "list_managed_policies_in_permission_set", call, "AttachedManagedPolicies",
        **which,
    )  # fmt: skip
    own = session.pages(
        "sso-admin", "list_customer_managed_policy_references_in_permission_set", call,
        "CustomerManagedPolicyReferences", **which,
    )  # fmt: skip
    inline = session.call("sso-admin", "get_inline_policy_for_permission_set", call, **which)
    is_admin = any(each.get("Name") in ADMIN_POLICIES for each in managed)
    is_own = bool(own) or bool(inline.get("InlinePolicy"))
    return safe(described["PermissionSet"].get("Name") or arn), is_admin or is_own


def facts(before: Snapshot) -> Mapping[str, Value]:
    """What policy judges a membership on."""
    about = before.about
    return {
        "person.login": about["person_login"],
        "person.email": about["person_email"],
        "person.status": about["person_status"],
        "group.id": about["group"],
        "group.name": about["group_name"],
        "group.members": about["group_members"],
        "group.members_are_all_counted": about["group_members"] < PAGES_MAX * PAGE_ITEMS,
        "group.assignments": list(about["group_assignments"]),
        "group.is_admin": about["group_is_admin"],
        "membership.is_member": before.fields["is_member"],
    }


FACT_TYPES: Mapping[str, Any] = {
    "person.login": "string",
    "person.email": "string",
    "person.status": "string",
    "group.id": "string",
    "group.name": "string",
    "group.members": "int",
    "group.members_are_all_counted": "bool",
    "group.assignments": "list<string>",
    "group.is_admin": "bool",
    "membership.is_member": "bool",
}

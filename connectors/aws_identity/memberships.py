"""Adding to a group and removing from it: each is how the other is taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.aws_identity import directory
from connectors.aws_identity.session import SYSTEM, Session
from connectors.errors import Conflict, Rejected
from connectors.operation import FactType, Guard, Params, Reversible, Snapshot, Value
from connectors.state_write import Fields
from connectors.text import Identifier
from connectors.until import Until, fact, moment, way_back
from connectors.wire import Call

SCOPES = directory.READ_SCOPES | {"memberships:write"}
GUARDED = ("person_login", "person_status", "group_name", "group_is_admin")
RE_READ = Guard("re-read", "the membership, the person's login and status, the group's name")
LAG_SECONDS = 10.0  # AWS documents none for the identity store; IAM's reads lag by seconds

GRANT_FACT_TYPES: Mapping[str, FactType] = {
    **directory.FACT_TYPES,
    "grant.is_bounded": "bool",
    "grant.until": "timestamp",
}


class MembershipParams(Params):
    """Who, and which group, by the ids of the identity store."""

    person: Identifier
    group: Identifier


class GrantParams(MembershipParams):
    """Who joins which group, and until when; without an end for good."""

    until: Until | None = None


def load(session: Session, params: MembershipParams) -> Snapshot:
    """The membership as it stands."""
    return directory.snapshot(session, params.group, params.person)


def facts(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return directory.facts(before)


def reference(params: MembershipParams) -> str:
    """The membership in the store's ids."""
    return f"{params.group}/{params.person}"


def joined(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """In the group; nothing where the person is in it. Rejected for one who is disabled."""
    if before.fields["is_member"]:
        return {}
    if before.about["person_status"] == "disabled":
        raise Rejected(
            f"{before.about['person_login']} is disabled in {SYSTEM}.",
            next_step="Enable the person first, or choose another.",
        )
    return {"is_member": True}


def left(_params: MembershipParams, before: Snapshot) -> Mapping[str, Value]:
    """Out of the group. Rejected for the last one of a group of administrators."""
    if not before.fields["is_member"]:
        return {}
    if before.about["group_is_admin"] and before.about["group_members"] <= 1:
        raise Rejected(
            f"{before.about['person_login']} is the last member of {before.about['group_name']},"
            " which administers accounts.",
            next_step="Add another administrator first.",
        )
    return {"is_member": False}


def add(session: Session, params: MembershipParams, _live: Snapshot, _wanted: Fields) -> bool:
    """One call; the store refuses a second membership of the same two."""
    call = Call(_subject(params), is_write=True, scope="memberships:write")
    try:
        session.call(
            "identitystore", "create_group_membership", call,
            IdentityStoreId=session.place.store, GroupId=params.group,
            MemberId={"UserId": params.person},
        )  # fmt: skip
    except Conflict:
        if not directory.membership_id(session, params.group, params.person):
            raise
        return False
    return True


def remove(session: Session, params: MembershipParams, live: Snapshot, _wanted: Fields) -> bool:
    """One call, for the very membership that was read; one that is gone is removed."""
    call = Call(_subject(params), is_write=True, scope="memberships:write")
    try:
        session.call(
            "identitystore", "delete_group_membership", call,
            IdentityStoreId=session.place.store, MembershipId=live.about["membership"],
        )  # fmt: skip
    except Rejected:
        if directory.membership_id(session, params.group, params.person):
            raise
        return False
    return True


def _subject(params: MembershipParams) -> str:
    return f"the membership of {params.person} in {params.group}"


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

"""A person's membership in a team: what adding and removing both read, judge and write."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.github import people
from connectors.github.names import Login, Organization, TeamSlug
from connectors.github.people import READ_SCOPE, WRITE_SCOPE
from connectors.github.session import Session, part
from connectors.github.state import snapshot
from connectors.operation import FactType, Params, Snapshot, Value

READ_SCOPES = frozenset({READ_SCOPE})
SCOPES = READ_SCOPES | {WRITE_SCOPE}
NONE = "none"

FACT_TYPES: Mapping[str, FactType] = {
    "team.slug": "string",
    "team.is_secret": "bool",
    "team.members": "int",
    "person.is_organization_member": "bool",
    "person.is_organization_owner": "bool",
    "person.is_outside_collaborator": "bool",
    "person.is_last_maintainer": "bool",
    "role.is_admin": "bool",
}


class MemberParams(Params):
    """Whose membership in which team."""

    organization: Organization
    team: TeamSlug
    login: Login


def load(session: Session, params: MemberParams) -> Snapshot:
    """The membership as it stands: `role` "none", "member" or "maintainer", `invitation` "pending"
    until the person accepts."""
    session.require_owner(params.organization)
    person = people.load(session, params.login, params.organization)
    name = f"{params.organization}/{params.team}"
    team = session.get(_team(params), f"team {name}", READ_SCOPE).body
    resource = f"membership of {person.login} in team {name}"
    found = session.find(_path(params), resource, READ_SCOPE)
    with session.understood(resource):
        role = str(found.body["role"]) if found is not None else NONE
        is_pending = found is not None and found.body.get("state") == "pending"
        about: dict[str, Value] = {
            "team": str(team["slug"]),
            "team_name": str(team["name"]),
            "team_is_secret": team.get("privacy") == "secret",
            "team_members": int(team.get("members_count") or 0),
            "login": person.login,
            "name": person.name,
            "organization_role": person.organization_role or NONE,
            "is_member": person.is_member,
            "is_owner": person.is_owner,
        }
        maintainers = _maintainers(session, params) if role == "maintainer" else ()
        about["is_last_maintainer"] = maintainers == (person.login.lower(),)
    fields = {"role": role, "invitation": "pending" if is_pending else NONE}
    return snapshot(resource, fields, about)


def facts(before: Snapshot, role: str) -> Mapping[str, Value]:
    """What policy judges it on; `role` is the one that the write gives."""
    return {
        "team.slug": before.about["team"],
        "team.is_secret": before.about["team_is_secret"],
        "team.members": before.about["team_members"],
        "person.is_organization_member": before.about["is_member"],
        "person.is_organization_owner": before.about["is_owner"],
        "person.is_outside_collaborator": not before.about["is_member"],
        "person.is_last_maintainer": before.about["is_last_maintainer"],
        "role.is_admin": role == "maintainer",
    }


def add(session: Session, params: MemberParams, role: str) -> None:
    """The person becomes a member with that role, or is invited to it."""
    subject = f"membership of {params.login} in team {params.organization}/{params.team}"
    session.write("PUT", _path(params), subject, WRITE_SCOPE, {"role": role})


def remove(session: Session, params: MemberParams) -> None:
    """The person is no longer in the team, nor invited; in the organization they stay."""
    subject = f"membership of {params.login} in team {params.organization}/{params.team}"
    session.write("DELETE", _path(params), subject, WRITE_SCOPE)


def stands(live: Mapping[str, Value], left: Mapping[str, Value]) -> bool:
    """Whether the role is the one that was given; an invitation may have been accepted since."""
    return bool(live["role"] == left["role"])


def _team(params: MemberParams) -> str:
    return f"/orgs/{part(params.organization)}/teams/{part(params.team)}"


def _path(params: MemberParams) -> str:
    return f"{_team(params)}/memberships/{part(params.login)}"


def _maintainers(session: Session, params: MemberParams) -> tuple[str, ...]:
    """Logins in lower case; who is more than one page down does not matter to who is the last."""
    query = {"role": "maintainer", "per_page": "2"}
    subject = f"maintainers of team {params.organization}/{params.team}"
    answer = session.get(f"{_team(params)}/members", subject, READ_SCOPE, query)
    found = answer.body if isinstance(answer.body, list) else []
    return tuple(str(member["login"]).lower() for member in found)

"""`github.set_repository_role`: give a person a role in one repository, another one, or none.

It is the person's own role there: what a team or the organization gives besides stays. Who is
neither in the organization nor in the repository is invited, and has the role on accepting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from connectors.errors import Rejected
from connectors.github import people, repositories
from connectors.github.names import Login, Repository
from connectors.github.session import SYSTEM, Session, part
from connectors.github.state import LAG_SECONDS, changes, snapshot, state
from connectors.operation import Guard, Irreversible, Operation, Params, Reversible, Snapshot, Value

READ_SCOPE = "administration:read"
WRITE_SCOPE = "administration:write"
READ_SCOPES = frozenset({READ_SCOPE, people.READ_SCOPE})
SCOPES = READ_SCOPES | {WRITE_SCOPE}
NONE = "none"

# GitHub names roles in one way and takes them in another; a custom role has one name only.
_PERMISSIONS = {"read": "pull", "write": "push"}
_RANK = {NONE: 0, "read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5}


class RoleParams(Params):
    """Whose role in which repository, and which."""

    repository: Repository
    login: Login
    role: Literal["none", "read", "triage", "write", "maintain", "admin"]


def load(session: Session, params: RoleParams) -> Snapshot:
    """The person's role among those who have one of their own there, and the one that an open
    invitation would give. Who has more by a team is listed with that: lowering it shows."""
    repo = repositories.load(session, params.repository, READ_SCOPE)
    person = people.load(session, params.login, repo.organization)
    role = _direct_role(session, repo.name, person.login)
    invitation, invited_as = (None, NONE)
    if role == NONE:
        invitation, invited_as = _invitation(session, repo.name, person.login)
    return snapshot(
        f"role of {person.login} in {repo.name}",
        {"role": role, "invited_as": invited_as},
        {
            **repo.about,
            "login": person.login,
            "name": person.name,
            "is_member": person.is_member,
            "is_owner": person.is_owner or person.login.lower() == repo.owner.lower(),
            "invitation": invitation,
        },
    )


def preview(params: RoleParams, before: Snapshot) -> Mapping[str, Value]:
    """The role, or the invitation to it. Raises Rejected for an owner, who has every role, and in
    an archived repository."""
    is_at_once = (
        params.role == NONE or before.fields["role"] != NONE or bool(before.about["is_member"])
    )
    wanted = (
        {"role": params.role, "invited_as": NONE}
        if is_at_once
        else {"role": NONE, "invited_as": params.role}
    )
    changed = changes(before, wanted)
    if changed:
        repositories.refuse_archived(before.resource, before.about)
    if changed and before.about["is_owner"]:
        raise Rejected(
            f"{before.about['login']} is an owner and has every role in each repository.",
            next_step="Change who owns it at GitHub, if that is meant.",
        )
    return changed


def facts(params: RoleParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    has = before.fields["role"] if before.fields["role"] != NONE else before.fields["invited_as"]
    return {
        "role.name": params.role,
        "role.is_admin": params.role in ("maintain", "admin"),
        "role.is_more": _RANK[params.role] > _RANK.get(has, 0),
        "person.is_outside_collaborator": not before.about["is_member"],
        "person.is_organization_owner": before.about["is_owner"],
        "repository.name": before.about["repository"],
        "repository.is_private": before.about["repository_is_private"],
        "repository.is_archived": before.about["repository_is_archived"],
    }


def undo(_params: RoleParams, now: Snapshot) -> Reversible | Irreversible:
    """The earlier role can always be given again."""
    return Reversible(f"{now.about['login']} gets the earlier role back, or none again")


def apply(session: Session, params: RoleParams, live: Snapshot, after: Mapping[str, Value]) -> None:
    """One call: to the collaborator, or to the invitation that is open."""
    wanted = after["role"] if after["role"] != NONE else after["invited_as"]
    collaborator = f"/repos/{params.repository}/collaborators/{part(params.login)}"
    invitation = f"/repos/{params.repository}/invitations/{live.about['invitation']}"
    is_invited = live.fields["invited_as"] != NONE
    if wanted == NONE:
        path = invitation if is_invited else collaborator
        session.write("DELETE", path, live.resource, WRITE_SCOPE)
    elif is_invited and after["role"] == NONE:
        session.write("PATCH", invitation, live.resource, WRITE_SCOPE, {"permissions": wanted})
    else:
        body = {"permission": _PERMISSIONS.get(wanted, wanted)}
        session.write("PUT", collaborator, live.resource, WRITE_SCOPE, body)


def _direct_role(session: Session, repository: str, login: str) -> str:
    path, subject = f"/repos/{repository}/collaborators", f"collaborators of {repository}"
    for entry in session.pages(path, subject, READ_SCOPE, {"affiliation": "direct"}):
        if str(entry.get("login")).lower() == login.lower():
            return str(entry.get("role_name") or NONE)
    return NONE


def _invitation(session: Session, repository: str, login: str) -> tuple[int | None, str]:
    path, subject = f"/repos/{repository}/invitations", f"invitations to {repository}"
    for entry in session.pages(path, subject, READ_SCOPE):
        with session.understood(subject):
            invitee = entry.get("invitee") or {}
            if str(invitee.get("login")).lower() == login.lower() and not entry.get("expired"):
                return int(entry["id"]), str(entry["permissions"])
    return None, NONE


_state = state(READ_SCOPES, SCOPES, load, preview, apply)

OPERATION = Operation(
    name="github.set_repository_role",
    title="Set a person's role in a repository",
    system=SYSTEM,
    params=RoleParams,
    scopes=SCOPES,
    fact_types={
        "role.name": "string",
        "role.is_admin": "bool",
        "role.is_more": "bool",
        "person.is_outside_collaborator": "bool",
        "person.is_organization_owner": "bool",
        "repository.name": "string",
        "repository.is_private": "bool",
        "repository.is_archived": "bool",
    },
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the person's role and invitation"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)

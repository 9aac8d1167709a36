"""`github.remove_from_organization`: take a person out of the organization, and so out of each of
its teams and private repositories; an invitation that is open is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected
from connectors.github import people
from connectors.github.names import Login, Organization
from connectors.github.people import READ_SCOPE, WRITE_SCOPE
from connectors.github.session import SYSTEM, Session, part
from connectors.github.state import LAG_SECONDS, changes, snapshot, state
from connectors.operation import (
    FactType,
    Guard,
    Irreversible,
    Operation,
    Params,
    Reversible,
    Snapshot,
    Value,
)
from connectors.state_write import final

READ_SCOPES = frozenset({READ_SCOPE})
SCOPES = READ_SCOPES | {WRITE_SCOPE}
NONE = "none"
WHY = (
    "who comes back is invited anew, and teams, forks of private repositories and assignments are"
    " gone"
)

FACT_TYPES: Mapping[str, FactType] = {
    "person.login": "string",
    "person.is_self": "bool",
    "person.is_organization_member": "bool",
    "person.is_organization_owner": "bool",
}


class LeaveParams(Params):
    """Who leaves which organization."""

    organization: Organization
    login: Login


def load(session: Session, params: LeaveParams) -> Snapshot:
    """The membership as it stands: `role` "none", "member" or "admin", `invitation` "pending" until
    the person accepts."""
    session.require_owner(params.organization)
    person = people.load(session, params.login, params.organization)
    about: dict[str, Value] = {
        "login": person.login,
        "name": person.name,
        "is_self": person.login.lower() == session.account.rpartition("/")[2].lower(),
        "is_member": person.is_member,
        "is_owner": person.is_owner,
        "is_last_owner": person.is_owner and _is_only_owner(session, params),
    }
    fields = {
        "role": person.organization_role or NONE,
        "invitation": "pending" if person.is_invited else NONE,
    }
    return snapshot(f"membership of {person.login} in {params.organization}", fields, about)


def preview(_params: LeaveParams, before: Snapshot) -> Mapping[str, Value]:
    """No role, and no invitation. Rejected for the account that Assent uses and for the last
    owner."""
    if before.about["is_self"]:
        raise Rejected(
            f"{before.about['login']} is the account that asks, and would lock itself out.",
            next_step=f"Do it at {SYSTEM} itself, if it is meant.",
        )
    if before.about["is_last_owner"]:
        raise Rejected(
            f"{before.about['login']} is the only owner of the organization.",
            next_step="Make somebody else an owner first.",
        )
    return changes(before, {"role": NONE, "invitation": NONE})


def facts(_params: LeaveParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    about = before.about
    return {
        "person.login": about["login"],
        "person.is_self": about["is_self"],
        "person.is_organization_member": about["is_member"],
        "person.is_organization_owner": about["is_owner"],
    }


def undo(_params: LeaveParams, _now: Snapshot) -> Reversible | Irreversible:
    """Never: an invitation is another thing than what was."""
    return Irreversible(WHY)


def apply(
    session: Session, params: LeaveParams, _live: Snapshot, _after: Mapping[str, Value]
) -> None:
    """The membership goes, in one call."""
    subject = f"membership of {params.login} in {params.organization}"
    path = f"/orgs/{part(params.organization)}/memberships/{part(params.login)}"
    session.write("DELETE", path, subject, WRITE_SCOPE)


def _is_only_owner(session: Session, params: LeaveParams) -> bool:
    query = {"role": "admin", "per_page": "2"}
    subject = f"owners of {params.organization}"
    path = f"/orgs/{part(params.organization)}/members"
    answer = session.get(path, subject, READ_SCOPE, query)
    return isinstance(answer.body, list) and len(answer.body) == 1


_check_back, _ = final(WHY, f"Invite the person at {SYSTEM}.")
_state = state(READ_SCOPES, SCOPES, load, preview, apply, check_back=_check_back)

OPERATION = Operation(
    name="github.remove_from_organization",
    title="Remove a person from the organization",
    system=SYSTEM,
    params=LeaveParams,
    scopes=SCOPES,
    fact_types=FACT_TYPES,
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "the person's role in the organization"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)

"""People as GitHub knows them: a login, and whether an organization has it as a member."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import Rejected
from connectors.github.session import SYSTEM, Session, part

READ_SCOPE = "members:read"
WRITE_SCOPE = "members:write"


@dataclass(frozen=True)
class Person:
    """An account, and what it is in an organization: "" for nobody there, "member" or "admin"."""

    login: str
    name: str
    kind: str  # "User", "Bot", "Organization"
    organization_role: str
    is_invited: bool = False
    email: str = ""  # what the profile shows, which GitHub has had confirmed; most show none

    @property
    def is_member(self) -> bool:
        """Of the organization; who is only invited is not yet."""
        return bool(self.organization_role) and not self.is_invited

    @property
    def is_owner(self) -> bool:
        """Of the organization."""
        return self.is_member and self.organization_role == "admin"


def load(session: Session, login: str, organization: str) -> Person:
    """The person of that login. Raises Rejected where there is none, so that no typing error
    invites a stranger, and for what is no person."""
    found = find(session, login, organization)
    if found is None:
        raise Rejected(
            f"{SYSTEM} knows nobody with the login {login}.",
            next_step="Check the login on the person's profile page.",
        )
    if found.kind not in ("User", "Bot"):
        raise Rejected(
            f"{login} is an organization at {SYSTEM}, not a person.",
            next_step="Name a person's login.",
        )
    return found


def find(session: Session, login: str, organization: str) -> Person | None:
    """The same, None where there is nobody."""
    answer = session.find(f"/users/{part(login)}", f"person {login}", READ_SCOPE)
    if answer is None:
        return None
    with session.understood(f"person {login}"):
        found = str(answer.body["login"])
        kind = str(answer.body.get("type") or "User")
        name = str(answer.body.get("name") or "")
        email = str(answer.body.get("email") or "").lower()
    role, is_invited = membership(session, found, organization)
    return Person(found, name, kind, role, is_invited, email)


def membership(session: Session, login: str, organization: str) -> tuple[str, bool]:
    """The role in the organization, "" for none, and whether it is an invitation as yet."""
    if not organization:
        return "", False
    path = f"/orgs/{part(organization)}/memberships/{part(login)}"
    subject = f"membership of {login} in {organization}"
    answer = session.find(path, subject, READ_SCOPE)
    if answer is None:
        return "", False
    with session.understood(subject):
        return str(answer.body["role"]), answer.body.get("state") == "pending"

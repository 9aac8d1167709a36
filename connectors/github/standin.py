"""What stands before emulate's GitHub, which takes any token for its first user.

Ours are: tokens and what they permit, the pinned API version, who is in the organization (emulate
takes the maintainer of any team for an owner of it), the roles in the list of collaborators,
invitations to a repository, that an archived repository is read-only. Everything else is
emulate's. A tenant is a repository and a team of its own in one organization; the names that tests
know are replaced on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from connectors.conformance import loopback
from connectors.conformance.loopback import TENANT, Handler, Server

ORGANIZATION = "acme"
NAME = "payments"  # of the repository, and the beginning of the team's
TOKENS = 20  # of emulate for each account: each may call 5,000 times an hour
API_VERSIONS = ("2022-11-28", "2026-03-10")
WAIT_SECONDS = 30.0

# Login -> role in the organization, "" for nobody there.
PEOPLE: Mapping[str, str] = {
    "assent-bot": "admin",
    "assent-reader": "member",
    "maya-ops": "member",
    "lee-owner": "admin",
    "kim-contractor": "",
    "sam-stranger": "",
}
Answer = tuple[int, dict[str, str], Any]

_INVITATIONS = re.compile(r"^/repos/[^/]+/[^/]+/invitations(?:/(\d+))?$")
_COLLABORATORS = re.compile(r"^(/repos/[^/]+/[^/]+/collaborators)(?:/([^/]+))?$")
_OWNERS = f"/orgs/{ORGANIZATION}/members"
_MEMBERSHIP = re.compile(rf"^/orgs/{ORGANIZATION}/memberships/([^/]+)$")
_ROLE_OF = {"pull": "read", "push": "write"}


@dataclass
class Tenant:
    """One fresh GitHub. `tokens` say who each is, `readers` are those that may not write."""

    number: int
    tokens: Mapping[str, str]
    readers: frozenset[str]
    invitations: dict[int, dict[str, Any]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)  # given to members of the organization
    is_archived: bool = False
    members: dict[str, str] = field(  # of the organization, each with the role
        default_factory=lambda: {login: role for login, role in PEOPLE.items() if role}
    )

    @property
    def name(self) -> str:
        """What emulate knows as the repository."""
        return f"{NAME}-{self.number}"


class StandIn:
    """One server for all tenants of a process."""

    def __init__(self, emulate: str) -> None:
        parts = urlsplit(emulate)
        self.emulate = (parts.hostname or "", parts.port or 80)
        self.tenants: dict[str, Tenant] = {}
        self.address = Server(_Handler, standin=self).address

    def call(
        self, tenant: Tenant, method: str, path: str, body: Any = None, login: str = "assent-bot"
    ) -> Answer:
        """One call of emulate as that person, with the tenant's own names."""
        said = json.dumps(body) if body is not None else ""
        path, said = path.replace(NAME, tenant.name), said.replace(NAME, tenant.name)
        headers = {"Authorization": f"Bearer {token_of(login, tenant.number % TOKENS)}"}
        if said:
            headers["Content-Type"] = "application/json"
        line = HTTPConnection(*self.emulate, timeout=WAIT_SECONDS)
        line.request(method, path, said or None, headers)
        answer = line.getresponse()
        text = answer.read().decode().replace(tenant.name, NAME)
        line.close()
        kept = {k.lower(): v for k, v in answer.getheaders()}
        kept = {k: v for k, v in kept.items() if k == "link" or k.startswith("x-ratelimit")}
        return answer.status, kept, json.loads(text) if text else None


def token_of(login: str, index: int) -> str:
    """One of emulate's own tokens of that person."""
    return f"emulate-{login}-{index}"


class _Handler(Handler):
    standin: StandIn

    def answered(self, body: bytes) -> loopback.Answer:
        tenant = self.standin.tenants[self.headers[TENANT]]
        status, headers, said = self._decide(tenant, json.loads(body or b"null"))
        return loopback.Answer(status, said, headers)

    def _decide(self, tenant: Tenant, body: Any) -> Answer:
        if self.headers.get("X-GitHub-Api-Version") not in API_VERSIONS:
            return _error(400, "The API version is not supported.")
        token = re.sub(r"^(Bearer|token) ", "", self.headers.get("Authorization") or "")
        login = tenant.tokens.get(token)
        if login is None:
            return _error(401, "Bad credentials")
        is_write = self.command != "GET"
        if is_write and login in tenant.readers:
            return _error(403, "Resource not accessible by personal access token")
        path = urlsplit(self.path).path
        if is_write and tenant.is_archived and path.startswith("/repos/"):
            return _error(403, "Repository was archived so is read-only.")
        own = _own(self.standin, tenant, self.command, path, body)
        return own or self._forwarded(tenant, body, login)

    def _forwarded(self, tenant: Tenant, body: Any, login: str) -> Answer:
        """Emulate's answer, its search kept to the tenant's repository."""
        path = self.path
        if path.startswith("/search/"):
            path = path.replace(f"org%3A{ORGANIZATION}", f"repo%3A{ORGANIZATION}%2F{NAME}")
        status, headers, said = self.standin.call(tenant, self.command, path, body, login)
        if isinstance(said, dict) and "archived" in said:
            said["archived"] = tenant.is_archived
        return status, headers, said


def _own(front: StandIn, tenant: Tenant, method: str, path: str, body: Any) -> Answer | None:
    if found := _MEMBERSHIP.match(path):
        return _membership(tenant, method, found[1].lower())
    if path == _OWNERS and method == "GET":
        return 200, {}, [{"login": who} for who, role in tenant.members.items() if role == "admin"]
    if found := _INVITATIONS.match(path):
        return _invitation(tenant, method, found[1], body)
    if found := _COLLABORATORS.match(path):
        if method == "GET" and found[2] is None:
            return _collaborators(front, tenant, found[1])
        if method == "PUT" and PEOPLE.get(found[2]):
            tenant.roles[found[2]] = _ROLE_OF.get(body["permission"], body["permission"])
        elif method == "PUT":
            return _invited(front, tenant, found[1], found[2], body)
    return None


def _membership(tenant: Tenant, method: str, login: str) -> Answer:
    role = tenant.members.get(login, "")
    if not role:
        return _error(404, "Not Found")
    if method == "DELETE":
        del tenant.members[login]
        return 204, {}, None
    return 200, {}, {"role": role, "state": "active", "user": {"login": login}}


def _collaborators(front: StandIn, tenant: Tenant, path: str) -> Answer:
    """Emulate's list, with the roles that it does not say."""
    status, headers, found = front.call(tenant, "GET", path)
    for entry in found:
        said = front.call(tenant, "GET", f"{path}/{entry['login']}/permission")[2]
        entry["role_name"] = tenant.roles.get(entry["login"], said["role_name"])
    return status, headers, found


def _invited(front: StandIn, tenant: Tenant, path: str, login: str, body: Any) -> Answer | None:
    """Who is nobody in the organization nor in the repository is invited."""
    names = [entry["login"] for entry in front.call(tenant, "GET", path)[2]]
    if login in names:
        return None
    number = len(tenant.invitations) + 1
    role = _ROLE_OF.get(body["permission"], body["permission"])
    made = {"id": number, "invitee": {"login": login}, "permissions": role, "expired": False}
    tenant.invitations[number] = made
    return 201, {}, made


def _invitation(tenant: Tenant, method: str, number: str | None, body: Any) -> Answer:
    if number is None:
        return 200, {}, list(tenant.invitations.values())
    found = tenant.invitations.get(int(number))
    if found is None:
        return _error(404, "Not Found")
    if method == "DELETE":
        del tenant.invitations[int(number)]
        return 204, {}, None
    found["permissions"] = body["permissions"]
    return 200, {}, found


def _error(status: int, message: str) -> Answer:
    return status, {}, {"message": message, "documentation_url": "https://docs.github.com/rest"}

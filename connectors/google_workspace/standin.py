"""A stand-in of our own for Google's token endpoint, its Directory API and the audit of its Reports
API: strict about signatures, delegated scopes, ids, duplicates and pages; it knows what the
connector may ask, nothing else."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.conformance.serving import Answer, Asked, StandIn
from connectors.google_workspace.tokens import OAUTH_SCOPES, TOKEN_ADDRESS

CUSTOMER = "C03az79cb"
RESET = "RESET_SIGNIN_COOKIES"
_DIRECTORY = "https://www.googleapis.com/auth/admin.directory."
# What a call needs, any one of them (Directory API reference, "Authorization scopes").
NEEDED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("GET", "customers"): ("customer.readonly",),
    ("GET", "users"): ("user.readonly", "user"),
    ("PATCH", "users"): ("user",),
    ("POST", "signOut"): ("user.security",),
    ("GET", "groups"): ("group.readonly",),
    ("GET", "members"): ("group.readonly", "group.member"),
    ("POST", "members"): ("group.member",),
    ("DELETE", "members"): ("group.member",),
    ("GET", "roleassignments"): ("rolemanagement.readonly",),
}


@dataclass
class Domain:
    """One customer. `delegated` says which scopes each service account may ask for, and as whom."""

    delegated: Mapping[str, tuple[str, frozenset[str]]]
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, str]] = field(default_factory=dict)  # group -> person -> role
    assigned: list[str] = field(default_factory=list)  # to whom administrators' roles are given
    resets: list[tuple[str, str]] = field(default_factory=list)  # when, whose address; oldest first
    page_items_max: int = 200


DOMAINS: dict[str, Domain] = {}
_TOKENS: dict[str, tuple[str, frozenset[str]]] = {}
_numbers = itertools.count(1)


@cache
def address() -> str:
    """The one server of this process."""
    return StandIn(lambda tenant, asked: answer(DOMAINS[tenant], asked)).address


@cache
def private_key(email: str) -> str:
    """The key of that service account."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, form, nothing).decode()


@cache
def _public(email: str) -> rsa.RSAPublicKey:
    key = serialization.load_pem_private_key(private_key(email).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.public_key()


def key_file(email: str) -> str:
    """The JSON that Google gives for a service account."""
    told = {
        "type": "service_account",
        "client_email": email,
        "private_key_id": hashlib.sha256(email.encode()).hexdigest()[:20],
        "private_key": private_key(email),
        "token_uri": "https://elsewhere.example/token",
    }
    return json.dumps(told)


def user(user_id: str, email: str, name: str, **more: Any) -> dict[str, Any]:
    """A user as the API has it."""
    told = {"id": user_id, "primaryEmail": email, "name": {"fullName": name}, "suspended": False}
    return {**told, "isAdmin": False, "isDelegatedAdmin": False, "archived": False, **more}


def answer(domain: Domain, asked: Asked) -> Answer:
    """What that customer is answered."""
    if asked.path == ("token",):
        return _token(domain, asked)
    token = asked.headers.get("authorization", "").removeprefix("Bearer ")
    if token not in _TOKENS:
        return _refused(401, "authError", "Invalid Credentials")
    if asked.path[:3] == ("admin", "reports", "v1"):
        return _activities(domain, asked, _TOKENS[token][1])
    path = asked.path[3:] if asked.path[:3] == ("admin", "directory", "v1") else ()
    kind = _kind(path)
    needed = {f"{_DIRECTORY}{each}" for each in NEEDED.get((asked.method, kind), ())}
    if not needed & _TOKENS[token][1]:
        return _refused(403, "forbidden", "Not Authorized to access this resource/api")
    return _routed(domain, asked, path, _TOKENS[token][0])


def _kind(path: tuple[str, ...]) -> str:
    if path[:1] == ("customer",):
        return path[-1]
    if path[2:3] in (("members",), ("signOut",)):
        return path[2]
    return path[0] if path else ""


def _token(domain: Domain, asked: Asked) -> Answer:
    assertion = str((asked.body or {}).get("assertion", ""))
    try:
        issuer = str(jwt.decode(assertion, options={"verify_signature": False})["iss"])
        claims = jwt.decode(assertion, _public(issuer), ["RS256"], audience=TOKEN_ADDRESS)
    except (jwt.PyJWTError, KeyError):
        return Answer(
            400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        )
    subject, scopes = domain.delegated.get(issuer, ("", frozenset()))
    asked_scopes = frozenset(str(claims.get("scope", "")).split())
    if claims.get("sub") != subject or not asked_scopes <= scopes:
        said = "Client is unauthorized to retrieve access tokens using this method"
        return Answer(401, {"error": "unauthorized_client", "error_description": said})
    token = f"ya29.standin{next(_numbers):08d}{time.monotonic_ns()}"
    _TOKENS[token] = (subject, asked_scopes)
    while len(_TOKENS) > 500:
        del _TOKENS[next(iter(_TOKENS))]
    return Answer(body={"access_token": token, "expires_in": 3599, "token_type": "Bearer"})


def _routed(  # noqa: PLR0911 - the table of what there is
    domain: Domain, asked: Asked, path: tuple[str, ...], subject: str
) -> Answer:
    match asked.method, path:
        case "GET", ("customers", "my_customer"):
            return Answer(body={"id": CUSTOMER})
        case "GET", ("customer", "my_customer", "roleassignments"):
            held = [{"assignedTo": each} for each in domain.assigned]
            return _paged(domain, asked, "items", held)
        case "GET", ("users",):
            return _users(domain, asked)
        case "GET", ("groups",):
            return _groups(domain, asked)
        case "POST", ("users", key, "signOut"):
            return _signed_out(domain, asked, key)
        case _, ("users", key):
            return _user(domain, asked, subject if key == "me" else key)
        case _, ("groups", key, *rest):
            group = next((g for g in domain.groups.values() if key in (g["id"], g["email"])), None)
            if group is None:
                return _refused(404, "notFound", "Resource Not Found: groupKey")
            return _of_group(domain, asked, group, tuple(rest))
    return _refused(404, "notFound", "Not Found")


def _known(domain: Domain, key: str) -> dict[str, Any] | None:
    known = domain.users.values()
    return next(
        (u for u in known if key in (u["id"], u["primaryEmail"], *u.get("aliases", ()))), None
    )


def _signed_out(domain: Domain, asked: Asked, key: str) -> Answer:
    found = _known(domain, key)
    if found is None:
        return _refused(404, "notFound", "Resource Not Found: userKey")
    if asked.body:
        return _refused(400, "invalid", "Invalid Input")
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    domain.resets.append((now, found["primaryEmail"]))
    return Answer(204)


def _activities(domain: Domain, asked: Asked, scopes: frozenset[str]) -> Answer:
    """Newest first, as the Reports API has them."""
    if OAUTH_SCOPES["logs:read"] not in scopes:
        return _refused(403, "forbidden", "Not Authorized to access this resource/api")
    name, _, whose = asked.query.get("filters", "").partition("==")
    where = ("activity", "users", "all", "applications", "admin")
    is_known = asked.query.get("eventName") == RESET and name == "USER_EMAIL"
    if asked.method != "GET" or asked.path[3:] != where or not is_known:
        return _refused(400, "invalid", "Invalid Input")
    since = asked.query.get("startTime", "")
    found = [
        {
            "id": {"time": at, "applicationName": "admin"},
            "events": [{"name": RESET, "parameters": [{"name": "USER_EMAIL", "value": address}]}],
        }
        for at, address in reversed(domain.resets)
        if address == whose and at >= since
    ]
    return Answer(body={"items": found} if found else {})


def _user(domain: Domain, asked: Asked, key: str) -> Answer:
    found = _known(domain, key)
    if found is None:
        return _refused(404, "notFound", "Resource Not Found: userKey")
    if asked.method == "PATCH":
        if not asked.body or set(asked.body) != {"suspended"}:
            return _refused(400, "invalid", "Invalid Input")
        found["suspended"] = asked.body["suspended"]
        found["suspensionReason"] = "ADMIN" if found["suspended"] else ""
    return Answer(body=found)


def _of_group(domain: Domain, asked: Asked, group: dict[str, Any], rest: tuple[str, ...]) -> Answer:
    held = domain.members.setdefault(group["id"], {})
    match asked.method, rest:
        case "GET", ():
            return Answer(body={**group, "directMembersCount": str(len(held))})
        case "GET", ("members",):
            wanted = asked.query.get("roles", "").split(",")
            found = [{"id": i, "role": r} for i, r in held.items() if wanted == [""] or r in wanted]
            return _paged(domain, asked, "members", found)
        case "GET", ("members", person) if person in held:
            return Answer(body={"id": person, "role": held[person], "type": "USER"})
        case "POST", ("members",):
            return _insert(domain, held, asked.body or {})
        case "DELETE", ("members", person) if person in held:
            del held[person]
            return Answer(204)
    return _refused(404, "notFound", "Resource Not Found: memberKey")


def _insert(domain: Domain, held: dict[str, str], body: Mapping[str, Any]) -> Answer:
    if body.get("id") not in domain.users or body.get("role") not in ("MEMBER", "MANAGER", "OWNER"):
        return _refused(404, "notFound", "Resource Not Found: memberKey")
    if body["id"] in held:
        return _refused(409, "duplicate", "Member already exists.")
    held[body["id"]] = body["role"]
    return Answer(body=dict(body))


def _users(domain: Domain, asked: Asked) -> Answer:
    if (asked.query.get("customer"), asked.query.get("query")) != ("my_customer", "isAdmin=true"):
        return _refused(400, "invalid", "Invalid Input: query")
    return _paged(domain, asked, "users", [u for u in domain.users.values() if u["isAdmin"]])


def _groups(domain: Domain, asked: Asked) -> Answer:
    told = re.fullmatch(r"name='((?:[^'\\]|\\.)*)'", asked.query.get("query", ""))
    if told is None or asked.query.get("customer") != "my_customer":
        return _refused(400, "invalid", "Invalid Input: query")
    name = re.sub(r"\\(.)", r"\1", told[1]).casefold()
    counted = [
        {**each, "directMembersCount": str(len(domain.members.get(each["id"], {})))}
        for each in domain.groups.values()
        if each["name"].casefold() == name
    ]
    return _paged(domain, asked, "groups", counted)


def _paged(domain: Domain, asked: Asked, items: str, records: list[dict[str, Any]]) -> Answer:
    limit = min(int(asked.query.get("maxResults", "100")), domain.page_items_max)
    start = int(asked.query.get("pageToken", "0"))
    page: dict[str, Any] = {items: records[start : start + limit]}
    if start + limit < len(records):
        page["nextPageToken"] = str(start + limit)
    return Answer(body=page)


def _refused(status: int, reason: str, message: str) -> Answer:
    errors = [{"reason": reason, "message": message, "domain": "global"}]
    return Answer(status, {"error": {"code": status, "message": message, "errors": errors}})


ALL_SCOPES = frozenset(OAUTH_SCOPES.values()) | {f"{_DIRECTORY}customer.readonly"}

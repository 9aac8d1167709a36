"""A stand-in of our own for what GitHub tells of people and their place in an organization: strict
about tokens, the pinned API version and pages, as its reference says; for stories alone, where a
server of Node would take seconds. The conformance suite has standin.py and emulate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connectors.conformance.serving import Answer, Asked

API_VERSION = "2022-11-28"


@dataclass
class Member:
    """An account; `role` in the organization is "" for nobody there."""

    login: str
    name: str
    email: str = ""  # that the profile shows
    role: str = ""
    is_invited: bool = False


@dataclass
class Organization:
    """One organization, who is who, and the token of the account that may write."""

    name: str
    token: str
    account: str
    people: dict[str, Member] = field(default_factory=dict)


def answer(held: Organization, asked: Asked) -> Answer:  # noqa: PLR0911 - the table of what there is
    """What that account is answered."""
    if asked.headers.get("x-github-api-version") != API_VERSION:
        return _refused(400, "The API version is not supported.")
    if asked.headers.get("authorization", "").split(" ")[-1] != held.token:
        return _refused(401, "Bad credentials")
    match asked.method, asked.path:
        case "GET", ("user",):
            return Answer(body=_profile(held.people[held.account]))
        case "GET", ("users", login):
            found = held.people.get(login.lower())
            return Answer(body=_profile(found)) if found else _refused(404, "Not Found")
        case "GET", ("search", "users"):
            return _searched(held, asked.query.get("q", ""))
        case "GET", ("orgs", held.name, "members"):
            owners = [p for p in held.people.values() if p.role == "admin" and not p.is_invited]
            limit = int(asked.query.get("per_page", "30"))
            return Answer(body=[{"login": p.login} for p in owners][:limit])
        case "GET" | "DELETE", ("orgs", held.name, "memberships", login):
            return _membership(held.people.get(login.lower()), asked.method)
    return _refused(404, "Not Found")


def _membership(person: Member | None, method: str) -> Answer:
    if person is None or not person.role:
        return _refused(404, "Not Found")
    if method == "DELETE":
        person.role, person.is_invited = "", False
        return Answer(204)
    state = "pending" if person.is_invited else "active"
    return Answer(body={"role": person.role, "state": state, "user": {"login": person.login}})


def _searched(held: Organization, query: str) -> Answer:
    email, _, qualifier = query.partition(" ")
    if qualifier != "in:email":
        return _refused(422, "Validation Failed")
    found = [p for p in held.people.values() if p.email and email in p.email]
    items = [{"login": person.login, "type": "User"} for person in found]
    return Answer(body={"total_count": len(items), "incomplete_results": False, "items": items})


def _profile(person: Member) -> dict[str, Any]:
    shown = {"login": person.login, "type": "User", "name": person.name}
    return {**shown, "email": person.email or None}


def _refused(status: int, message: str) -> Answer:
    return Answer(status, {"message": message, "documentation_url": "https://docs.github.com/rest"})

"""A stand-in of our own for Okta's management API: strict about tokens, permissions, states, search
expressions and pages, as its reference says; it knows what the connector may ask, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from connectors.conformance.serving import Answer, Asked, StandIn

ORG = "00o1standin0000001d7"
_TERM = re.compile(r'([\w.]+) eq "((?:[^"\\]|\\.)*)"')


@dataclass
class Org:
    """One organisation. `tokens` say whose they are and whether that one may write."""

    domain: str
    tokens: Mapping[str, tuple[str, bool]]
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    apps: dict[str, list[str]] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)  # type, whose; oldest first
    page_items_max: int = 200


ORGS: dict[str, Org] = {}


@cache
def address() -> str:
    """The one server of this process."""
    return StandIn(lambda tenant, asked: answer(ORGS[tenant], asked)).address


def user(user_id: str, login: str, name: str, status: str = "ACTIVE") -> dict[str, Any]:
    """A user as the API has it."""
    profile = {"login": login, "email": login, "displayName": name}
    return {"id": user_id, "status": status, "profile": profile}


def group(group_id: str, name: str, kind: str = "OKTA_GROUP") -> dict[str, Any]:
    """A group as the API has it."""
    return {"id": group_id, "type": kind, "profile": {"name": name, "description": ""}}


def answer(org: Org, asked: Asked) -> Answer:
    """What that organisation is answered."""
    if asked.path == (".well-known", "okta-organization"):
        links = {"organization": {"href": f"https://{org.domain}"}}
        return Answer(body={"id": ORG, "pipeline": "idx", "_links": links})
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    if scheme != "SSWS" or token not in org.tokens:
        return _refused(401, "E0000011", "Invalid token provided")
    login, may_write = org.tokens[token]
    if asked.method != "GET" and not may_write:
        return _refused(403, "E0000006", "You do not have permission to perform this action")
    if asked.path[:2] != ("api", "v1"):
        return _refused(404, "E0000022", "The endpoint does not exist")
    return _routed(org, asked, asked.path[2:], login)


def _routed(  # noqa: PLR0911 - the table of what there is
    org: Org, asked: Asked, path: tuple[str, ...], login: str
) -> Answer:
    match asked.method, path:
        case "GET", ("users", "me"):
            return Answer(body=next(u for u in org.users.values() if _login(u) == login))
        case "GET", ("users" | "groups" as kind,):
            return _searched(org, asked, org.users if kind == "users" else org.groups)
        case "GET", ("logs",):
            return _logs(org, asked)
        case "GET", ("iam", "assignees", "users"):
            held = [{"id": each} for each in org.roles if each in org.users]
            return Answer(body={"value": held})
        case _, ("users" | "groups" as kind, record_id, *rest):
            records = org.users if kind == "users" else org.groups
            if record_id not in records:
                return _refused(404, "E0000007", f"Not found: Resource not found: {record_id}")
            return _of_record(org, asked, records[record_id], tuple(rest))
    return _refused(405, "E0000022", "The endpoint does not support the provided HTTP method")


def _of_record(  # noqa: PLR0911 - likewise
    org: Org, asked: Asked, record: dict[str, Any], rest: tuple[str, ...]
) -> Answer:
    record_id = record["id"]
    match asked.method, rest:
        case "GET", ():
            return Answer(body=record)
        case "GET", ("roles",):
            return Answer(body=[{"type": each} for each in org.roles.get(record_id, [])])
        case "GET", ("groups",):
            held = [g for i, g in org.groups.items() if record_id in org.members.get(i, [])]
            return _paged(org, asked, held)
        case "GET", ("users",):
            return _paged(org, asked, [org.users[i] for i in org.members.get(record_id, [])])
        case "GET", ("apps",):
            labels = org.apps.get(record_id, [])
            return _paged(org, asked, [{"id": f"0oa{x}", "label": x} for x in labels])
        case "PUT" | "DELETE", ("users", person_id):
            return _membership(org, asked.method, record, person_id)
        case "POST", ("lifecycle", "suspend"):
            return _lifecycle(record, "ACTIVE", "SUSPENDED")
        case "POST", ("lifecycle", "unsuspend"):
            return _lifecycle(record, "SUSPENDED", "ACTIVE")
        case "DELETE", ("sessions",):
            if asked.query != {"oauthTokens": "true"}:
                return _refused(400, "E0000001", "Api validation failed: oauthTokens")
            org.events.append(("user.session.clear", record_id))
            return Answer(204)
    return _refused(405, "E0000022", "The endpoint does not support the provided HTTP method")


def _membership(org: Org, method: str, record: dict[str, Any], person_id: str) -> Answer:
    if record["type"] != "OKTA_GROUP":
        return _refused(403, "E0000006", "You do not have permission: not an Okta group")
    if person_id not in org.users:
        return _refused(404, "E0000007", f"Not found: Resource not found: {person_id}")
    held = org.members.setdefault(record["id"], [])
    if method == "PUT" and person_id not in held:
        held.append(person_id)
    if method == "DELETE" and person_id in held:
        held.remove(person_id)
    return Answer(204)


def _lifecycle(record: dict[str, Any], wanted: str, status: str) -> Answer:
    if record["status"] != wanted:
        return _refused(400, "E0000001", f"Api validation failed: status is {record['status']}")
    record["status"] = status
    return Answer(body={})


def _searched(org: Org, asked: Asked, records: Mapping[str, dict[str, Any]]) -> Answer:
    expression = asked.query.get("search", "")
    terms = _TERM.findall(expression)
    rest = _TERM.sub("", expression).replace(" or ", "")
    if not terms or rest.strip() or set(asked.query) - {"search", "limit"}:
        return _refused(400, "E0000031", "Invalid search criteria.")
    wanted = {(name.split(".")[-1], _unescaped(value).casefold()) for name, value in terms}
    held = [
        each for each in records.values()
        if any((name, str(value).casefold()) in wanted for name, value in each["profile"].items())
    ]  # fmt: skip
    return _paged(org, asked, held)


def _logs(org: Org, asked: Asked) -> Answer:
    told = re.fullmatch(
        r'\(eventType eq "([\w.]+)" and actor\.id eq "(\w+)"\) or '
        r'\(eventType eq "([\w.]+)" and target\.id eq "(\w+)"\)',
        asked.query.get("filter", ""),
    )
    if told is None or asked.query.get("sortOrder") != "DESCENDING":
        return _refused(400, "E0000031", "Invalid filter")
    wanted = {(told[1], told[2]), (told[3], told[4])}
    found = [{"eventType": kind} for kind, whose in reversed(org.events) if (kind, whose) in wanted]
    return Answer(body=found[: int(asked.query.get("limit", "100"))])


def _paged(org: Org, asked: Asked, records: list[dict[str, Any]]) -> Answer:
    limit = min(int(asked.query.get("limit", "200")), org.page_items_max)
    start = int(asked.query.get("after", "0"))
    headers = {}
    if start + limit < len(records):
        path = "/".join(asked.path)
        link = f"https://{org.domain}/{path}?after={start + limit}&limit={limit}"
        headers = {"Link": f'<{link}>; rel="next"'}
    return Answer(body=records[start : start + limit], headers=headers)


def _refused(status: int, code: str, summary: str) -> Answer:
    return Answer(status, {"errorCode": code, "errorSummary": summary, "errorCauses": []})


def _login(record: Mapping[str, Any]) -> str:
    return str(record["profile"]["login"])


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value)

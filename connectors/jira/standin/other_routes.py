"""The site, its people, its projects' metadata, and the search."""

from __future__ import annotations

import base64
from typing import Any

from connectors.conformance.in_a_thread import Answer, Request
from connectors.jira.standin import fields, queries, seed
from connectors.jira.standin.issue_routes import view
from connectors.jira.standin.refusing import RefusedError, asked, number, told
from connectors.jira.standin.site import Site


def server_info(_site: Site, _account: str, request: Request) -> Answer:
    asked(request)
    return Answer(200, {"baseUrl": seed.BASE_URL, "deploymentType": "Cloud", "version": "1001.0.0"})


def myself(site: Site, account: str, request: Request) -> Answer:
    asked(request, "expand")
    return Answer(200, site.people[account])


def my_permissions(site: Site, account: str, request: Request) -> Answer:
    query = asked(request, "permissions", "issueKey", "projectKey")
    named = {"EDIT_ISSUES": "EDIT", "DELETE_OWN_COMMENTS": "DELETE_OWN_COMMENTS"}
    names = query.get("permissions", "").split(",")
    if not set(names) <= named.keys():
        raise RefusedError(400, "Unrecognized permission")
    project = site.visible(account, query.get("issueKey", ""))["fields"]["project"]["key"]
    held = {n: {"key": n, "havePermission": site.may(account, project, named[n])} for n in names}
    return Answer(200, {"permissions": held})


def search_users(site: Site, _account: str, request: Request) -> Answer:
    query = asked(request, "query", "startAt", "maxResults", "accountId", "property")
    if "accountId" in query and "query" not in query:
        person = site.people.get(query["accountId"])
        return Answer(200, [person] if person and person["active"] else [])
    return Answer(200, _matching(site, list(site.people.values()), query))


def search_assignable(site: Site, account: str, request: Request) -> Answer:
    query = asked(request, "query", "accountId", "issueKey", "project", "startAt", "maxResults")
    site.visible(account, query.get("issueKey", ""))
    found = site.may_have()
    if "accountId" in query:
        found = [p for p in found if p["accountId"] == query["accountId"]]
    return Answer(200, found[: number(query, "maxResults", 50, 1000)])


def search_issues(site: Site, account: str, request: Request) -> Answer:
    body = told(
        request, "jql", "fields", "maxResults", "nextPageToken", "properties", "expand",
        "fieldsByKeys", "reconcileIssues", "failFast",
    )  # fmt: skip
    seen = {p for p in site.numbers if site.may(account, p, "BROWSE")}
    matches, order, falls = queries.parse(str(body.get("jql")), account, seen)
    found = [i for i in site.indexed() if i["fields"]["project"]["key"] in seen and matches(i)]
    found.sort(key=lambda i: _order(i, order), reverse=falls)
    start = _start(body.get("nextPageToken"), str(body["jql"]))
    size = min(int(body.get("maxResults", 50)), site.page_max)
    if len(body.get("properties") or []) > 5 or size < 1:
        raise RefusedError(400, "At most five properties, at least one result.")
    wanted = body.get("fields") or ["id"]
    names = ",".join(body.get("properties") or [])
    page = [view(i, wanted, names) for i in found[start : start + size]]
    said: dict[str, Any] = {"issues": page, "isLast": start + size >= len(found)}
    if not said["isLast"]:
        said["nextPageToken"] = _token(start + size, str(body["jql"]))
    return Answer(200, said)


def bulk_fetch(site: Site, account: str, request: Request) -> Answer:
    body = told(request, "issueIdsOrKeys", "fields", "properties", "expand", "fieldsByKeys")
    keys = body.get("issueIdsOrKeys")
    if not isinstance(keys, list) or not 0 < len(keys) <= 100:
        raise RefusedError(400, "Give 1 to 100 issues.")
    found = []
    for key in keys:
        try:
            found.append(site.visible(account, str(key)))
        except RefusedError:
            continue
    wanted, names = body.get("fields") or ["*all"], ",".join(body.get("properties") or [])
    found.sort(key=lambda i: int(i["id"]))
    return Answer(200, {"issues": [view(i, wanted, names) for i in found], "issueErrors": []})


def create_types(site: Site, account: str, request: Request, project: str) -> Answer:
    query = asked(request, "startAt", "maxResults")
    _creatable(site, account, project)
    kinds = [{"id": i, "name": n, "subtask": False} for n, i in seed.TYPES.items()]
    return Answer(200, _page(kinds, query, "issueTypes", 2))


def create_fields(site: Site, account: str, request: Request, project: str, kind: str) -> Answer:
    query = asked(request, "startAt", "maxResults")
    _creatable(site, account, project)
    described = [fields.meta(site, name, True) for name in seed.SCREEN]
    for each in described:
        if kind == seed.TYPES["Incident"] and each["fieldId"] == seed.ONLY_INCIDENTS_NEED:
            each["required"] = True
    if kind == seed.TYPES["Change"]:
        described = [each for each in described if each["fieldId"] != "description"]
    return Answer(200, _page(described, query, "fields", 50))


def project_statuses(site: Site, account: str, request: Request, project: str) -> Answer:
    asked(request)
    _creatable(site, account, project)
    kinds = [
        {
            "id": kind_id,
            "name": kind,
            "statuses": [seed.status(n) for n in dict.fromkeys(w[2] for w in seed.WORKFLOWS[kind])],
        }
        for kind, kind_id in seed.TYPES.items()
    ]
    return Answer(200, kinds)


def _creatable(site: Site, account: str, project: str) -> None:
    if not site.may(account, project, "BROWSE"):
        raise RefusedError(404, f"No project could be found with key '{project}'.")


def _page(entries: list[Any], query: Any, name: str, size_max: int) -> dict[str, Any]:
    start, size = number(query, "startAt", 0, 10**6), number(query, "maxResults", 50, size_max)
    page = entries[start : start + size]
    return {name: page, "startAt": start, "maxResults": size, "total": len(entries)}


def _matching(site: Site, everybody: list[dict[str, Any]], query: Any) -> list[dict[str, Any]]:
    said = query.get("query")
    if not said:
        raise RefusedError(400, "The query parameter 'query' is required.")
    parts = said.lower().split()
    found = [
        p
        for p in everybody
        if p["active"]
        and all(
            any(
                w.startswith(part)
                for w in (*p["displayName"].lower().split(), p.get("emailAddress", ""))
            )
            for part in parts
        )
    ]
    start = number(query, "startAt", 0, 10**6)
    return found[start : start + min(number(query, "maxResults", 50, 1000), site.page_max)]


def _order(issue: dict[str, Any], order: str) -> Any:
    if order == "key":
        project, _, digits = issue["key"].rpartition("-")
        return project, int(digits)
    return issue["fields"][order], int(issue["id"])


def _token(start: int, jql: str) -> str:
    return base64.urlsafe_b64encode(f"{start}|{jql}".encode()).decode()


def _start(token: str | None, jql: str) -> int:
    if token is None:
        return 0
    try:
        start, _, of = base64.urlsafe_b64decode(token).decode().partition("|")
        if of == jql:
            return int(start)
    except ValueError:
        pass
    raise RefusedError(400, "The nextPageToken is not valid for this query.")

"""Issues: read, create, edit, move through the workflow, and their properties."""

from __future__ import annotations

from typing import Any

from connectors.conformance.in_a_thread import Answer, Request
from connectors.jira.standin import fields, seed
from connectors.jira.standin.documents import check_document
from connectors.jira.standin.refusing import RefusedError, asked, told
from connectors.jira.standin.site import Issue, Site

UPDATE = ("fields", "update", "historyMetadata", "properties", "transition")


def get_issue(site: Site, account: str, request: Request, key: str) -> Answer:
    query = asked(request, "fields", "properties", "expand", "fieldsByKeys", "updateHistory")
    issue = site.visible(account, key)
    body = view(issue, query.get("fields", "*all").split(","), query.get("properties", ""))
    if query.get("expand") == "changelog":
        histories = issue["histories"]
        body["changelog"] = {"histories": histories, "total": len(histories), "startAt": 0}
    elif "expand" in query:
        raise RefusedError(400, "The stand-in expands the changelog alone.")
    return Answer(200, body)


def create_issue(site: Site, account: str, request: Request) -> Answer:
    body = told(request, *UPDATE)
    values = dict(body.get("fields") or {})
    project = (values.pop("project", None) or {}).get("key")
    kind_id = (values.pop("issuetype", None) or {}).get("id")
    kind = next((n for n, i in seed.TYPES.items() if i == kind_id), None)
    if not site.may(account, str(project), "CREATE"):
        raise RefusedError(400, errors={"project": "You cannot create issues in this project."})
    if kind is None:
        raise RefusedError(400, errors={"issuetype": "Specify a valid issue type"})
    if not values.get("summary"):
        raise RefusedError(400, errors={"summary": "You must specify a summary of the issue."})
    if kind == "Incident" and not values.get(seed.ONLY_INCIDENTS_NEED):
        raise RefusedError(400, errors={seed.ONLY_INCIDENTS_NEED: "Cause is required."})
    number = site.numbers[str(project)] + 1
    start = seed.WORKFLOWS[kind][0][1] or "To Do"
    issue = seed.issue(9, f"{project}-{number}", kind, "", start)
    kept = fields.properties(body.get("properties") or [])
    fields.set_all(site, issue, {"labels": [], **values})
    at = site.tick()
    issue["id"] = str(10_100 + sum(site.numbers.values()))
    issue["fields"] |= {"created": at, "updated": at, "creator": site.people[account]}
    issue["fields"]["reporter"] = site.people[account]
    issue["properties"] = kept
    site.numbers[str(project)] = number
    site.issues[issue["id"]] = issue
    return Answer(201, {"id": issue["id"], "key": issue["key"], "self": f"{seed.BASE_URL}/x"})


def edit_issue(site: Site, account: str, request: Request, key: str) -> Answer:
    asked(request, "notifyUsers", "overrideScreenSecurity", "overrideEditableFlag", "returnIssue")
    body = told(request, *(set(UPDATE) - {"transition"}))
    issue = site.permitted(account, key, "EDIT", "edit")
    kept = fields.properties(body.get("properties") or [])
    if "assignee" in (body.get("fields") or {}):
        site.permitted(account, key, "ASSIGN", "assign")
    items = fields.set_all(site, issue, body.get("fields") or {})
    issue["properties"] |= kept
    site.touch(issue, account, items)
    return Answer(204)


def get_editmeta(site: Site, account: str, request: Request, key: str) -> Answer:
    asked(request)
    issue = site.visible(account, key)
    may = site.may(account, issue["fields"]["project"]["key"], "EDIT")
    return Answer(
        200, {"fields": {f: fields.meta(site, f, True) for f in seed.SCREEN} if may else {}}
    )


def get_transitions(site: Site, account: str, request: Request, key: str) -> Answer:
    query = asked(request, "expand", "transitionId", "includeUnavailableTransitions")
    issue = site.visible(account, key)
    may = site.may(account, issue["fields"]["project"]["key"], "TRANSITION")
    ways = _ways(issue) if may else []
    return Answer(
        200, {"transitions": [_way(site, w, "fields" in query.get("expand", "")) for w in ways]}
    )


def do_transition(site: Site, account: str, request: Request, key: str) -> Answer:
    asked(request)
    body = told(request, *UPDATE)
    issue = site.visible(account, key)
    may = site.may(account, issue["fields"]["project"]["key"], "TRANSITION")
    wanted = str((body.get("transition") or {}).get("id"))
    way = next((w for w in _ways(issue) if may and w[0] == wanted), None)
    if way is None:
        why = f"Transition id '{wanted}' is not valid for this issue."
        raise RefusedError(400, why)
    given = dict(body.get("fields") or {})
    if unknown := [name for name in given if name not in way[3]]:
        why = f"Field '{unknown[0]}' cannot be set. It is not on the appropriate screen."
        raise RefusedError(400, errors={unknown[0]: why})
    if lacking := [n for n, is_required in way[3].items() if is_required and not given.get(n)]:
        raise RefusedError(400, errors={lacking[0]: f"{lacking[0]} is required."})
    kept = fields.properties(body.get("properties") or [])
    resolution = given.pop("resolution", None)
    if resolution is not None and resolution.get("name") not in site.resolutions:
        raise RefusedError(400, errors={"resolution": "Specify a valid 'name' for Resolution"})
    items = fields.set_all(site, issue, given)
    before = issue["fields"]["status"]["name"]
    items.append({"field": "status", "fromString": before, "toString": way[2]})
    issue["fields"] |= {"status": seed.status(way[2]), "resolution": resolution}
    issue["properties"] |= kept
    site.touch(issue, account, items)
    return Answer(204)


def put_property(site: Site, account: str, request: Request, key: str, name: str) -> Answer:
    asked(request)
    issue = site.permitted(account, key, "EDIT", "edit")
    body = told(request)
    is_new = name not in issue["properties"]
    issue["properties"] |= fields.properties([{"key": name, "value": body}])
    return Answer(201 if is_new else 200)


def add_comment(site: Site, account: str, request: Request, key: str) -> Answer:
    asked(request, "expand")
    body = told(request, "body", "visibility", "properties")
    issue = site.permitted(account, key, "COMMENT", "comment on")
    check_document(body.get("body"), "comment")
    comment = {
        "id": str(site.next_comment),
        "author": site.people[account],
        "body": body["body"],
        "properties": fields.properties(body.get("properties") or []),
    }
    site.next_comment += 1
    site.touch(issue, account, [])
    comment["created"] = issue["fields"]["updated"]
    issue["comments"].append(comment)
    return Answer(201, _said(comment))


def get_comments(site: Site, account: str, request: Request, key: str) -> Answer:
    query = asked(request, "startAt", "maxResults", "orderBy", "expand")
    comments = list(site.visible(account, key)["comments"])
    if query.get("orderBy") == "-created":
        comments.reverse()
    elif query.get("orderBy", "created") not in ("created", "+created"):
        raise RefusedError(400, "orderBy is not valid")
    start, size = int(query.get("startAt", 0)), int(query.get("maxResults", 50))
    page = [_said(c) for c in comments[start : start + min(size, 100)]]
    return Answer(
        200, {"comments": page, "startAt": start, "maxResults": size, "total": len(comments)}
    )


def get_comment(site: Site, account: str, request: Request, key: str, comment: str) -> Answer:
    asked(request, "expand")
    return Answer(200, _said(_comment(site.visible(account, key), comment)))


def delete_comment(site: Site, account: str, request: Request, key: str, comment: str) -> Answer:
    asked(request)
    issue = site.visible(account, key)
    found = _comment(issue, comment)
    is_own = found["author"]["accountId"] == account
    project = issue["fields"]["project"]["key"]
    if not is_own or not site.may(account, project, "DELETE_OWN_COMMENTS"):
        raise RefusedError(403, "You do not have permission to delete this comment.")
    issue["comments"].remove(found)
    site.touch(issue, account, [])
    return Answer(204)


def get_comment_property(
    site: Site, account: str, request: Request, comment: str, name: str
) -> Answer:
    asked(request)
    for issue in site.issues.values():
        for each in issue["comments"]:
            if each["id"] == comment and name in each["properties"]:
                site.visible(account, issue["key"])
                return Answer(200, {"key": name, "value": each["properties"][name]})
    raise RefusedError(404, "The comment or its property was not found.")


def view(issue: Issue, wanted: list[str], properties: str) -> dict[str, Any]:
    """An issue with those of its fields and properties that were asked for."""
    known = issue["fields"]
    is_every = "*all" in wanted or "*navigable" in wanted
    left_out = {name.removeprefix("-") for name in wanted if name.startswith("-")}
    shown = {n: v for n, v in known.items() if (is_every or n in wanted) and n not in left_out}
    body = {"id": issue["id"], "key": issue["key"], "self": f"{seed.BASE_URL}/x", "fields": shown}
    names = properties.split(",") if properties else []
    kept = issue["properties"]
    if names:
        body["properties"] = kept if "*all" in names else {n: kept[n] for n in names if n in kept}
    return body


def _ways(issue: Issue) -> list[tuple[str, str | None, str, dict[str, bool]]]:
    state = issue["fields"]["status"]["name"]
    return [
        w for w in seed.WORKFLOWS[issue["fields"]["issuetype"]["name"]] if w[1] in (None, state)
    ]


def _way(
    site: Site, way: tuple[str, str | None, str, dict[str, bool]], has_fields: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": way[0],
        "name": f"To {way[2]}",
        "to": seed.status(way[2]),
        "isGlobal": way[1] is None,
        "isAvailable": True,
    }
    if has_fields:
        body["fields"] = {n: _of_screen(site, n, is_required) for n, is_required in way[3].items()}
    return body


def _of_screen(site: Site, name: str, is_required: bool) -> dict[str, Any]:
    if name != "resolution":
        return fields.meta(site, name, True) | {"required": is_required}
    return {
        "name": "Resolution",
        "required": is_required,
        "hasDefaultValue": False,
        "allowedValues": [{"name": name} for name in site.resolutions],
    }


def _said(comment: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in comment.items() if name != "properties"}


def _comment(issue: Issue, comment: str) -> dict[str, Any]:
    for each in issue["comments"]:
        if each["id"] == comment:
            found: dict[str, Any] = each
            return found
    raise RefusedError(404, f"Can not find a comment for the id: {comment}.")

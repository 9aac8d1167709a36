"""Which request goes where; one server for a process, a tenant for every fresh instance."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from connectors.conformance.in_a_thread import Answer, InAThread, Request
from connectors.servicenow.standin import encoded, seed
from connectors.servicenow.standin.instance import Instance
from connectors.servicenow.standin.refusing import RefusedError
from connectors.servicenow.standin.seed import Row

_PATH = re.compile(r"/api/now/v2/table/([a-z_]+)(?:/([0-9a-f]{32}))?")
_SHOWN = frozenset(
    {"sysparm_fields", "sysparm_display_value", "sysparm_exclude_reference_link", "sysparm_view"}
)
_LISTED = _SHOWN | {"sysparm_query", "sysparm_limit", "sysparm_offset", "sysparm_no_count"}


def handle(instance: Instance, request: Request) -> Answer:
    """One request to one instance."""
    try:
        if instance.busy_headers is not None:
            raise RefusedError(429, "Rate limit exceeded", "", instance.busy_headers)
        if request.path == "/oauth_token.do":
            return _token(request)
        return _table(instance, request)
    except RefusedError as refused:
        return refused.answer


def _token(request: Request) -> Answer:
    form = dict(parse_qsl(request.body.decode()))
    token = seed.CLIENTS.get((form.get("client_id", ""), form.get("client_secret", "")))
    is_asked = request.method == "POST" and form.get("grant_type") == "client_credentials"
    if not is_asked or token is None:
        return Answer(401, {"error": "server_error", "error_description": "access_denied"})
    return Answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 1799})


def _table(instance: Instance, request: Request) -> Answer:
    user = instance.user(request)
    match = _PATH.fullmatch(request.path)
    if match is None or match[1] not in instance.tables:
        raise RefusedError(400, f"Invalid table {request.path[-40:]}")
    table, sys_id = match[1], match[2]
    query = _asked(request, _SHOWN if sys_id or request.method == "POST" else _LISTED)
    if request.method == "GET" and sys_id is None:
        return _list(instance, table, query, user)
    if table != "incident":
        raise RefusedError(403, "Operation Failed", "ACL Exception due to security constraints")
    if request.method == "POST" and sys_id is None:
        row = instance.insert(user, _told(request))
        return Answer(201, {"result": _view(instance, table, row, query)})
    if request.method == "PATCH" and sys_id is not None:
        row = instance.update(user, sys_id, _told(request))
        return Answer(200, {"result": _view(instance, table, row, query)})
    raise RefusedError(405, "Method not supported")


def _list(instance: Instance, table: str, query: dict[str, str], user: str) -> Answer:
    rows: list[Any] = list(instance.tables[table].values())
    is_lenient, me = instance.is_lenient, seed.sys_id(user)
    has_filters = instance.has_filters
    found = encoded.select(
        rows, query.get("sysparm_query", ""), me, is_lenient=is_lenient, has_filters=has_filters
    )
    start = int(query.get("sysparm_offset", "0"))
    limit = min(int(query.get("sysparm_limit", "10000")), instance.page_max)
    page = found[start : start + limit]
    headers = {"X-Total-Count": str(len(found))}
    if start + limit < len(found):
        following = urlencode({**query, "sysparm_offset": str(start + limit)})
        address = f"{seed.INSTANCE}/api/now/v2/table/{table}"
        headers["Link"] = f'<{address}?x=1>;rel="first",<{address}?{following}>;rel="next"'
    return Answer(200, {"result": [_view(instance, table, dict(r), query) for r in page]}, headers)


def _view(instance: Instance, table: str, row: Row, query: dict[str, str]) -> dict[str, Any]:
    names = query.get("sysparm_fields", "").split(",") if query.get("sysparm_fields") else row
    body: dict[str, Any] = {}
    for name in names:
        shown = instance.shown(table, row, name)
        if shown is not None:
            body[name] = {"value": shown[0], "display_value": shown[1]}
    return body


def _asked(request: Request, allowed: frozenset[str]) -> dict[str, str]:
    query = dict(request.query)
    if unknown := query.keys() - allowed or len(query) != len(request.query):
        raise RefusedError(400, "Invalid parameters", str(unknown))
    is_shown = query.get("sysparm_display_value") == "all"
    if not is_shown or query.get("sysparm_exclude_reference_link") != "true":
        raise RefusedError(400, "Invalid parameters", "the stand-in shows values in one form alone")
    return query


def _told(request: Request) -> Row:
    try:
        body = json.loads(request.body)
    except ValueError:
        raise RefusedError(400, "Exception while reading request", "no JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "Exception while reading request", "no object")
    return body


SERVER: InAThread[Instance] = InAThread(handle)

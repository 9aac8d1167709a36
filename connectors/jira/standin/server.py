"""Which request goes where; one server for a process, a tenant for every fresh site."""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.conformance.in_a_thread import Answer, InAThread, Request
from connectors.jira.standin import issue_routes, other_routes
from connectors.jira.standin.refusing import RefusedError
from connectors.jira.standin.site import Site

Route = Callable[..., Answer]

_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "serverInfo", other_routes.server_info),
    ("GET", "myself", other_routes.myself),
    ("GET", "mypermissions", other_routes.my_permissions),
    ("GET", "user/search", other_routes.search_users),
    ("GET", "user/assignable/search", other_routes.search_assignable),
    ("POST", "search/jql", other_routes.search_issues),
    ("POST", "issue/bulkfetch", other_routes.bulk_fetch),
    ("GET", "issue/createmeta/([^/]+)/issuetypes", other_routes.create_types),
    ("GET", "issue/createmeta/([^/]+)/issuetypes/([^/]+)", other_routes.create_fields),
    ("GET", "project/([^/]+)/statuses", other_routes.project_statuses),
    ("POST", "issue", issue_routes.create_issue),
    ("GET", "issue/([^/]+)", issue_routes.get_issue),
    ("PUT", "issue/([^/]+)", issue_routes.edit_issue),
    ("GET", "issue/([^/]+)/editmeta", issue_routes.get_editmeta),
    ("GET", "issue/([^/]+)/transitions", issue_routes.get_transitions),
    ("POST", "issue/([^/]+)/transitions", issue_routes.do_transition),
    ("PUT", "issue/([^/]+)/properties/([^/]+)", issue_routes.put_property),
    ("POST", "issue/([^/]+)/comment", issue_routes.add_comment),
    ("GET", "issue/([^/]+)/comment", issue_routes.get_comments),
    ("GET", "issue/([^/]+)/comment/([^/]+)", issue_routes.get_comment),
    ("DELETE", "issue/([^/]+)/comment/([^/]+)", issue_routes.delete_comment),
    ("GET", "comment/([^/]+)/properties/([^/]+)", issue_routes.get_comment_property),
)
_OPEN = frozenset({"serverInfo"})  # asked of anybody


def handle(site: Site, request: Request) -> Answer:
    """One request to one site."""
    try:
        if site.busy_headers is not None:
            raise RefusedError(429, "Rate limit exceeded.", headers=site.busy_headers)
        return _route(site, request)
    except RefusedError as refused:
        return refused.answer


def _route(site: Site, request: Request) -> Answer:
    path = request.path.removeprefix("/rest/api/3/")
    if path == request.path:
        raise RefusedError(404, "There is only version 3 here.")
    account = "" if path in _OPEN else site.account(request)
    for method, pattern, route in _ROUTES:
        match = re.fullmatch(pattern, path)
        if match and method == request.method:
            return route(site, account, request, *match.groups())
    raise RefusedError(404, f"The stand-in has no {request.method} {path[:60]}.")


SERVER: InAThread[Site] = InAThread(handle)

"""The enhanced search of v3, whose index runs behind; and reads by key, which do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors import wire
from connectors.jira import issues
from connectors.jira.issues import FIELDS, Issue
from connectors.jira.session import Session
from connectors.operation import Value
from connectors.wire import Call

PAGE_ISSUES = 50  # per request
PAGES_MAX = 4
BULK_ISSUES_MAX = 100  # Jira's own limit of a bulk fetch
# "Recent updates might not be immediately visible": Atlassian names no time; seconds are usual.
INDEX_LAG_SECONDS = 30.0

CALL = Call("issues", is_write=False, scope="issues:read")


def search(
    session: Session, jql: str, *, marks: Iterable[str] = (), issues_max: int = PAGE_ISSUES
) -> tuple[Issue, ...]:
    """The issues of a query in its order, at most `issues_max` and `PAGES_MAX` pages."""
    found: list[Issue] = []
    token = ""
    for _ in range(PAGES_MAX):
        body: dict[str, Value] = {
            "jql": jql,
            "fields": list(FIELDS),
            "maxResults": min(PAGE_ISSUES, issues_max - len(found)),
        }
        if token:
            body["nextPageToken"] = token
        if names := list(marks):
            body["properties"] = names
        page = session.send("POST", "search/jql", CALL, body)
        found += _issues(session, page)
        token = issues.text(page.get("nextPageToken"))
        if not token or page.get("isLast") or len(found) >= issues_max:
            break
    return tuple(found[:issues_max])


def by_key(
    session: Session, keys: Iterable[str], *, marks: Iterable[str] = (), more: Iterable[str] = ()
) -> tuple[Issue, ...]:
    """Those of these issues that there are, as they stand now."""
    wanted = list(dict.fromkeys(keys))[:BULK_ISSUES_MAX]
    if not wanted:
        return ()
    body: dict[str, Value] = {"issueIdsOrKeys": wanted, "fields": [*FIELDS, *more]}
    if names := list(marks):
        body["properties"] = names
    return _issues(session, session.send("POST", "issue/bulkfetch", CALL, body))


def _issues(session: Session, page: Any) -> tuple[Issue, ...]:
    found = page.get("issues") if isinstance(page, Mapping) else None
    if not isinstance(found, list):
        raise wire.unreadable(session.peer, CALL, "no issues")
    return tuple(issues.parsed(session, CALL, each) for each in found)

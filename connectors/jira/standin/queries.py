"""As much JQL as the connector says, parsed strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.jira.standin.refusing import RefusedError

Issue = Mapping[str, Any]
Matches = Callable[[Issue], bool]

_CLAUSE = re.compile(
    r'(?P<field>\w+)\s*(?P<operator>!=|=|~)\s*(?P<value>"(?:[^"\\]|\\.)*"|[\w()]+)', re.S
)
_ORDER = re.compile(r"\s*ORDER BY (?P<field>key|created|updated) (?P<way>ASC|DESC)\s*", re.I)
_LUCENE = re.compile(r'[+&|!(){}\[\]^~*?:\\/"]')


def parse(jql: str, account_id: str, projects: set[str]) -> tuple[Matches, str, bool]:
    """(whether an issue matches, the field that orders, whether it falls)."""
    rest, clauses = jql, []
    while match := _CLAUSE.match(rest):
        clauses.append(_clause(match, account_id, projects))
        rest = rest[match.end() :]
        if rest.startswith(" AND "):
            rest = rest.removeprefix(" AND ")
        else:
            break
    if not clauses:
        raise RefusedError(400, "Unbounded JQL queries are not allowed here.")
    order = _ORDER.fullmatch(rest) if rest else None
    if rest and order is None:
        raise RefusedError(400, f"Error in the JQL Query: '{rest[:20]}' is not understood.")
    return (
        lambda issue: all(clause(issue) for clause in clauses),
        order["field"].lower() if order else "created",
        order is None or order["way"].upper() == "DESC",
    )


def _clause(match: re.Match[str], account_id: str, projects: set[str]) -> Matches:
    field, operator, value = match["field"], match["operator"], match["value"]
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    if (field, operator) == ("project", "="):
        if value not in projects:
            raise RefusedError(400, f"The value '{value}' does not exist for the field 'project'.")
        return lambda issue: issue["fields"]["project"]["key"] == value
    if (field, operator, value) == ("statusCategory", "!=", "Done"):
        return lambda issue: issue["fields"]["status"]["statusCategory"]["key"] != "done"
    if (field, operator, value) == ("creator", "=", "currentUser()"):
        return lambda issue: issue["fields"]["creator"]["accountId"] == account_id
    if (field, operator) == ("summary", "~"):
        return _likeness(value)
    raise RefusedError(400, f"Field '{field}' does not exist or you do not have permission.")


def _likeness(value: str) -> Matches:
    if _LUCENE.search(value) or not value.strip():
        raise RefusedError(400, f"Unable to parse the text '{value[:20]}' for field 'summary'.")
    words = {word.rstrip("s") for word in value.lower().split()}

    def matches(issue: Issue) -> bool:
        text = re.findall(r"[\w-]+", issue["fields"]["summary"].lower())
        return words <= {word.rstrip("s") for word in text}

    return matches

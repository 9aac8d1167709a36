"""What a project lets one create: its types, their fields and their workflow's statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import wire
from connectors.jira import issues
from connectors.jira.session import Session, segment
from connectors.operation import Value
from connectors.wire import Call

PAGE_TYPES = 50
PAGES_MAX = 4
# What a creation gives by itself; a type that requires more than these is refused beforehand.
GIVEN = frozenset({"project", "issuetype", "summary", "description", "priority", "reporter"})


@dataclass(frozen=True)
class IssueType:
    """One type of a project. `needs` are required fields that a creation does not give,
    `priorities` what its screen offers (None: no such field), `done` its statuses that close."""

    id: str
    needs: tuple[str, ...]
    priorities: tuple[str, ...] | None
    has_description: bool
    done: tuple[str, ...]

    def as_value(self) -> Mapping[str, Value]:
        """As a snapshot holds it."""
        return {
            "id": self.id,
            "needs": list(self.needs),
            "priorities": None if self.priorities is None else list(self.priorities),
            "has_description": self.has_description,
            "done": list(self.done),
        }


def issue_type(session: Session, project: str, name: str) -> IssueType | None:
    """The type of that name, None where the project has none (for this account)."""
    call = Call(f"project {project}", is_write=False, scope="issues:read")
    base = f"issue/createmeta/{segment(project)}/issuetypes"
    kinds = _pages(session, call, base, "issueTypes")
    found = next((k for k in kinds if k.get("name") == name), None)
    if found is None:
        return None
    type_id = issues.text(found.get("id"))
    fields = _pages(session, call, f"{base}/{segment(type_id)}", "fields")
    by_id = {issues.text(f.get("fieldId")): f for f in fields}
    priority = by_id.get("priority")
    return IssueType(
        id=type_id,
        needs=tuple(issues.text(f.get("name")) for i, f in by_id.items() if _lacks(i, f)),
        priorities=None
        if priority is None
        else tuple(issues.name_of(v) for v in issues.objects(priority.get("allowedValues"))),
        has_description="description" in by_id,
        done=_done_statuses(session, call, project, type_id),
    )


def _lacks(field_id: str, field: Mapping[str, Any]) -> bool:
    is_required = bool(field.get("required")) and not field.get("hasDefaultValue")
    return is_required and field_id not in GIVEN


def _done_statuses(session: Session, call: Call, project: str, type_id: str) -> tuple[str, ...]:
    kinds = session.get(f"project/{segment(project)}/statuses", call)
    if not isinstance(kinds, list):
        raise wire.unreadable(session.peer, call, "no statuses")
    own = [k for k in issues.objects(kinds) if issues.text(k.get("id")) == type_id]
    statuses = issues.objects(own[0].get("statuses")) if own else []
    return tuple(
        issues.name_of(s) for s in statuses if issues.part(s, "statusCategory").get("key") == "done"
    )


def _pages(session: Session, call: Call, resource: str, entry: str) -> list[Mapping[str, Any]]:
    """All entries of a list that is counted by `startAt`, within bounds."""
    found: list[Mapping[str, Any]] = []
    for _ in range(PAGES_MAX):
        asked = {"startAt": len(found), "maxResults": PAGE_TYPES}
        body = session.get(resource, call, asked)
        page = body.get(entry) if isinstance(body, Mapping) else None
        if not isinstance(page, list):
            raise wire.unreadable(session.peer, call, f"no {entry}")
        found += issues.objects(page)
        if not page or len(found) >= issues.count(body.get("total")):
            break
    return found

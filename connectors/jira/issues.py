"""Issues as Assent reads them: one request with the fields that people, policy and writes want."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import StringConstraints

from connectors import wire
from connectors.errors import Rejected
from connectors.jira.marks import Mark, read_mark
from connectors.jira.session import SYSTEM, Session, segment
from connectors.operation import FactType, Snapshot, Value
from connectors.saying import safe
from connectors.wire import Call

READ_SCOPES = frozenset({"issues:read"})
WRITE_SCOPES = READ_SCOPES | {"issues:write"}
FIELDS = (
    "summary", "status", "project", "issuetype", "priority", "assignee", "reporter", "creator",
    "labels", "created", "updated", "resolution",
)  # fmt: skip

# Besides those, the fields that a site has added: which team an issue is of is one of them. Long
# texts are left out, where the operation is not about them.
_ADDED = "*navigable"
_LONG = ("description", "environment", "attachment", "issuelinks", "subtasks")

_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,254}-[1-9][0-9]{0,17}")
IssueKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,8}$", max_length=32)
]
ProjectKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,19}$", max_length=20)]

FACT_TYPES: Mapping[str, FactType] = {
    "issue.project": "string",
    "issue.type": "string",
    "issue.status": "string",
    "issue.status_category": "string",
    "issue.priority": "string",
    "issue.labels": "list<string>",
    "issue.options": "list<string>",
    "issue.is_assigned": "bool",
    "issue.assignee_email": "string",
    "issue.reporter_email": "string",
    "issue.is_assigned_to_reporter": "bool",
    "issue.updated_at": "timestamp",
}


@dataclass(frozen=True)
class Issue:
    """One issue and the marks that were asked for. `fields` are as Jira says them."""

    key: str
    fields: Mapping[str, Any]
    marks: Mapping[str, Mark]

    @property
    def version(self) -> str:
        """The moment of its last change: all that Jira has of a version."""
        return text(self.fields.get("updated"))

    @property
    def status(self) -> str:
        """The status' name."""
        return name_of(self.fields.get("status"))

    def snapshot(self, fields: Mapping[str, Value], more: Mapping[str, Value]) -> Snapshot:
        """The issue as an operation shows it."""
        return Snapshot(SYSTEM, f"issue {self.key}", self.version, fields, {**self.about(), **more})

    def about(self) -> Mapping[str, Value]:
        """What policy and the card may want to know of any issue."""
        fields = self.fields
        status, assignee = part(fields, "status"), part(fields, "assignee")
        reporter = part(fields, "reporter")
        return {
            "summary": text(fields.get("summary")),
            "project": text(part(fields, "project").get("key")),
            "type": name_of(fields.get("issuetype")),
            "status": text(status.get("name")),
            "status_category": text(part(status, "statusCategory").get("key")),
            "priority": name_of(fields.get("priority")),
            "labels": texts(fields.get("labels")),
            "chosen": options(fields),
            "assignee": text(assignee.get("accountId")),
            "assignee_name": text(assignee.get("displayName")),
            "assignee_email": text(assignee.get("emailAddress")),
            "reporter": text(reporter.get("accountId")),
            "reporter_email": text(reporter.get("emailAddress")),
            "updated_at": timestamp(text(fields.get("updated"))),
        }


def load(
    session: Session, key: str, more_fields: Iterable[str] = (), marks: Iterable[str] = ()
) -> Issue:
    """The issue of that key. Rejected where there is none, or where the key is an old one."""
    call = Call(f"issue {key}", is_write=False, scope="issues:read")
    wanted = (*FIELDS, *more_fields)
    unwanted = (f"-{name}" for name in _LONG if name not in wanted)
    asked = {"fields": ",".join(dict.fromkeys((*wanted, _ADDED, *unwanted)))}
    if names := ",".join(marks):
        asked["properties"] = names
    found = parsed(session, call, session.get(f"issue/{segment(key)}", call, asked))
    if found.key != key:
        raise Rejected(
            f"The issue {key} was moved: it is {safe(found.key)} now.",
            next_step="Nothing was written; ask again with the new key.",
        )
    return found


def parsed(session: Session, call: Call, body: Any) -> Issue:
    """An issue of an answer. Unavailable where it is none."""
    if not isinstance(body, Mapping) or not isinstance(body.get("fields"), Mapping):
        raise wire.unreadable(session.peer, call, "no issue")
    if not _KEY.fullmatch(text(body.get("key"))):
        raise wire.unreadable(session.peer, call, "an issue without a key")
    marks = {n: read_mark(v) for n, v in part(body, "properties").items()}
    return Issue(
        key=text(body.get("key")),
        fields=body["fields"],
        marks={name: mark for name, mark in marks.items() if mark is not None},
    )


def facts(before: Snapshot) -> Mapping[str, Value]:
    """What policy judges every write to an issue on."""
    about = before.about
    return {
        "issue.project": about["project"],
        "issue.type": about["type"],
        "issue.status": about["status"],
        "issue.status_category": about["status_category"],
        "issue.priority": about["priority"],
        "issue.labels": list(about["labels"]),
        "issue.options": list(about["chosen"]),
        "issue.is_assigned": bool(about["assignee"]),
        "issue.assignee_email": about["assignee_email"],
        "issue.reporter_email": about["reporter_email"],
        "issue.is_assigned_to_reporter": bool(
            about["assignee"] and about["assignee"] == about["reporter"]
        ),
        "issue.updated_at": about["updated_at"],
    }


def changes(before: Snapshot, after: Mapping[str, Value]) -> Mapping[str, Value]:
    """Of `after` what differs. Rejected where nothing does."""
    found = {name: value for name, value in after.items() if before.fields[name] != value}
    if not found:
        raise Rejected(
            f"The {before.resource} is so already.", next_step="There is nothing to write."
        )
    return found


def timestamp(said: str) -> str:
    """Jira's "2026-11-23T12:24:19.123+0000" in UTC to the second; the epoch where it says none."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        moment = datetime(1970, 1, 1, tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def part(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within an object, empty where there is none."""
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def name_of(value: Any) -> str:
    """The name of a status, a priority, a type; "" where there is none."""
    return text(value.get("name")) if isinstance(value, Mapping) else ""


def options(fields: Mapping[str, Any]) -> list[str]:
    """What an issue is sorted by besides its labels, as "customfield_10011=Payments" and
    "components=Checkout": what was chosen in the fields that a site has added, and its components.
    Texts and people are none."""
    found = []
    for name in sorted(fields):
        if name == "components" or name.startswith("customfield_"):
            value = fields[name]
            each = objects(value if isinstance(value, list) else [value])
            said = (text(one.get("value") or one.get("name")) for one in each)
            found += [f"{name}={option}" for option in said if option]
    return found


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing of anything else."""
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, Mapping)]


def texts(value: Any) -> list[str]:
    """The texts of a list; nothing of anything else."""
    return [text(each) for each in value] if isinstance(value, list) else []


def count(value: Any) -> int:
    """A number of things; 0 where none is said."""
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def text(value: Any) -> str:
    """Text as it is, "" for nothing."""
    return "" if value is None else str(value)

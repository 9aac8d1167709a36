"""The site that every fresh stand-in starts as: the same to the byte."""

from __future__ import annotations

import copy
from typing import Any

BASE_URL = "https://acme.atlassian.net"
BOT, VIEWER = "712020:a55e47-b07", "712020:0b5e4e-e4"
MIA, JO, NOA, ADA = "5b10a2844c20165700ede21a", "5b10a2844c20165700ede21b", "5c01", "5d01"
APP = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"

SECRETS = {
    "assent-bot@acme.example:ATATT3xStandInOfTheBot0001": BOT,
    "viewer@acme.example:ATATT3xStandInOfTheViewer02": VIEWER,
    "eyJzdGFuZC1pbiI6.OAuthOfTheBot": BOT,
}
WORKER = frozenset(
    {"BROWSE", "CREATE", "EDIT", "TRANSITION", "ASSIGN", "COMMENT", "DELETE_OWN_COMMENTS"}
)
PERMISSIONS = {
    BOT: {"OPS": WORKER, "NET": WORKER - {"DELETE_OWN_COMMENTS"}},
    VIEWER: {"OPS": frozenset({"BROWSE"})},
}
ASSIGNABLE = (MIA, JO)

STATUSES = {
    "To Do": "new", "In Progress": "indeterminate", "Done": "done", "Cancelled": "done",
    "New": "new", "Working": "indeterminate", "Closed": "done",
}  # fmt: skip
PRIORITIES = ("Highest", "High", "Medium", "Low")
RESOLUTIONS = ("Fixed", "Won't Do")
TYPES = {"Task": "10001", "Incident": "10002", "Change": "10003"}
# (id, from: None where from everywhere, to, the screen's fields with whether each is required)
WORKFLOWS: dict[str, tuple[tuple[str, str | None, str, dict[str, bool]], ...]] = {
    "Task": (
        ("11", None, "To Do", {}),
        ("21", None, "In Progress", {}),
        ("31", None, "Done", {"resolution": False}),
        ("41", None, "Cancelled", {}),
    ),
    "Incident": (
        ("51", "New", "Working", {}),
        ("61", "Working", "Closed", {"resolution": True}),
        ("71", "Closed", "Working", {"customfield_10015": True}),
    ),
}
WORKFLOWS["Change"] = WORKFLOWS["Task"]

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
# field -> (name, schema, required to create, of which types); what a screen lets one set
SCREEN: dict[str, tuple[str, dict[str, str], bool]] = {
    "summary": ("Summary", {"type": "string", "system": "summary"}, True),
    "description": ("Description", {"type": "string", "system": "description"}, False),
    "priority": ("Priority", {"type": "priority", "system": "priority"}, False),
    "labels": ("Labels", {"type": "array", "items": "string", "system": "labels"}, False),
    "assignee": ("Assignee", {"type": "user", "system": "assignee"}, False),
    "duedate": ("Due date", {"type": "date", "system": "duedate"}, False),
    "customfield_10010": ("Cost", {"type": "number", "custom": f"{CUSTOM}float"}, False),
    "customfield_10011": ("Team", {"type": "option", "custom": f"{CUSTOM}select"}, False),
    "customfield_10013": ("Due by", {"type": "date", "custom": f"{CUSTOM}datepicker"}, False),
    "customfield_10014": ("Notes", {"type": "string", "custom": f"{CUSTOM}textarea"}, False),
    "customfield_10015": ("Cause", {"type": "string", "custom": f"{CUSTOM}textfield"}, False),
    "customfield_10016": ("Place", {"type": "x", "custom": f"{CUSTOM}cascadingselect"}, False),
}
ONLY_INCIDENTS_NEED = "customfield_10015"
TEAMS = ("Red", "Blue")


def status(name: str) -> dict[str, Any]:
    """A status as issues hold it."""
    return {"name": name, "statusCategory": {"key": STATUSES[name]}}


def person(account_id: str, name: str, email: str = "", kind: str = "atlassian") -> dict[str, Any]:
    """A user; an address that is hidden is not there at all."""
    found = {"accountId": account_id, "accountType": kind, "displayName": name, "active": True}
    return {**found, "emailAddress": email} if email else found


def people() -> dict[str, dict[str, Any]]:
    """Everybody of the site."""
    everybody = (
        person(BOT, "Assent", "assent-bot@acme.example"),
        person(VIEWER, "Viewer", "viewer@acme.example"),
        person(MIA, "Mia Krause", "mia@acme.example"),
        person(JO, "Jo Park", "jo@acme.example"),
        {**person(NOA, "Noa Levi", "noa@acme.example"), "active": False},
        person(ADA, "Ada Hidden"),
        person(APP, "Mia Krause", kind="app"),
    )
    return {each["accountId"]: each for each in everybody}


def issue(number: int, key: str, kind: str, summary: str, state: str) -> dict[str, Any]:
    """An issue as it is stored: its fields as they are on the wire."""
    project, everybody = key.split("-", maxsplit=1)[0], people()
    at = f"2026-11-0{number}T09:00:00.000+0000"
    fields: dict[str, Any] = {
        "summary": summary,
        "status": status(state),
        "project": {"key": project, "id": "1"},
        "issuetype": {"name": kind, "id": TYPES[kind]},
        "priority": {"name": "Medium"},
        "assignee": None,
        "reporter": everybody[MIA],
        "creator": everybody[MIA],
        "labels": ["floor3"],
        "components": [],
        "created": at,
        "updated": at,
        "resolution": None,
        "description": None,
        "duedate": None,
        "customfield_10010": None,
        "customfield_10011": None,
        "customfield_10013": None,
        "customfield_10014": None,
        "customfield_10015": None,
        "customfield_10016": None,
    }
    return {
        "id": str(10_000 + number),
        "key": key,
        "fields": fields,
        "properties": {},
        "comments": [],
        "histories": [],
    }


def issues() -> dict[str, dict[str, Any]]:
    """Every issue by its id."""
    stored = (
        issue(1, "OPS-1", "Task", "Printer on floor 3 is broken", "To Do"),
        issue(2, "OPS-2", "Task", "Order new toner", "Done"),
        issue(3, "OPS-3", "Incident", "VPN drops every hour", "New"),
        issue(4, "NET-1", "Task", "Switch in rack 4", "To Do"),  # it was OPS-4
        issue(6, "HR-1", "Task", "Salary round", "To Do"),
    )
    stored[0]["comments"].append(
        {
            "id": "20001",
            "author": people()[JO],
            "body": {
                "type": "doc",
                "version": 1,
                "content": [
                    {"type": "paragraph", "content": [{"type": "text", "text": "Same here."}]}
                ],
            },
            "created": "2026-11-01T10:00:00.000+0000",
            "properties": {},
        }
    )
    return {each["id"]: copy.deepcopy(each) for each in stored}

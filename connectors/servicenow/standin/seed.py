"""The instance that every fresh stand-in starts as: the same to the byte."""

from __future__ import annotations

import copy
import hashlib

INSTANCE = "https://acme.service-now.com"


def sys_id(of: str) -> str:
    """The record's id, made of what it is."""
    return hashlib.sha256(of.encode()).hexdigest()[:32]


BOT, VIEWER = "assent-bot", "viewer"
BASIC = {"assent-bot:stand-in-Passw0rd-1": BOT, "viewer:stand-in-Passw0rd-2": VIEWER}
TOKENS = {"standInAccessTokenOfTheBot0123456789": BOT}
CLIENTS = {("assent-client", "stand-in-client-secret-9"): "standInAccessTokenOfTheBot0123456789"}
WRITERS = frozenset({BOT})
READERS = frozenset({BOT, VIEWER})

STATES = {
    "1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled",
}  # fmt: skip
LEVELS = {"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
CHOICES = {
    "state": STATES,
    "urgency": LEVELS,
    "impact": LEVELS,
    "category": {"network": "Network", "hardware": "Hardware", "inquiry": "Inquiry / Help"},
    "hold_reason": {"1": "Awaiting Caller", "5": "Awaiting Change"},
    "close_code": {c: c for c in ("Solution provided", "Workaround provided", "Duplicate")},
    "priority": {
        "1": "1 - Critical", "2": "2 - High", "3": "3 - Moderate", "4": "4 - Low",
        "5": "5 - Planning",
    },
}  # fmt: skip
REFERENCES = {
    "caller_id": "sys_user",
    "assigned_to": "sys_user",
    "assignment_group": "sys_user_group",
    "parent_incident": "incident",
}
# What the Table API lets one set of an incident here.
WRITABLE = frozenset(
    {"short_description", "description", "state", "hold_reason", "urgency", "impact", "category",
     "caller_id", "assigned_to", "assignment_group", "close_code", "close_notes",
     "correlation_id", "correlation_display", "work_notes"}
)  # fmt: skip

Row = dict[str, str]


def user(name: str, full: str, *, active: bool = True) -> Row:
    """A row of sys_user."""
    return {
        "sys_id": sys_id(name),
        "user_name": name,
        "name": full,
        "email": f"{name}@acme.example",
        "active": str(active).lower(),
    }


def incident(number: int, short: str, state: str, **values: str) -> Row:
    """A row of incident, with every field that there is."""
    row = dict.fromkeys(
        (*sorted(WRITABLE), "parent_incident", "number", "priority", "sys_mod_count", "active",
         "sys_created_by", "sys_updated_on", "sys_id"), ""
    )  # fmt: skip
    return row | {
        "number": f"INC{number:07}",
        "sys_id": sys_id(f"INC{number}"),
        "short_description": short,
        "state": state,
        "urgency": "2",
        "impact": "2",
        "priority": "3",
        "category": "inquiry",
        "caller_id": sys_id("mia"),
        "sys_mod_count": "4",
        "active": str(state not in "78").lower(),
        "sys_created_by": "mia",
        "sys_updated_on": "2026-11-02 09:00:00",
        **values,
    }


def tables() -> dict[str, dict[str, Row]]:
    """Every table by its name, every row by its id."""
    rows: dict[str, list[Row]] = {
        "sys_user": [
            user(BOT, "Assent"), user(VIEWER, "Viewer"), user("mia", "Mia Krause"),
            user("jo", "Jo Park"), user("noa", "Noa Levi", active=False),
        ],
        "sys_user_group": [
            {"sys_id": sys_id("g1"), "name": "Network", "email": "", "active": "true"},
            {"sys_id": sys_id("g2"), "name": "Twice", "email": "", "active": "true"},
            {"sys_id": sys_id("g3"), "name": "Twice", "email": "", "active": "true"},
            {"sys_id": sys_id("g4"), "name": "Gone", "email": "", "active": "false"},
        ],
        "incident": [
            incident(1, "VPN drops every hour", "2"),
            incident(2, "Mail is slow", "3", hold_reason="5"),
            incident(3, "Badge reader is dead", "7", close_code="Solution provided",
                     close_notes="Replaced."),
            incident(4, "VPN is broken", "6", close_code="Duplicate", close_notes="See INC0000001",
                     parent_incident=sys_id("INC1")),
        ],
        "sys_choice": [
            {"sys_id": sys_id(f"{element}{value}"), "name": "incident", "element": element,
             "value": value, "label": label, "inactive": "false", "language": "en"}
            for element, choices in CHOICES.items()
            for value, label in choices.items()
        ],
    }  # fmt: skip
    found = {name: {row["sys_id"]: row for row in each} for name, each in rows.items()}
    return copy.deepcopy(found)

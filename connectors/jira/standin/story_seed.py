"""The site of a service desk, as stories begin with it: three projects that the account works in,
one that it sees nothing of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.jira.standin import seed
from connectors.jira.standin.site import Site

DANA, LENA, KIM = "5e10a2844c20165700ede301", "5e10a2844c20165700ede302", "5e10a2844c20165700ede303"
ALEX_C, ALEX_W = "5e10a2844c20165700ede304", "5e10a2844c20165700ede305"
CUSTOMER = "qm:7b1e2a90-44d1-4c1e-9a55-0c6f3d2b8e01"
RESOLUTIONS = ("Fixed", "Duplicate", "Declined", "Cannot Reproduce")
TEAMS = ("Payments", "Platform", "Web", "Security", "Helpdesk")

# key: (type, status, priority, assignee, team, labels, summary)
_ISSUES = {
    "PAY-12": ("Task", "To Do", "Medium", "", "", "", "Card payment fails with error 402"),
    "PAY-13": ("Task", "In Progress", "Medium", LENA, "Payments", "vat", "Invoice has wrong VAT"),
    "PAY-14": ("Task", "Done", "Low", LENA, "Payments", "", "Receipt mails arrive late"),
    "PAY-15": ("Task", "To Do", "Highest", "", "", "outage", "Payouts to banks are stuck"),
    "PAY-16": ("Incident", "New", "High", "", "", "", "Checkout times out for some shops"),
    "PAY-17": ("Incident", "Working", "High", seed.MIA, "Platform", "", "Webhooks are behind"),
    "PAY-18": ("Task", "To Do", "Medium", "", "", "security", "Card numbers are in a log file"),
    "PAY-19": ("Task", "In Progress", "Medium", "", "", "", "Export of settlements is empty"),
    "HELP-31": ("Task", "To Do", "Medium", "", "", "", "Cannot log in since Friday"),
    "HELP-32": ("Task", "In Progress", "Low", seed.MIA, "Helpdesk", "", "Printer floor 3 broken"),
    "HELP-33": ("Task", "To Do", "Low", "", "", "", "Printer floor 5 jammed"),
    "HELP-34": ("Task", "Cancelled", "Low", "", "", "", "New badge photo wanted"),
    "SEC-7": ("Task", "To Do", "High", "", "Security", "security", "API key in public sources"),
    "HR-1": ("Task", "To Do", "Medium", "", "", "", "Salary round"),
}
_CUSTOMERS = ("HELP-31", "HELP-34")  # who reported them is no colleague


def site(now: datetime) -> Site:
    """A site whose records were changed last in the days before `now`."""
    made = Site()
    everybody = (
        seed.person(DANA, "Dana Okafor", "dana@acme.example"),
        seed.person(LENA, "Lena Fischer", "lena@acme.example"),
        seed.person(KIM, "Kim Sato", "kim@acme.example"),
        seed.person(ALEX_C, "Alex Chen", "alex.chen@acme.example"),
        seed.person(ALEX_W, "Alex Chen", "alex.w.chen@acme.example"),
        seed.person(CUSTOMER, "Olga Brandt", "olga@customer.example", kind="customer"),
    )
    made.people |= {each["accountId"]: each for each in everybody}
    made.assignable = (seed.MIA, seed.JO, seed.NOA, DANA, LENA, KIM, ALEX_C, ALEX_W)
    made.teams, made.resolutions = TEAMS, RESOLUTIONS
    made.permissions[seed.BOT] = dict.fromkeys(("PAY", "HELP", "SEC", "WEB"), seed.WORKER)
    made.moved = {}
    made.numbers = {"PAY": 20, "HELP": 40, "SEC": 9, "WEB": 3, "HR": 1}
    made.next_comment = 40_001
    made.clock = now - timedelta(minutes=5)
    made.issues = {str(20_001 + n): _issue(made, n, key, now) for n, key in enumerate(_ISSUES)}
    return made


def _issue(made: Site, number: int, key: str, now: datetime) -> dict[str, Any]:
    kind, state, priority, assignee, team, labels, summary = _ISSUES[key]
    issue = seed.issue(1, key, kind, summary, state)
    at = (now - timedelta(hours=30 + number)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    reporter = made.people[CUSTOMER if key in _CUSTOMERS else seed.MIA]
    fields = issue["fields"]
    fields |= {"created": at, "updated": at, "reporter": reporter, "creator": reporter}
    fields |= {"priority": {"name": priority}, "labels": labels.split()}
    fields["assignee"] = made.people[assignee] if assignee else None
    fields[_TEAM] = {"value": team} if team else None
    if state in ("Done", "Cancelled"):
        fields["resolution"] = {"name": "Fixed" if state == "Done" else "Won't Do"}
    return {**issue, "id": str(20_001 + number)}


_TEAM = "customfield_10011"

"""Jira as a world for the conformance suite: our own stand-in, behind the proxy."""

from __future__ import annotations

from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.in_a_thread import TENANT_HEADER
from connectors.conformance.proxy import Proxy, Refusals, is_write
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.jira.issues import READ_SCOPES
from connectors.jira.standin import seed
from connectors.jira.standin.server import SERVER
from connectors.jira.standin.site import Site

SECRET = next(iter(seed.SECRETS))
ACCOUNT = f"acme.atlassian.net/{seed.BOT}"
READS = READ_SCOPES | {"people:read"}
WRITES = READS | {"issues:write", "comments:write"}

REFUSALS = Refusals(
    refused=b'{"errorMessages":["You do not have permission to do this."],"errors":{}}',
    busy=b'{"errorMessages":["Rate limit exceeded."],"errors":{}}',
    unavailable=b'{"errorMessages":["Jira is being maintained."],"errors":{}}',
)
SITES: Behind[Site] = Behind()


def fresh(_folder: Path) -> str:
    """A new site, always the same."""
    site = Site()
    tenant = SERVER.add(site)
    return SITES.put(Proxy(SERVER.url, REFUSALS, headers={TENANT_HEADER: tenant}), site)


def writer(address: str, _operation: str) -> Credential:
    """The service account with all that the connector uses."""
    return Credential(ACCOUNT, "sandbox", WRITES, address, SECRET)


def reader(address: str) -> Credential:
    """The same account without any scope to write: Jira lists transitions and editable fields only
    for those who may use them."""
    return Credential(ACCOUNT, "sandbox", READS, address, SECRET)


def arm(address: str, name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next request of the call suffers: the writing one for writes. What deletes a comment is
    the second of two, so an answer that is lost after the write is that one's."""
    is_deletion = (name, kind, call) == ("jira.comment", "time_out_after_write", "compensate")

    def belongs(method: str, path: str) -> bool:
        if is_deletion:
            return method == "DELETE"
        is_question = path.endswith(("/search/jql", "/bulkfetch")) or not is_write(method, path)
        return is_question != (call in ("execute", "compensate"))

    SITES[address][0].arm(kind, belongs)


def fingerprint(address: str) -> str:
    """Over all that the site stores."""
    return SITES[address][1].fingerprint()


_create = {
    "project": "OPS",
    "type": "Task",
    "summary": "Replace the badge reader",
    "description": "It reads nothing.\n\nDoor 4.",
    "withdraw_to": "Cancelled",
}
_cost = {"issue": "OPS-1", "field": "customfield_10010", "kind": "number", "value": "12.50"}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=SITES.unplug,
    samples={
        "jira.create_issue": Sample(
            params=_create,
            other={**_create, "description": "Another one.", "priority": "Low"},
            refused=(
                {**_create, "type": "Incident"},
                {**_create, "type": "Change"},
                {**_create, "type": "Epic"},
                {**_create, "priority": "Urgent"},
            ),
            final={**_create, "withdraw_to": "Discarded"},
        ),
        "jira.transition": Sample(
            params={"issue": "OPS-1", "status": "In Progress"},
            other={"issue": "OPS-1", "status": "Done"},
            refused=(
                {"issue": "OPS-1", "status": "Working"},
                {"issue": "OPS-1", "status": "To Do"},
                {"issue": "OPS-3", "status": "Closed"},
                {"issue": "OPS-1", "status": "Done", "resolution": "Nonsense"},
            ),
            final={"issue": "OPS-3", "status": "Working"},
        ),
        "jira.comment": Sample(
            params={"issue": "OPS-1", "text": "A new one is on its way.\n\nRoom 3.14 & <b>"},
            other={"issue": "OPS-1", "text": "It works again."},
            final={"issue": "NET-1", "text": "Nobody may delete here."},
        ),
        "jira.assign": Sample(
            params={"issue": "OPS-1", "assignee": seed.MIA},
            other={"issue": "OPS-1", "assignee": seed.JO},
            refused=({"issue": "OPS-1", "assignee": seed.ADA},),
        ),
        "jira.set_field": Sample(
            params=_cost,
            other={**_cost, "value": "7"},
            refused=(
                {**_cost, "value": "much"},
                {**_cost, "value": "1e3"},
                {**_cost, "kind": "date", "value": "2026-12-01"},
                {**_cost, "field": "customfield_10016", "kind": "option", "value": "x"},
                {**_cost, "field": "customfield_10011", "kind": "option", "value": "Green"},
                {**_cost, "field": "duedate", "kind": "date", "value": "tomorrow"},
                {**_cost, "field": "summary", "kind": "text", "value": "two\nlines"},
            ),
            final={**_cost, "field": "description", "kind": "text", "value": "New.\nText."},
        ),
    },
    searches={
        "jira.find_issues": Search("the broken printer", "OPS-1", "the broken helicopter"),
        "jira.find_people": Search("mia@acme.example", seed.MIA, "nobody@acme.example"),
    },
    counterpart="our own stand-in, written from Atlassian's documentation",
    says_environment=False,
)

"""ServiceNow as a world for the conformance suite: our own stand-in, behind the proxy."""

from __future__ import annotations

from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.in_a_thread import TENANT_HEADER
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.world import Sample, Search, World
from connectors.credentials import Credential
from connectors.servicenow.incidents import READ_SCOPES
from connectors.servicenow.standin import seed
from connectors.servicenow.standin.instance import Instance
from connectors.servicenow.standin.server import SERVER

SECRET = next(iter(seed.BASIC))
ACCOUNT = f"127.0.0.1/{seed.BOT}"
READS = READ_SCOPES | {"people:read"}
WRITES = READS | {"incidents:write", "notes:write"}

REFUSALS = Refusals(
    refused=b'{"error":{"message":"Operation Failed","detail":"ACL Exception"},"status":"failure"}',
    busy=b'{"error":{"message":"Rate limit exceeded","detail":""},"status":"failure"}',
    unavailable=b"<html><title>Instance is being maintained</title></html>",
)
INSTANCES: Behind[Instance] = Behind()


def fresh(_folder: Path) -> str:
    """A new instance, always the same."""
    instance = Instance()
    tenant = SERVER.add(instance)
    return INSTANCES.put(Proxy(SERVER.url, REFUSALS, headers={TENANT_HEADER: tenant}), instance)


def writer(address: str, _operation: str) -> Credential:
    """The service account with all that the connector uses."""
    return Credential(ACCOUNT, "sandbox", WRITES, address, SECRET)


def reader(address: str) -> Credential:
    """The same account without the scope to write."""
    return Credential(ACCOUNT, "sandbox", READS, address, SECRET)


def fingerprint(address: str) -> str:
    """Over all that the instance stores."""
    return INSTANCES[address][1].fingerprint()


def disturb(address: str, operation: str) -> None:
    """Somebody else works on it."""
    instance = INSTANCES[address][1]
    if operation == "servicenow.create_incident":
        by_hand = {"caller_id": seed.sys_id("jo"), "short_description": "Printer is on fire"}
        instance.insert(seed.BOT, by_hand)
    else:
        instance.touch("INC0000001", description="Since the update.")


_create = {
    "caller": "mia@acme.example",
    "short_description": "Printer is on fire",
    "description": "Floor 3.\nSmoke.",
    "urgency": "1",
    "impact": "2",
}
_update = {"incident": "INC0000001", "field": "urgency", "value": "1"}
_resolve = {
    "incident": "INC0000001",
    "close_code": "Solution provided",
    "close_notes": "Renewed the certificate.",
}
_note = {"incident": "INC0000001", "text": "Restarted the gateway.\nWatching it."}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=INSTANCES.arm,
    fingerprint=fingerprint,
    unplug=INSTANCES.unplug,
    samples={
        "servicenow.create_incident": Sample(
            params=_create,
            other={**_create, "description": "Floor 4.", "urgency": "3"},
            refused=(
                {**_create, "caller": "noa@acme.example"},
                {**_create, "caller": "a^b"},
                {**_create, "short_description": "x" * 161},
                {**_create, "short_description": "!!!"},
            ),
        ),
        "servicenow.update_incident": Sample(
            params=_update,
            other={**_update, "value": "3"},
            refused=(
                {**_update, "value": "9"},
                {**_update, "incident": "INC0000003"},
                {**_update, "field": "assignment_group", "value": "Twice"},
                {**_update, "field": "assignment_group", "value": "Gone"},
                {**_update, "field": "assigned_to", "value": "javascript:gs.getUserID()"},
                {**_update, "field": "short_description", "value": "two\nlines"},
            ),
        ),
        "servicenow.add_note": Sample(
            params=_note,
            other={**_note, "text": "Done."},
            refused=(
                {**_note, "incident": "INC0000003"},
                {**_note, "text": "[code]<b>important</b>[/code]"},
            ),
            final=_note,
        ),
        "servicenow.resolve_incident": Sample(
            params=_resolve,
            other={**_resolve, "close_code": "Workaround provided"},
            refused=(
                {**_resolve, "close_code": "Magic"},
                {**_resolve, "incident": "INC0000003"},
            ),
        ),
    },
    searches={
        "servicenow.find_incidents": Search("the VPN drops", "INC0000001", "the helicopter drops"),
    },
    counterpart="our own stand-in, written from ServiceNow's documentation",
    disturb=disturb,
    says_environment=False,
)

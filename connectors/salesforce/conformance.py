"""Salesforce as a world for the conformance suite, against our own stand-in."""

from __future__ import annotations

from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.loopback import TENANT
from connectors.conformance.proxy import Belongs, Proxy, Refusals
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.salesforce import standin
from connectors.salesforce.ids import full
from connectors.salesforce.salesforce_set_field import READ_SCOPES, SCOPES
from connectors.salesforce.standin_records import DANA

ACCOUNT = f"{standin.ORG}/{standin.USER}"
DEAL = full("0065e0000BigDea")
REFUSALS = Refusals(
    refused=b'[{"message":"no rights","errorCode":"INSUFFICIENT_ACCESS_OR_READONLY"}]',
    busy=b'[{"message":"too many","errorCode":"REQUEST_LIMIT_EXCEEDED"}]',
    unavailable=b'[{"message":"The server is unavailable","errorCode":"SERVER_UNAVAILABLE"}]',
)
SYSTEMS: Behind[standin.Org] = Behind()


def fresh(_folder: Path) -> str:
    """A new org at the one server."""
    name, its_org = standin.founded()
    proxy = Proxy(standin.served(), REFUSALS, headers={TENANT: name})
    return SYSTEMS.put(proxy, its_org, f"?client_id={standin.CLIENT_ID}")


def writer(address: str, _operation: str) -> Credential:
    """May set fields."""
    return Credential(ACCOUNT, "sandbox", SCOPES, address, standin.CLIENT_SECRET)


def reader(address: str) -> Credential:
    """May look."""
    return Credential(ACCOUNT, "sandbox", READ_SCOPES, address, standin.CLIENT_SECRET)


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next such call suffers: a write is a PATCH, a read a query of records."""
    belongs: Belongs = _is_patch if call in ("execute", "compensate") else _is_query
    SYSTEMS[address][0].arm(kind, belongs)


def fingerprint(address: str) -> str:
    """Over every record of the org."""
    return SYSTEMS[address][1].fingerprint()


def disturb(address: str, _operation: str) -> None:
    """A colleague changes another field of the record."""
    SYSTEMS[address][1].change("Opportunity", DEAL, {"Amount": 9000}, DANA)


def _is_patch(method: str, _path: str) -> bool:
    return method == "PATCH"


def _is_query(method: str, path: str) -> bool:
    return method == "GET" and path.startswith(f"{standin.DATA}query/")


_sample = {
    "object": "Opportunity",
    "record": DEAL,
    "field": "StageName",
    "value": "Closed Won",
}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=SYSTEMS.unplug,
    samples={
        "salesforce.set_field": Sample(
            params=_sample,
            other={**_sample, "value": "Closed Lost"},
            refused=(
                {**_sample, "value": "Won, more or less"},
                {**_sample, "field": "Amount", "value": "12,500.50"},
                {**_sample, "field": "Amount", "value": "1.005"},
                {**_sample, "field": "CloseDate", "value": "tomorrow"},
                {**_sample, "field": "Probability", "value": "70"},
                {**_sample, "field": "OwnerId", "value": standin.USER},
                {**_sample, "field": "Name", "value": "x" * 121},
            ),
        ),
    },
    searches={
        "salesforce.find_opportunities": Search("ACME's keyboards deal", DEAL, "ACME's helicopter"),
        "salesforce.find_accounts": Search("acme", full("0015e0000AcmeAA"), "no such account"),
        "salesforce.find_cases": Search("case 1026", full("5005e0000Case01"), "case 9999"),
        "salesforce.find_records": Search("ACME's keyboards", DEAL, "ACME's helicopter"),
    },
    counterpart="our own stand-in, written after Salesforce's documentation",
    disturb=disturb,
)

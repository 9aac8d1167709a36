"""What each org of the stand-in begins with: objects, their fields, records and automation."""

from __future__ import annotations

from typing import Any

from connectors.salesforce.ids import full

USERS = {
    "0055e000001ASNTAA2": "Assent",
    "0055e000001DANAAA2": "Dana Reyes",
    "0055e000001INESAA2": "Ines Duarte",
}
DANA = "0055e000001DANAAA2"
LABELS = {"Opportunity": "Opportunity", "Account": "Account", "Case": "Case"}
_STAGES = ("Prospecting", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost")
_THEN = "2026-11-02T08:15:30.000+0000"


def _field(name: str, kind: str, **said: Any) -> dict[str, Any]:
    choices = [{"value": c, "label": c, "active": True} for c in said.pop("choices", ())]
    return {
        "name": name,
        "label": said.pop("label", name),
        "type": kind,
        "length": 0,
        "precision": 0,
        "scale": 0,
        "nillable": True,
        "updateable": True,
        "calculated": False,
        "picklistValues": choices,
        **said,
    }


_COMMON = [
    _field("Id", "id", updateable=False, nillable=False),
    _field("Description", "textarea", length=32_000),
    _field("Secret__c", "string", length=80, isHidden=True),
    _field("SystemModstamp", "datetime", updateable=False),
]
DESCRIBED: dict[str, list[dict[str, Any]]] = {
    "Opportunity": [
        *_COMMON,
        _field("Name", "string", length=120, nillable=False),
        _field("StageName", "picklist", label="Stage", choices=_STAGES, nillable=False),
        _field("Amount", "currency", precision=18, scale=2),
        _field("Probability", "percent", precision=3, scale=0, updateable=False),
        _field("CloseDate", "date", label="Close Date", nillable=False),
        _field("Regions__c", "multipicklist", choices=("EMEA", "APAC", "AMER"), length=4_099),
        _field("Seats__c", "int", precision=8),
        _field("IsPrivate", "boolean", nillable=False),
        _field("OwnerId", "reference", length=18),
        _field("KickOff__c", "datetime"),
        _field("NextStep", "string", label="Next Step", length=255),
        _field("IsClosed", "boolean", label="Closed", updateable=False, nillable=False),
    ],
    "Account": [
        *_COMMON,
        _field("Name", "string", length=255, nillable=False),
        _field("Industry", "picklist", choices=("Banking", "Energy", "Retail")),
        _field("NumberOfEmployees", "int", precision=8),
        _field("BillingCity", "string", label="Billing City", length=40),
        _field("Phone", "phone", length=40),
        _field("Website", "url", length=255),
        _field("OwnerId", "reference", length=18),
    ],
    "Case": [
        *_COMMON,
        _field("Subject", "string", length=255),
        _field("Status", "picklist", choices=("New", "Working", "Escalated", "Closed")),
        _field("Priority", "picklist", choices=("High", "Medium", "Low")),
        _field("OwnerId", "reference", length=18),
        _field("IsClosed", "boolean", label="Closed", updateable=False, nillable=False),
    ],
}
SETUP: dict[str, list[dict[str, Any]]] = {
    "FlowDefinitionView": [
        {
            "Label": "Tell finance of closed deals",
            "ActiveVersionId": "3015e0000FlowAa1",
            "TriggerType": "RecordAfterSave",
            "TriggerObjectOrEventLabel": "Opportunity",
        },
        {
            "Label": "An old flow",
            "ActiveVersionId": None,
            "TriggerType": "RecordAfterSave",
            "TriggerObjectOrEventLabel": "Opportunity",
        },
    ],
    "ValidationRule": [
        {
            "ValidationName": "Close_date_in_future",
            "Active": True,
            "EntityDefinition": {"QualifiedApiName": "Opportunity"},
        },
    ],
    "ApexTrigger": [
        {"Name": "OpportunityRollup", "Status": "Active", "TableEnumOrId": "Opportunity"},
        {"Name": "AccountSync", "Status": "Active", "TableEnumOrId": "Account"},
    ],
}


def _record(record: str, **values: Any) -> dict[str, Any]:
    return {
        "Id": record,
        "Description": None,
        "OwnerId": DANA,
        "LastModifiedById": DANA,
        "LastModifiedDate": _THEN,
        "SystemModstamp": _THEN,
        "IsDeleted": False,
        **values,
    }


def opportunity(record: str, name: str, **values: Any) -> dict[str, Any]:
    """An opportunity of ACME Corp, in a stage that is not closed, but for these values."""
    return _record(
        record,
        **{
            "Name": name,
            "StageName": "Proposal/Price Quote",
            "Amount": 12500.5,
            "Probability": 60,
            "CloseDate": "2026-12-15",
            "IsClosed": False,
            "AccountId": full("0015e0000AcmeAA"),
            "Regions__c": "EMEA;APAC",
            "Seats__c": 25,
            "IsPrivate": False,
            "KickOff__c": "2026-12-20T09:30:00.000+0000",
            "NextStep": None,
            **values,
        },
    )


def account(record: str, name: str, **values: Any) -> dict[str, Any]:
    """A customer, but for these values."""
    return _record(
        record,
        **{
            "Name": name,
            "Type": "Customer",
            "Industry": "Energy",
            "NumberOfEmployees": 120,
            "BillingCity": "Vienna",
            "Phone": "+43 1 555 0100",
            "Website": None,
            "MasterRecordId": None,
            **values,
        },
    )


def case(record: str, number: str, subject: str, **values: Any) -> dict[str, Any]:
    """A case of ACME Corp that is worked on, but for these values."""
    return _record(
        record,
        **{
            "CaseNumber": number,
            "Subject": subject,
            "Status": "Working",
            "Priority": "High",
            "IsClosed": False,
            "AccountId": full("0015e0000AcmeAA"),
            "MasterRecordId": None,
            **values,
        },
    )


def seeded() -> dict[str, dict[str, dict[str, Any]]]:
    """A new org's records by object and id."""
    opportunities = (
        opportunity(full("0065e0000BigDea"), "Keyboards for all offices"),
        opportunity(
            full("0065e0000Hostil"), "<!channel> 50%_off' OR Name LIKE '%", StageName="Prospecting"
        ),
        opportunity(full("0065e0000NoSum1"), "Untold", Amount=None, Seats__c=None),
    )
    accounts = (
        account(full("0015e0000AcmeAA"), "ACME Corp"),
        account(full("0015e0000Globex"), "Globex"),
        account(
            full("0015e0000OldAcm"),
            "ACME Inc",
            IsDeleted=True,
            MasterRecordId=full("0015e0000AcmeAA"),
        ),
        account(full("0015e0000Delete"), "Initech", IsDeleted=True),
    )
    cases = (
        case(full("5005e0000Case01"), "00001026", "The box was wet"),
        case(full("5005e0000Case02"), "00001027", "Invoice please"),
    )
    return {
        "Opportunity": {each["Id"]: each for each in opportunities},
        "Account": {each["Id"]: each for each in accounts},
        "Case": {each["Id"]: each for each in cases},
    }

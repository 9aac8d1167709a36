"""`salesforce.find_records`: opportunities, accounts and cases at once, for whoever does not say
which of them is meant: by id, by a case's number, or by their own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.operation import Finder, Record
from connectors.salesforce import searching
from connectors.salesforce.ids import PREFIXES
from connectors.salesforce.salesforce_find_cases import named
from connectors.salesforce.session import Session

# What is shown of a record of each object: its columns, those of its label first.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Account": ("Name", "Type", "Id", "Owner.Name"),
    "Opportunity": ("Name", "Account.Name", "StageName", "Amount", "Id", "IsClosed", "Owner.Name"),
    "Case": ("CaseNumber", "Subject", "Status", "Id", "IsClosed", "Owner.Name"),
}


def find(session: Session, words: str) -> tuple[Record, ...]:
    """At most five records: those named by id or number, else the alike, accounts first."""
    wheres = _named(words) or _alike(words)
    found = (
        _record(object_name, row)
        for object_name, where in wheres.items()
        for row in searching.rows(session, COLUMNS[object_name], object_name, where)
    )
    return tuple(found)[: searching.RECORDS_MAX]


def _named(words: str) -> Mapping[str, str]:
    by_id = {name: searching.ids(words, name) for name in PREFIXES}
    wheres = {name: searching.among("Id", ids) for name, ids in by_id.items() if ids}
    return wheres or ({"Case": case} if (case := named(words)) else {})


def _alike(words: str) -> Mapping[str, str]:
    return {
        "Account": searching.alike(words, ("Name",)),
        "Opportunity": searching.alike_by_own(words, "Name", "Account.Name"),
        "Case": searching.alike_by_own(words, "Subject", "Account.Name"),
    }


def _record(object_name: str, row: Mapping[str, Any]) -> Record:
    columns = COLUMNS[object_name]
    said = (searching.text(row, *column.split(".")) for column in columns[: columns.index("Id")])
    name = "CaseNumber" if object_name == "Case" else "Name"
    return Record(
        kind=object_name.lower(),
        id=searching.text(row, "Id"),
        label=searching.label(object_name, *said),
        fields={
            "id": searching.text(row, "Id"),
            "object": object_name,
            "name": searching.text(row, name),
            "is_closed": row.get("IsClosed") is True,
            "owner": searching.text(row, "Owner", "Name"),
        },
    )


FINDER = Finder(
    name="salesforce.find_records",
    title="Find opportunities, accounts and cases",
    system="Salesforce",
    scopes=searching.SCOPES,
    field_types={
        "id": "string",
        "object": "string",
        "name": "string",
        "is_closed": "bool",
        "owner": "string",
    },
    find=find,
    records_max=searching.RECORDS_MAX,
)

"""`salesforce.find_accounts`: by id, or by name."""

from __future__ import annotations

from connectors.operation import Finder, Record
from connectors.salesforce import searching
from connectors.salesforce.session import Session

COLUMNS = ("Id", "Name", "Type", "Industry", "Owner.Name")


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The matching accounts, those last changed first."""
    known = searching.ids(words, "Account")
    where = searching.among("Id", known) if known else searching.alike(words, ("Name",))
    return tuple(
        Record(
            kind="account",
            id=searching.text(row, "Id"),
            label=searching.label(searching.text(row, "Name"), searching.text(row, "Type")),
            fields={
                "id": searching.text(row, "Id"),
                "name": searching.text(row, "Name"),
                "type": searching.text(row, "Type"),
                "industry": searching.text(row, "Industry"),
                "owner": searching.text(row, "Owner", "Name"),
            },
        )
        for row in searching.rows(session, COLUMNS, "Account", where)
    )


FINDER = Finder(
    name="salesforce.find_accounts",
    title="Find accounts",
    system="Salesforce",
    scopes=searching.SCOPES,
    field_types={
        "id": "string",
        "name": "string",
        "type": "string",
        "industry": "string",
        "owner": "string",
    },
    find=find,
    records_max=searching.RECORDS_MAX,
)

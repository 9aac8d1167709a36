"""`salesforce.find_opportunities`: by id, by name, or by the account's name."""

from __future__ import annotations

from connectors.operation import Finder, Record
from connectors.salesforce import searching
from connectors.salesforce.session import Session

COLUMNS = (
    "Id", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "AccountId", "Account.Name",
    "Owner.Name",
)  # fmt: skip


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The matching opportunities, those last changed first."""
    known = searching.ids(words, "Opportunity")
    alike = searching.alike(words, ("Name", "Account.Name"))
    where = searching.among("Id", known) if known else alike
    return tuple(
        Record(
            kind="opportunity",
            id=searching.text(row, "Id"),
            label=searching.label(
                searching.text(row, "Name"),
                searching.text(row, "Account", "Name"),
                searching.text(row, "StageName"),
                searching.text(row, "Amount"),
            ),
            fields={
                "id": searching.text(row, "Id"),
                "name": searching.text(row, "Name"),
                "stage": searching.text(row, "StageName"),
                "amount": searching.text(row, "Amount"),
                "close_date": searching.text(row, "CloseDate"),
                "is_closed": row.get("IsClosed") is True,
                "account": searching.text(row, "AccountId"),
                "account_name": searching.text(row, "Account", "Name"),
                "owner": searching.text(row, "Owner", "Name"),
            },
        )
        for row in searching.rows(session, COLUMNS, "Opportunity", where)
    )


FINDER = Finder(
    name="salesforce.find_opportunities",
    title="Find opportunities",
    system="Salesforce",
    scopes=searching.SCOPES,
    field_types={
        "id": "string",
        "name": "string",
        "stage": "string",
        "amount": "string",
        "close_date": "string",
        "is_closed": "bool",
        "account": "string",
        "account_name": "string",
        "owner": "string",
    },
    find=find,
    records_max=searching.RECORDS_MAX,
)

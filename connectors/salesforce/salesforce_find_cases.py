"""`salesforce.find_cases`: by number or id, by subject, or by the account's name."""

from __future__ import annotations

import re

from connectors.operation import Finder, Record
from connectors.salesforce import searching
from connectors.salesforce.session import Session

COLUMNS = (
    "Id", "CaseNumber", "Subject", "Status", "Priority", "IsClosed", "Account.Name", "Owner.Name",
)  # fmt: skip
NUMBER_DIGITS = 8  # an org's cases are numbered 00001000 and on unless it chose another form
_NUMBER = re.compile(r"(?<![\w.,-])(\d{4,10})(?![\w-]|[.,]\d)")


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The matching cases, those last changed first."""
    return tuple(
        Record(
            kind="case",
            id=searching.text(row, "Id"),
            label=searching.label(
                searching.text(row, "CaseNumber"),
                searching.text(row, "Subject"),
                searching.text(row, "Status"),
            ),
            fields={
                "id": searching.text(row, "Id"),
                "number": searching.text(row, "CaseNumber"),
                "subject": searching.text(row, "Subject"),
                "status": searching.text(row, "Status"),
                "priority": searching.text(row, "Priority"),
                "is_closed": row.get("IsClosed") is True,
                "account_name": searching.text(row, "Account", "Name"),
                "owner": searching.text(row, "Owner", "Name"),
            },
        )
        for row in searching.rows(session, COLUMNS, "Case", _where(words))
    )


def named(words: str) -> str:
    """The condition that it is a case named by id or number; "" where the words name none."""
    if known := searching.ids(words, "Case"):
        return searching.among("Id", known)
    numbers = _NUMBER.findall(words[: searching.WORDS_CHARACTERS_MAX])
    if not numbers:
        return ""
    forms = (form for n in numbers for form in (n, n.zfill(NUMBER_DIGITS)))
    asked = tuple(dict.fromkeys(forms))[: 2 * searching.RECORDS_MAX]
    return searching.among("CaseNumber", asked)


def _where(words: str) -> str:
    return named(words) or searching.alike(words, ("Subject", "Account.Name"))


FINDER = Finder(
    name="salesforce.find_cases",
    title="Find cases",
    system="Salesforce",
    scopes=searching.SCOPES,
    field_types={
        "id": "string",
        "number": "string",
        "subject": "string",
        "status": "string",
        "priority": "string",
        "is_closed": "bool",
        "account_name": "string",
        "owner": "string",
    },
    find=find,
    records_max=searching.RECORDS_MAX,
)

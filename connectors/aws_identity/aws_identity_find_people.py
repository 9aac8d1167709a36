"""`aws_identity.find_people`: a person by user name, e-mail or id, exactly as the store has it."""

from __future__ import annotations

from connectors.aws_identity import directory
from connectors.aws_identity.exactly import first, ids_in
from connectors.aws_identity.session import SYSTEM, Session
from connectors.exact_words import emails_in, names_in
from connectors.operation import Finder, Record

SCOPES = frozenset({"people:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """Whoever these words name exactly: their ids, else e-mails, else the whole as a user name."""
    session.require(SCOPES)
    ids = ids_in(words)
    emails = emails_in(words)
    found = [first(session, "user", "id", each) for each in ids] or [
        first(session, "user", "userName", each) or first(session, "user", "emails.value", each)
        for each in emails
    ]
    if not ids and not emails:
        found = [first(session, "user", "userName", each) for each in names_in(words)]
    people = dict.fromkeys(each for each in found if each)
    return tuple(_record(directory.person(session, each)) for each in [*people][:RECORDS_MAX])


def _record(person: directory.Person) -> Record:
    return Record(
        kind="person",
        id=person.id,
        label=f"{person.login} ({person.name}, {person.status})",
        fields={
            "id": person.id,
            "login": person.login,
            "email": person.email,
            "name": person.name,
            "status": person.status,
        },
    )


FINDER = Finder(
    name="aws_identity.find_people",
    title="Find people in AWS IAM Identity Center",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={
        "id": "string",
        "login": "string",
        "email": "string",
        "name": "string",
        "status": "string",
    },
    find=find,
    records_max=RECORDS_MAX,
)

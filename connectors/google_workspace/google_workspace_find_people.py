"""`google_workspace.find_people`: a person by address, alias or id, exactly as Google has it."""

from __future__ import annotations

from connectors.exact_words import emails_in
from connectors.google_workspace import directory
from connectors.google_workspace.exactly import person_ids_in
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import Finder, Record
from connectors.wire import Call

SCOPES = frozenset({"people:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """Whoever these words name exactly; an address is one person's, alias or not."""
    session.require(SCOPES)
    found: dict[str, Record] = {}
    for key in (*person_ids_in(words), *emails_in(words)):
        call = Call(f"the person {key}", is_write=False, scope="people:read")
        user = session.find("users", "get", call, userKey=key)
        if user is not None:
            person = directory.told(user)
            found[person.id] = _record(person)
    return tuple([*found.values()][:RECORDS_MAX])


def _record(person: directory.Person) -> Record:
    return Record(
        kind="person",
        id=person.id,
        label=f"{person.email} ({person.name}, {person.status})",
        fields={
            "id": person.id,
            "email": person.email,
            "name": person.name,
            "status": person.status,
            "is_admin": person.is_admin,
        },
    )


FINDER = Finder(
    name="google_workspace.find_people",
    title="Find people in Google Workspace",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={
        "id": "string",
        "email": "string",
        "name": "string",
        "status": "string",
        "is_admin": "bool",
    },
    find=find,
    records_max=RECORDS_MAX,
)

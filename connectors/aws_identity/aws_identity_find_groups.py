"""`aws_identity.find_groups`: a group by its name or id, exactly as the store has it."""

from __future__ import annotations

from connectors.aws_identity import directory
from connectors.aws_identity.exactly import first, ids_in
from connectors.aws_identity.session import SYSTEM, Session
from connectors.exact_words import names_in
from connectors.operation import Finder, Record

SCOPES = frozenset({"groups:read", "assignments:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The groups that these words name exactly: by ids, else the whole as a name."""
    session.require(SCOPES)
    ids = ids_in(words)
    found = [first(session, "group", "id", each) for each in ids]
    if not ids:
        found = [first(session, "group", "displayName", each) for each in names_in(words)]
    groups = dict.fromkeys(each for each in found if each)
    return tuple(_record(directory.group(session, each)) for each in [*groups][:RECORDS_MAX])


def _record(group: directory.Group) -> Record:
    return Record(
        kind="group",
        id=group.id,
        label=f"{group.name} ({group.members} members)",
        fields={
            "id": group.id,
            "name": group.name,
            "members": group.members,
            "is_admin": group.is_admin,
        },
    )


FINDER = Finder(
    name="aws_identity.find_groups",
    title="Find groups in AWS IAM Identity Center",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={"id": "string", "name": "string", "members": "int", "is_admin": "bool"},
    find=find,
    records_max=RECORDS_MAX,
)

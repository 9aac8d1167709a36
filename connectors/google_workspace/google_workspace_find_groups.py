"""`google_workspace.find_groups`: a group by address, id or name, exactly as Google has it."""

from __future__ import annotations

from connectors.exact_words import emails_in, names_in
from connectors.google_workspace import directory
from connectors.google_workspace.exactly import group_ids_in, quoted
from connectors.google_workspace.session import SYSTEM, Session
from connectors.operation import Finder, Record
from connectors.wire import Call

SCOPES = frozenset({"groups:read", "roles:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The groups that these words name exactly; names may be several groups', for a question."""
    session.require(SCOPES)
    found: dict[str, Record] = {}
    for key in (*group_ids_in(words), *emails_in(words)):
        call = Call(f"the group {key}", is_write=False, scope="groups:read")
        group = session.find("groups", "get", call, groupKey=key)
        if group is not None:
            found[str(group["id"])] = _record(directory.with_roles(session, group))
    for name in () if found else names_in(words):
        found |= _named(session, name)
    return tuple([*found.values()][:RECORDS_MAX])


def _named(session: Session, name: str) -> dict[str, Record]:
    """Those of that name. What Google answers is compared again."""
    call = Call(f"the group {name}", is_write=False, scope="groups:read")
    page = session.call(
        "groups", "list", call,
        customer=directory.MY_CUSTOMER, query=f"name={quoted(name)}", maxResults=RECORDS_MAX,
    )  # fmt: skip
    same = [
        each for each in page.get("groups", ())
        if str(each.get("name", "")).casefold() == name.casefold()
    ]  # fmt: skip
    return {str(each["id"]): _record(directory.with_roles(session, each)) for each in same}


def _record(group: directory.Group) -> Record:
    return Record(
        kind="group",
        id=group.id,
        label=f"{group.name} <{group.email}> ({group.members} members)",
        fields={
            "id": group.id,
            "email": group.email,
            "name": group.name,
            "members": group.members,
            "is_admin": group.is_admin,
        },
    )


FINDER = Finder(
    name="google_workspace.find_groups",
    title="Find groups in Google Workspace",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={
        "id": "string",
        "email": "string",
        "name": "string",
        "members": "int",
        "is_admin": "bool",
    },
    find=find,
    records_max=RECORDS_MAX,
)

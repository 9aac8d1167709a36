"""`okta.find_groups`: a group by its name or id, exactly as Okta has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.exact_words import names_in
from connectors.okta import directory
from connectors.okta.exactly import ids_in, quoted
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.operation import Finder, Record
from connectors.saying import safe
from connectors.wire import Call

SCOPES = frozenset({"groups:read", "roles:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The groups that these words name exactly; applications may bring several of one name."""
    session.require(SCOPES)
    found: dict[str, Record] = {}
    for group_id in ids_in(words, "00g"):
        call = Call(f"the group {group_id}", is_write=False, scope="groups:read")
        group = session.find(f"{API}/groups/{segment(group_id)}", call)
        if group is not None:
            found[group_id] = _record(session, directory.checked(session, group, call))
    for name in () if found else names_in(words):
        call = Call(f"the group {name}", is_write=False, scope="groups:read")
        query = {"search": f"profile.name eq {quoted(name)}", "limit": str(RECORDS_MAX)}
        for each in session.get(f"{API}/groups", call, query):
            group = directory.checked(session, each, call)
            if str(group["profile"].get("name", "")).casefold() == name.casefold():
                found[str(group["id"])] = _record(session, group)
    return tuple([*found.values()][:RECORDS_MAX])


def _record(session: Session, group: Mapping[str, Any]) -> Record:
    group_id, kind = str(group["id"]), safe(group.get("type") or "")
    name = safe(group["profile"].get("name") or group_id)
    return Record(
        kind="group",
        id=group_id,
        label=f"{name} ({kind})",
        fields={
            "id": group_id,
            "name": name,
            "kind": kind,
            "is_admin": bool(directory.roles(session, "groups", group_id)),
        },
    )


FINDER = Finder(
    name="okta.find_groups",
    title="Find groups in Okta",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={"id": "string", "name": "string", "kind": "string", "is_admin": "bool"},
    find=find,
    records_max=RECORDS_MAX,
)

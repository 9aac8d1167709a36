"""`jira.find_people`: a person's accountId from their address, their name or the id itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors import wire
from connectors.jira.issues import objects, text
from connectors.jira.session import SYSTEM, Session
from connectors.operation import Finder, Record, Value
from connectors.wire import Call

SCOPES = frozenset({"people:read"})
RECORDS_MAX = 5
PAGE_PEOPLE = 50
PAGES_MAX = 4
NAME_CHARACTERS_MAX = 100  # of a name that is searched for

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?![\w-])")
_ACCOUNT_ID = re.compile(r"(?=\S*\d)[A-Za-z0-9][A-Za-z0-9:_-]{3,127}")  # a name has no digit
_READ_MAX = 500  # characters of what a person wrote
CALL = Call("people", is_write=False, scope="people:read")


def find(session: Session, said: str) -> tuple[Record, ...]:
    """People that work here, of exactly that address, name or id. Whoever hides their address in
    Jira is found by name alone. A first name is a part of what somebody is called."""
    session.require(SCOPES)
    said = said[:_READ_MAX]
    emails = _EMAIL.findall(said)
    name = " ".join(said.replace("\x00", " ").split())
    wanted = emails[0] if emails else name
    if not wanted or len(wanted) > NAME_CHARACTERS_MAX:
        return ()
    if _ACCOUNT_ID.fullmatch(wanted):
        people = _people(session, {"accountId": wanted})
        found = [p for p in people if _works_here(p) and text(p.get("accountId")) == wanted]
        return tuple(_record(p) for p in found[:RECORDS_MAX])
    people = [p for p in _people(session, {"query": wanted}) if _works_here(p)]
    field = "emailAddress" if emails else "displayName"
    found = [p for p in people if text(p.get(field)).casefold() == wanted.casefold()]
    if found or emails:
        return tuple(_record(p) for p in found[:RECORDS_MAX])
    partly = [p for p in people if _first_name(p) == wanted.casefold()]
    return tuple(_record(p, is_partly_named=True) for p in partly[:RECORDS_MAX])


def _people(session: Session, wanted: Mapping[str, Value]) -> list[Mapping[str, Any]]:
    """Those that Jira offers for it: a query is of the beginnings of words, in any case."""
    found: list[Mapping[str, Any]] = []
    for _ in range(PAGES_MAX):
        asked = {**wanted, "startAt": len(found), "maxResults": PAGE_PEOPLE}
        page = session.get("user/search", CALL, asked)
        if not isinstance(page, list):
            raise wire.unreadable(session.peer, CALL, "no people")
        found += objects(page)
        if len(page) < PAGE_PEOPLE:
            break
    return found


def _works_here(person: Mapping[str, Any]) -> bool:
    return person.get("accountType") == "atlassian" and person.get("active") is True


def _first_name(person: Mapping[str, Any]) -> str:
    return text(person.get("displayName")).casefold().partition(" ")[0]


def _record(person: Mapping[str, Any], *, is_partly_named: bool = False) -> Record:
    account_id, name = text(person.get("accountId")), text(person.get("displayName"))
    email = text(person.get("emailAddress"))
    fields = {"account_id": account_id, "name": name, "email": email}
    label = f"{name} ({email})" if email else name
    return Record("person", account_id, label, fields, is_partly_named)


FINDER = Finder(
    name="jira.find_people",
    title="Find people in Jira",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={"account_id": "string", "name": "string", "email": "string"},
    find=find,
    records_max=RECORDS_MAX,
)

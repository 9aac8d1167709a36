"""`jira.find_people`: a person's accountId from their e-mail address or their exact name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors import wire
from connectors.jira.issues import objects, text
from connectors.jira.session import SYSTEM, Session
from connectors.operation import Finder, Record
from connectors.wire import Call

SCOPES = frozenset({"people:read"})
RECORDS_MAX = 5
PAGE_PEOPLE = 50
PAGES_MAX = 4
NAME_CHARACTERS_MAX = 100  # of a name that is searched for

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}(?![\w-])")
_READ_MAX = 500  # characters of what a person wrote
CALL = Call("people", is_write=False, scope="people:read")


def find(session: Session, said: str) -> tuple[Record, ...]:
    """People that work here, of exactly that address or name. Whoever hides their address in Jira
    is found by name alone."""
    session.require(SCOPES)
    said = said[:_READ_MAX]
    emails = _EMAIL.findall(said)
    name = " ".join(said.replace("\x00", " ").split())
    wanted = emails[0] if emails else name
    if not wanted or len(wanted) > NAME_CHARACTERS_MAX:
        return ()
    field = "emailAddress" if emails else "displayName"
    found = [p for p in _people(session, wanted) if _is(p, field, wanted)]
    return tuple(_record(p) for p in found[:RECORDS_MAX])


def _people(session: Session, query: str) -> list[Mapping[str, Any]]:
    """Those that Jira offers for it: by the beginnings of words, without regard to case."""
    found: list[Mapping[str, Any]] = []
    for _ in range(PAGES_MAX):
        asked = {"query": query, "startAt": len(found), "maxResults": PAGE_PEOPLE}
        page = session.get("user/search", CALL, asked)
        if not isinstance(page, list):
            raise wire.unreadable(session.peer, CALL, "no people")
        found += objects(page)
        if len(page) < PAGE_PEOPLE:
            break
    return found


def _is(person: Mapping[str, Any], field: str, wanted: str) -> bool:
    is_person = person.get("accountType") == "atlassian" and person.get("active") is True
    return is_person and text(person.get(field)).casefold() == wanted.casefold()


def _record(person: Mapping[str, Any]) -> Record:
    account_id, name = text(person.get("accountId")), text(person.get("displayName"))
    email = text(person.get("emailAddress"))
    fields = {"account_id": account_id, "name": name, "email": email}
    return Record("person", account_id, f"{name} ({email})" if email else name, fields)


FINDER = Finder(
    name="jira.find_people",
    title="Find people in Jira",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={"account_id": "string", "name": "string", "email": "string"},
    find=find,
    records_max=RECORDS_MAX,
)

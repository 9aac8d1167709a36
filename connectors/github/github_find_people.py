"""`github.find_people`: a person by login, by "@login" or by the address of the profile.

A display name names nobody: GitHub lets anyone call themselves anything.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connectors.github import people
from connectors.github.people import READ_SCOPE, Person
from connectors.github.session import SYSTEM, Session
from connectors.operation import Finder, Record
from connectors.saying import safe

SCOPES = frozenset({READ_SCOPE})
RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
LABEL_CHARACTERS_MAX = 80

_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}(?:_[A-Za-z0-9]{1,8})?"
_MENTIONED = re.compile(rf"(?<![\w/@.])@({_LOGIN})(?![\w@.-])")
_ADDRESS = re.compile(rf"https?://([^/\s]{{1,255}})/({_LOGIN})/?(?![\w/.-])")
_ALONE = re.compile(rf"\s*({_LOGIN})\s*")


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The people whose logins are said; a single word counts as a login."""
    session.require(SCOPES)
    words = words[:WORDS_CHARACTERS_MAX]
    host = (urlsplit(session.address).hostname or "").removeprefix("api.").lower()
    logins = [m[2] for m in _ADDRESS.finditer(words) if m[1].lower() == host]
    logins += _MENTIONED.findall(words)
    if alone := _ALONE.fullmatch(words):
        logins.append(alone[1])
    asked = list(dict.fromkeys(login.lower() for login in logins))[:RECORDS_MAX]
    found = (people.find(session, login, session.organization) for login in asked)
    return tuple(
        _record(person, session.organization)
        for person in found
        if person is not None and person.kind in ("User", "Bot")
    )


def _record(person: Person, organization: str) -> Record:
    name = f", {person.name}" if person.name else ""
    where = ""
    if organization:
        where = f" (in {organization})" if person.is_member else f" (not in {organization})"
    label = safe(f"@{person.login}{where}{name}")
    return Record(
        kind="person",
        id=person.login,
        label=label
        if len(label) <= LABEL_CHARACTERS_MAX
        else label[: LABEL_CHARACTERS_MAX - 1] + "…",
        fields={
            "login": person.login,
            "name": person.name,
            "is_organization_member": person.is_member,
            "is_organization_owner": person.is_owner,
        },
    )


FINDER = Finder(
    name="github.find_people",
    title="Find people by login",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={
        "login": "string",
        "name": "string",
        "is_organization_member": "bool",
        "is_organization_owner": "bool",
    },
    find=find,
    records_max=RECORDS_MAX,
)

"""`github.find_people`: a person by login, by "@login", by the address of the profile or by the
mail address that the profile shows.

A display name names nobody: GitHub lets anyone call themselves anything. A mail address is shown by
few, and only once GitHub has had it confirmed.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connectors.exact_words import emails_in
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
    found = [people.find(session, login, session.organization) for login in asked]
    found += [person for email in emails_in(words) for person in _of(session, email)]
    return tuple(
        _record(person, session.organization)
        for person in found
        if person is not None and person.kind in ("User", "Bot")
    )[:RECORDS_MAX]


def _of(session: Session, email: str) -> list[Person]:
    """Those whose profile shows this address. What GitHub answers is compared again."""
    subject = f"people with the address {email}"
    query = {"q": f"{email} in:email", "per_page": str(RECORDS_MAX)}
    answer = session.get("/search/users", subject, READ_SCOPE, query)
    with session.understood(subject):
        logins = [str(each["login"]) for each in answer.body["items"][:RECORDS_MAX]]
    told = (people.find(session, login, session.organization) for login in logins)
    return [person for person in told if person is not None and person.email == email]


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
    title="Find people by login or address",
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

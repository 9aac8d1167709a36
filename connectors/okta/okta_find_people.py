"""`okta.find_people`: a person by login, e-mail, id or name, exactly as Okta has it."""

from __future__ import annotations

from connectors.exact_words import emails_in, names_in
from connectors.okta import directory
from connectors.okta.exactly import ids_in, quoted
from connectors.okta.session import API, SYSTEM, Session, segment
from connectors.operation import Finder, Record
from connectors.saying import safe
from connectors.wire import Call

SCOPES = frozenset({"people:read"})
RECORDS_MAX = 5


def find(session: Session, words: str) -> tuple[Record, ...]:
    """Whoever these words name exactly; several of one e-mail or one name are all found, for a
    question. A first name alone is a part of what somebody is called."""
    session.require(SCOPES)
    found: dict[str, directory.Person] = {}
    for person_id in ids_in(words, "00u"):
        call = Call(f"the person {person_id}", is_write=False, scope="people:read")
        user = session.find(f"{API}/users/{segment(person_id)}", call)
        if user is not None and user.get("id") == person_id:
            found[person_id] = directory.told(user)
    for email in emails_in(words):
        found |= {each.id: each for each in _of(session, email)}
    for name in () if found or "@" in words else names_in(words):
        found |= {each.id: each for each in _called(session, name)}
    return tuple(_record(each, words) for each in [*found.values()][:RECORDS_MAX])


def _of(session: Session, email: str) -> list[directory.Person]:
    """Those whose login or e-mail is this one. What Okta answers is compared again."""
    call = Call(f"the person {email}", is_write=False, scope="people:read")
    said = quoted(email)
    either = f"profile.login eq {said} or profile.email eq {said}"
    users = session.get(f"{API}/users", call, {"search": either, "limit": str(RECORDS_MAX)})
    people = [directory.told(directory.checked(session, each, call)) for each in users]
    return [each for each in people if email in (each.login.lower(), each.email)]


def _called(session: Session, name: str) -> list[directory.Person]:
    """Those whose whole name, or first name, is this one. What Okta answers is compared again."""
    call = Call(f"the person {safe(name)}", is_write=False, scope="people:read")
    said = quoted(name)
    either = f"profile.displayName eq {said} or profile.firstName eq {said}"
    users = session.get(f"{API}/users", call, {"search": either, "limit": str(RECORDS_MAX)})
    people = [directory.told(directory.checked(session, each, call)) for each in users]
    return [each for each in people if name.casefold() in _names(each)]


def _names(person: directory.Person) -> frozenset[str]:
    whole = person.name.casefold()
    return frozenset({whole, whole.partition(" ")[0]})


def _is_whole(person: directory.Person, words: str) -> bool:
    """Whether the words are the address or the id, beside the whole name or alone, or that name."""
    rest = words.casefold()
    for known in (*emails_in(words), *(i.casefold() for i in ids_in(words, "00u"))):
        rest = rest.replace(known, " ")
    names = {name.casefold() for name in names_in(" ".join(rest.split()))}
    return not any(c.isalnum() for c in rest) or person.name.casefold() in names


def _record(person: directory.Person, words: str) -> Record:
    return Record(
        is_partly_named=not _is_whole(person, words),
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
    name="okta.find_people",
    title="Find people in Okta",
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

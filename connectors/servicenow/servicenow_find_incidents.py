"""`servicenow.find_incidents`: incidents from a person's words: numbers, an address, or words."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from connectors.operation import Finder, Record
from connectors.servicenow import incidents
from connectors.servicenow.incidents import FIELDS, Incident
from connectors.servicenow.queries import words
from connectors.servicenow.session import SYSTEM, Session
from connectors.wire import Call

RECORDS_MAX = 5
READ_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 8  # words that narrow the search
LABEL_CHARACTERS_MAX = 80
CALL = Call("incidents", is_write=False, scope="incidents:read")

_NUMBER = re.compile(r"(?<!\w)(?:[A-Z]{2,8}[0-9]{4,12}|(?i:inc[0-9]{4,12}))(?!\w)")
_SYS_ID = re.compile(r"sys_id(?:=|%3[Dd])([0-9a-f]{32})")
_URL = re.compile(r"https?://[^\s<>|\"'\[\]]+")
_STOP_WORDS = frozenset(
    {"a", "an", "and", "by", "for", "from", "in", "incident", "incidents", "is", "it", "my", "of",
     "on", "or", "our", "the", "ticket", "tickets", "to", "with"}
)  # fmt: skip


def find(session: Session, said: str) -> tuple[Record, ...]:
    """The matching incidents, the newest first; a number never falls back to likeness."""
    session.require(incidents.READ_SCOPES)
    said = said[:READ_CHARACTERS_MAX]
    host = str(session.client.base_url.host)
    addresses = _URL.findall(said)
    if any(urlsplit(address).hostname != host for address in addresses):
        return ()  # another's instance, or none
    numbers = [n.upper() for n in _NUMBER.findall(said)][:RECORDS_MAX]
    if addresses and not numbers:
        return _of_address(session, addresses[0])
    if numbers:
        return _found(session, f"numberIN{','.join(numbers)}", lambda i: i.number in numbers)
    wanted = [w for w in words(said) if w not in _STOP_WORDS][:WORDS_MAX]
    if not wanted:
        return ()
    query = "^".join(f"short_descriptionLIKE{w}" for w in wanted)
    return _found(session, query, lambda i: _has(i, wanted))


def _of_address(session: Session, address: str) -> tuple[Record, ...]:
    """The incident that an address of this instance leads to, in a frame or not."""
    found = _SYS_ID.search(address)
    if found is None:
        return ()
    return _found(session, f"sys_id={found[1]}", lambda i: i.stored("sys_id") == found[1])


def _found(
    session: Session, query: str, is_meant: Callable[[Incident], bool]
) -> tuple[Record, ...]:
    rows = session.rows("incident", CALL, f"{query}^ORDERBYDESCnumber", FIELDS, RECORDS_MAX)
    return tuple(_record(i) for i in map(Incident, rows) if is_meant(i))


def _has(incident: Incident, wanted: list[str]) -> bool:
    said = incident.stored("short_description").lower()
    return all(word in said for word in wanted)


def _record(incident: Incident) -> Record:
    about = incident.about()
    label = f"{incident.number} {about['short_description']} ({about['state_name']})"
    if len(label) > LABEL_CHARACTERS_MAX:
        label = label[: LABEL_CHARACTERS_MAX - 1] + "…"
    shown = ("short_description", "priority", "category", "assignment_group", "assigned_to",
             "caller", "caller_email")  # fmt: skip
    fields = {"number": incident.number, "state": about["state_name"]}
    return Record("incident", incident.number, label, fields | {n: about[n] for n in shown})


FINDER = Finder(
    name="servicenow.find_incidents",
    title="Find incidents",
    system=SYSTEM,
    scopes=incidents.READ_SCOPES,
    field_types={
        "number": "string",
        "state": "string",
        "short_description": "string",
        "priority": "int",
        "category": "string",
        "assignment_group": "string",
        "assigned_to": "string",
        "caller": "string",
        "caller_email": "string",
    },
    find=find,
    records_max=RECORDS_MAX,
)

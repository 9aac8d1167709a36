"""`stripe.find_charges`: charges by id, by an order's number, or by the customer's address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from connectors.money import format_money
from connectors.operation import Finder, Record, Snapshot
from connectors.stripe import charges
from connectors.stripe.session import NotThereError, Session
from connectors.wire import Call

SCOPES = frozenset({"charges:read", "customers:read"})
RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 2_000  # of a request that are looked at
NUMBERS_MAX = 3  # order numbers of one request that are looked for
CUSTOMERS_MAX = 3  # customers with the same address

_CHARGE = re.compile(r"\b(?:ch|py)_[A-Za-z0-9_]{1,60}\b")
_ORDER = re.compile(r"(?<![\w.-])#?([0-9]{3,12})(?![\w-]|\.[0-9])")
_NAMED_ORDER = re.compile(
    r"(?:\border(?: no\.?| number)? ?#?|#)([0-9]{3,12})(?![\w-]|\.[0-9])", re.I
)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}\b")

Ask = Callable[[Any], Any]


def find(session: Session, words: str) -> tuple[Record, ...]:
    """At most five charges: those named by id, else by order, else the customer's newest."""
    session.require(SCOPES)
    said = words[:WORDS_CHARACTERS_MAX]
    for search in (_by_id, _by_order, _by_mail):
        found: dict[str, Record] = {}
        for charge in search(session, said):
            found.setdefault(charge["id"], _record(charge))
            if len(found) == RECORDS_MAX:
                break
        if found:
            return tuple(found.values())
    return ()


def _by_id(session: Session, words: str) -> Iterator[Mapping[str, Any]]:
    for charge_id in _distinct(_CHARGE, words, RECORDS_MAX):
        call = Call(f"charge {charge_id}", is_write=False, scope="charges:read")
        with suppress(NotThereError):
            yield session.ask(call, _retrieves(charge_id))


def _by_order(session: Session, words: str) -> Iterator[Mapping[str, Any]]:
    """Stripe's search; it may not know a charge of the last minute."""
    named = _distinct(_NAMED_ORDER, words, NUMBERS_MAX)
    for number in named or _distinct(_ORDER, words, NUMBERS_MAX):
        query = f"metadata['{charges.ORDER}']:'{number}'"
        wanted = {"query": query, "limit": RECORDS_MAX}
        yield from _listed(session, "charges", _searches(wanted))


def _by_mail(session: Session, words: str) -> Iterator[Mapping[str, Any]]:
    for mail in _distinct(_MAIL, words, 1):
        wanted = {"email": mail, "limit": CUSTOMERS_MAX}
        for person in _listed(session, "customers", _lists_customers(wanted)):
            of = {"customer": person["id"], "limit": RECORDS_MAX}
            yield from _listed(session, "charges", _lists_charges(of))


def _retrieves(charge_id: str) -> Ask:
    return lambda client: client.v1.charges.retrieve(charge_id)


def _searches(wanted: Mapping[str, Any]) -> Ask:
    return lambda client: client.v1.charges.search(wanted)


def _lists_charges(wanted: Mapping[str, Any]) -> Ask:
    return lambda client: client.v1.charges.list(wanted)


def _lists_customers(wanted: Mapping[str, Any]) -> Ask:
    return lambda client: client.v1.customers.list(wanted)


def _listed(session: Session, what: str, act: Ask) -> list[Mapping[str, Any]]:
    """The first page, newest first: more would be too many to choose from."""
    page = session.ask(Call(what, is_write=False, scope=f"{what}:read"), act)
    data: list[Mapping[str, Any]] = page["data"]
    return data


def _distinct(pattern: re.Pattern[str], words: str, number_max: int) -> tuple[str, ...]:
    found = (match[match.lastindex or 0] for match in pattern.finditer(words))
    return tuple(dict.fromkeys(found))[:number_max]


def _record(charge: Mapping[str, Any]) -> Record:
    now: Snapshot = charges.snapshot(charge)
    paid, about = now.about["paid"], now.about
    order = f", order {about['order']}" if about["order"] else ""
    return Record(
        kind="charge",
        id=charge["id"],
        label=f"{format_money(paid['minor'], paid['currency'])} of {about['created_at'][:10]}"
        f"{order}, {now.fields['status']}",
        fields={
            "charge": charge["id"],
            "order": about["order"],
            "customer": about["customer"],
            "paid": paid,
            "refundable": about["refundable"],
        },
    )


FINDER = Finder(
    name="stripe.find_charges",
    title="Find charges by id, order number or e-mail address",
    system=charges.SYSTEM,
    scopes=SCOPES,
    field_types={
        "charge": "string",
        "order": "string",
        "customer": "string",
        "paid": "money",
        "refundable": "money",
    },
    find=find,
    records_max=RECORDS_MAX,
)

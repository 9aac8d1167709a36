"""`orders.find`: orders from a person's words: number, payment, ticket, customer or product."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from connectors.desk.session import Session
from connectors.desk.tables import customers, order_items, orders, payments, tickets
from connectors.desk.transaction import CALL_COST_MICRO_USD
from connectors.money import format_money, money
from connectors.operation import Finder, Record

SCOPES = frozenset({"orders:read", "payments:read", "tickets:read"})
RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 8  # words that narrow the search
LABEL_CHARACTERS_MAX = 80
TEXTS_KEPT = 256  # a thousand seeded orders are of some dozen products

# "#1043", "order 1043", "order no. 1043", or the number alone: the order of that number or none.
_NUMBERED = re.compile(r"(?:#|\border(?:\s+(?:no\.?|number|nr\.?))?\s*#?)\s*(\d{1,12})\b", re.I)
_NUMBER_ALONE = re.compile(r"\W*(\d{1,12})\W*")
_LONG_NUMBER = re.compile(r"(?<![\w.,-])(\d{4,12})(?![\w-]|[.,]\d)")
_IDENTIFIER = re.compile(r"\b(pay_\w{1,60}|T-\d{1,12})\b", re.I)
_STOP_WORDS = frozenset(
    "a an and by for from her his in is it its my of on one order orders our please s that the "  # noqa: SIM905 - reads best as prose
    "their them this to was with your".split()
)


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The matching orders, newest first; an exact number never falls back to likeness."""
    words = words[:WORDS_CHARACTERS_MAX]
    with session.reading("orders.find", "find", SCOPES) as connection:
        exact = _exact(words)
        matching = exact if exact is not None else _alike(words)
        if matching is None:
            return ()
        rows = connection.execute(
            _orders().where(matching).order_by(orders.c.placed_at.desc()).limit(RECORDS_MAX)
        ).all()
        return tuple(_record(connection, row) for row in rows)


@lru_cache(maxsize=TEXTS_KEPT)
def search_text(text: str) -> str:
    """The form in which names and products are stored for searching: ` folded words `."""
    return f" {' '.join(_words(text))} "


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold().replace("'s", "").replace("’s", "")
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", letters)


def _exact(words: str) -> ColumnElement[bool] | None:
    numbers = _NUMBERED.findall(words) or _LONG_NUMBER.findall(words)
    if alone := _NUMBER_ALONE.fullmatch(words):
        numbers = [alone[1]]
    identifiers = _IDENTIFIER.findall(words)
    if not numbers and not identifiers:
        return None
    return or_(
        orders.c.id.in_(numbers[:RECORDS_MAX]),
        payments.c.id.in_([i.lower() for i in identifiers[:RECORDS_MAX]]),
        orders.c.id.in_(
            select(tickets.c.order_id).where(
                tickets.c.id.in_([i.upper() for i in identifiers[:RECORDS_MAX]])
            )
        ),
    )


def _alike(words: str) -> ColumnElement[bool] | None:
    wanted = [w for w in _words(words) if w not in _STOP_WORDS][:WORDS_MAX]
    if not wanted:
        return None
    matching = customers.c.id == orders.c.customer_id
    for word in wanted:
        pattern = f"% {word.removesuffix('s') if len(word) > 3 else word}%"
        matching &= or_(
            customers.c.search_text.like(pattern),
            orders.c.id.in_(
                select(order_items.c.order_id).where(order_items.c.search_text.like(pattern))
            ),
        )
    return matching


def _orders() -> Select[Any]:
    return (
        select(
            orders,
            customers.c.name.label("customer_name"),
            payments.c.id.label("payment"),
            payments.c.paid_minor,
            payments.c.refunded_minor,
            payments.c.status.label("payment_status"),
        )
        .join_from(orders, customers)
        .join(payments, payments.c.order_id == orders.c.id)
    )


def _record(connection: Connection, row: Row[Any]) -> Record:
    ticket = connection.scalar(
        select(tickets.c.id)
        .where(tickets.c.order_id == row.id, tickets.c.status != "solved")
        .order_by(tickets.c.id)
        .limit(1)
    )
    is_cancelled = row.payment_status == "cancelled"
    refundable_minor = 0 if is_cancelled else row.paid_minor - row.refunded_minor
    return Record(
        kind="order",
        id=row.id,
        label=_label(connection, row),
        fields={
            "id": row.id,
            "number": row.id,
            "customer": row.customer_id,
            "customer_name": row.customer_name,
            "payment": row.payment,
            "currency": row.currency,
            "status": row.status,
            "total": money(row.total_minor, row.currency),
            "paid": money(row.paid_minor, row.currency),
            "refunded": money(row.refunded_minor, row.currency),
            "refundable": money(refundable_minor, row.currency),
            "ticket": ticket or "",
            "street": row.street,
            "city": row.city,
            "postcode": row.postcode,
            "country": row.country,
        },
    )


def _label(connection: Connection, row: Row[Any]) -> str:
    product = connection.scalar(
        select(order_items.c.product)
        .where(order_items.c.order_id == row.id)
        .order_by(order_items.c.id)
        .limit(1)
    )
    placed_on = date.fromisoformat(row.placed_at[:10])
    amount = format_money(row.total_minor, row.currency)
    label = f"{row.id} ({placed_on.day} {placed_on:%b}, {amount}, {product})"
    return label if len(label) <= LABEL_CHARACTERS_MAX else label[: LABEL_CHARACTERS_MAX - 1] + "…"


FINDER = Finder(
    name="orders.find",
    title="Find orders",
    system="Orders",
    scopes=SCOPES,
    field_types={
        "id": "string",
        "number": "string",
        "customer": "string",
        "customer_name": "string",
        "payment": "string",
        "currency": "string",
        "status": "string",
        "total": "money",
        "paid": "money",
        "refunded": "money",
        "refundable": "money",
        "ticket": "string",
        "street": "string",
        "city": "string",
        "postcode": "string",
        "country": "string",
    },
    find=find,
    records_max=RECORDS_MAX,
    cost_micro_usd=CALL_COST_MICRO_USD,
)

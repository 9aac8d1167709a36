"""A record of the seeded desk that is like one of a real system: the same currency and states, as
old by the same rules, with an amount in the same relation to what is left."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from connectors.desk.embedded import prepare_desk
from store.model.values import Json

AGES_DAYS = (0, 30, 85, 95, 10_000)  # of one kind between two of these; refunds end after 90

_CURRENCIES = (
    (re.compile(r"€|\beuros?\b|\beur\b", re.IGNORECASE), "EUR"),
    (re.compile(r"£|\bpounds?\b|\bgbp\b", re.IGNORECASE), "GBP"),
    (re.compile(r"¥|\byen\b|\bjpy\b", re.IGNORECASE), "JPY"),
    (re.compile(r"\bfrancs?\b|\bchf\b", re.IGNORECASE), "CHF"),
    (re.compile(r"\bdinars?\b|\bkwd\b", re.IGNORECASE), "KWD"),
)
_ORDERS = """
SELECT o.id AS id, o.status AS order_status, o.currency, o.placed_at, o.country,
       p.id AS payment, p.status AS payment_status, p.paid_minor, p.refunded_minor,
       (SELECT t.id FROM tickets t WHERE t.order_id = o.id AND t.status != 'solved'
        ORDER BY t.id LIMIT 1) AS ticket
FROM orders o JOIN payments p ON p.order_id = o.id ORDER BY o.id DESC
"""


@dataclass(frozen=True)
class Shape:
    """What matters of an order with its payment; None is what nobody looked at. Money is in minor
    units; `amount_minor` is what the plan gives back."""

    currency: str | None = None
    order_status: str | None = None
    payment_status: str | None = None
    country: str | None = None
    paid_minor: int | None = None
    refundable_minor: int | None = None
    amount_minor: int | None = None
    age_days: int | None = None
    has_ticket: bool | None = None
    is_exact: bool = False  # the money itself matters, not only what it is to the amount


@dataclass(frozen=True)
class Likeness:
    """The desk's record that stands for one, and how it has to be changed to be like it."""

    order: str
    payment: str
    ticket: str
    records: tuple[dict[str, Json], ...]


def ordinary(words: str) -> Shape:
    """What is asked about and was never planned: delivered and paid, in the currency of the
    words."""
    said = (currency for pattern, currency in _CURRENCIES if pattern.search(words))
    return Shape(currency=next(said, "USD"), order_status="delivered", payment_status="paid")


def shape_of(
    facts: Mapping[str, Any], has_ticket: bool | None, at: datetime, *, is_exact: bool = False
) -> Shape:
    """The shape out of the facts that policy judged."""
    placed = facts.get("order.placed_at")
    age_days = (at - datetime.fromisoformat(str(placed))).days if placed else None
    return Shape(
        currency=facts.get("payment.currency", facts.get("order.currency")),
        order_status=facts.get("order.status"),
        payment_status=facts.get("payment.status"),
        country=facts.get("address.current_country"),
        paid_minor=facts.get("payment.paid_minor", facts.get("order.total_minor")),
        refundable_minor=facts.get("payment.refundable_minor"),
        amount_minor=facts.get("refund.amount_minor"),
        age_days=age_days,
        has_ticket=has_ticket,
        is_exact=is_exact,
    )


def like(shape: Shape, now: datetime, taken: frozenset[str] = frozenset()) -> Likeness:
    """The order of the desk that is most like the shape; `taken` stand for others already."""
    rows = [row for row in _desk(now.date()) if row["id"] not in taken]
    best = min(rows, key=lambda row: (len(_differences(row, shape, now)), -row["paid_minor"]))
    changes = _differences(best, shape, now)
    records = []
    for table, id_ in (("orders", best["id"]), ("payments", best["payment"])):
        values = {column: value for (of, column), value in changes.items() if of == table}
        if values:
            records.append({"table": table, "id": id_, "set": values})
    return Likeness(best["id"], best["payment"], best["ticket"] or "", tuple(records))


def _differences(
    row: Mapping[str, Any], shape: Shape, now: datetime
) -> dict[tuple[str, str], Json]:
    """What would have to be set in a row of the desk, by table and column; a ticket that is there
    or not cannot be set, and weighs more than anything that can."""
    plain = {
        ("orders", "currency"): shape.currency,
        ("payments", "currency"): shape.currency,
        ("orders", "status"): shape.order_status,
        ("payments", "status"): shape.payment_status,
        ("orders", "country"): shape.country,
    }
    columns = {("orders", "status"): "order_status", ("payments", "status"): "payment_status"}
    found: dict[tuple[str, str], Json] = {
        key: value
        for key, value in plain.items()
        if value is not None and row[columns.get(key, key[1])] != value
    }
    if not _is_same_money(row, shape):
        found |= _money(shape)
    age_days = (now.date() - date.fromisoformat(row["placed_at"][:10])).days
    if shape.age_days is not None and _age(age_days) != _age(shape.age_days):
        placed = now - timedelta(days=shape.age_days, hours=1)
        found["orders", "placed_at"] = placed.strftime("%Y-%m-%dT%H:%M:%SZ")
    if shape.has_ticket is not None and shape.has_ticket != bool(row["ticket"]):
        found |= {("tickets", str(weight)): None for weight in range(10)}
    return found


def _money(shape: Shape) -> dict[tuple[str, str], Json]:
    paid = shape.paid_minor or 0
    left = paid if shape.refundable_minor is None else shape.refundable_minor
    return {
        ("orders", "total_minor"): paid,
        ("payments", "paid_minor"): paid,
        ("payments", "refunded_minor"): max(0, paid - left),
    }


def _is_same_money(row: Mapping[str, Any], shape: Shape) -> bool:
    """Whether the amount is to what is left and to what was paid as in the real one."""
    if shape.paid_minor is None:
        return True
    refundable = shape.paid_minor if shape.refundable_minor is None else shape.refundable_minor
    left = row["paid_minor"] - row["refunded_minor"]
    amount = shape.amount_minor
    if shape.is_exact or amount is None or amount == refundable:
        return bool(left == refundable and row["paid_minor"] == shape.paid_minor)
    is_partly = refundable < shape.paid_minor
    return _sign(amount - left) == _sign(amount - refundable) and is_partly == (
        row["refunded_minor"] > 0
    )


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _age(days: int) -> int:
    return sum(days >= bound for bound in AGES_DAYS)


@cache
def _desk(today: date) -> tuple[Mapping[str, Any], ...]:
    """Every order of a desk as every case finds it; nobody changes them."""
    with TemporaryDirectory(prefix="assent-likeness-") as folder:
        path = str(Path(folder) / "desk.db")
        prepare_desk(path, today)
        with closing(sqlite3.connect(path)) as desk:
            desk.row_factory = sqlite3.Row
            return tuple(map(dict, desk.execute(_ORDERS).fetchall()))

"""Fills a fresh desk: fixed anchors that documents name, and some thousands of drawn rows.

The same `today` (a UTC date) gives the same rows on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, insert

from connectors.desk import catalogue
from connectors.desk.access import ACCOUNTS
from connectors.desk.anchors import ANCHORS, BUYERS, Anchor, Buyer
from connectors.desk.engines import service_engine
from connectors.desk.orders_find import search_text
from connectors.desk.session import secret_sha256
from connectors.desk.tables import (
    accounts,
    credits_,
    customers,
    metadata,
    notes,
    order_items,
    orders,
    payments,
    refunds,
    tickets,
)
from connectors.desk.transaction import timestamp

SEED = 1043  # any number; it makes the drawn rows the same everywhere
CUSTOMERS = 180
FIRST_ORDER, LAST_ORDER = 100, 1099  # the anchors have their places among these numbers
DAYS_BACK = 400  # how long ago the first order was placed
PAYOUT_AFTER_DAYS = 14
SELLER = "web-shop"  # who wrote the seeded rows

PAYMENT_OFFSET = 6688  # order 1043 was paid by pay_7731
TICKET_OFFSET = 161  # order 1043 has ticket T-882


def payment_of(order: str) -> str:
    """The payment's id of a seeded order."""
    return f"pay_{int(order) + PAYMENT_OFFSET}"


def fill(path: str, today: date, secrets: Mapping[str, str], environment: str) -> None:
    """Create the tables in an existing empty database and fill them, in one transaction."""
    rows = Rows(today)
    for buyer in BUYERS:
        rows.add_buyer(buyer)
    for anchor in ANCHORS:
        rows.add_order(anchor)
    _draw(rows, random.Random(SEED))  # noqa: S311 - the same rows everywhere, nothing secret
    rows.of(accounts).extend(
        {
            "name": name,
            "environment": environment,
            "secret_sha256": secret_sha256(secrets[name]),
            "scopes": " ".join(sorted(scopes)),
            "is_enabled": 1,
        }
        for name, scopes in ACCOUNTS.items()
    )
    engine = service_engine(path)
    with engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA journal_mode = WAL")
    with engine.begin() as connection:
        metadata.create_all(connection)
        for table in metadata.sorted_tables:
            if table in rows.tables:
                connection.execute(insert(table), rows.tables[table])


@dataclass
class Rows:
    """The rows so far, table by table."""

    today: date
    tables: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)
    buyers: dict[str, Buyer] = field(default_factory=dict)

    def of(self, table: Table) -> list[dict[str, Any]]:
        return self.tables.setdefault(table, [])

    def add_buyer(self, buyer: Buyer) -> None:
        self.buyers[buyer.id] = buyer
        self.of(customers).append(
            {
                "id": buyer.id,
                "name": buyer.name,
                "search_text": search_text(buyer.name),
                "email": buyer.email,
                "country": buyer.country,
            }
        )

    def add_order(self, order: Anchor) -> None:
        """One order with its item, payment, refunds, ticket and notes."""
        buyer, placed_at = self.buyers[order.customer], self._days_ago(order.placed_days_ago, 9)
        written = {"version": 1, "changed_by": SELLER, "changed_at": placed_at}
        self.of(orders).append(
            {
                "id": order.order,
                "customer_id": buyer.id,
                "status": order.status,
                "currency": order.currency,
                "total_minor": order.total_minor,
                "placed_at": placed_at,
                "street": buyer.street,
                "city": buyer.city,
                "postcode": buyer.postcode,
                "country": buyer.country,
                **written,
            }
        )
        self.of(order_items).append(
            {
                "order_id": order.order,
                "product": order.product,
                "search_text": search_text(order.product),
                "quantity": 1,
                "price_minor": order.total_minor,
            }
        )
        self._add_payment(order, written)
        self._add_talk(order, written, placed_at)

    def _add_payment(self, order: Anchor, written: Mapping[str, Any]) -> None:
        payment, refunded_minor = payment_of(order.order), sum(r[0] for r in order.refunds)
        status = "paid" if refunded_minor == 0 else "partly refunded"
        if order.is_payment_cancelled:
            status = "cancelled"
        elif refunded_minor == order.total_minor:
            status = "refunded"
        self.of(payments).append(
            {
                "id": payment,
                "order_id": order.order,
                "currency": order.currency,
                "paid_minor": 0 if order.is_payment_cancelled else order.total_minor,
                "refunded_minor": refunded_minor,
                "status": status,
                "payout_on": (self.today + timedelta(days=order.payout_in_days)).isoformat(),
                **written,
            }
        )
        for index, (amount_minor, days_ago) in enumerate(order.refunds, start=1):
            self.of(refunds).append(
                {
                    "id": f"re_{order.order}_{index}",
                    "payment_id": payment,
                    "amount_minor": amount_minor,
                    "reason": "goodwill",
                    "created_at": self._days_ago(days_ago, 0),
                    "created_by": SELLER,
                    "reversed_at": "",
                }
            )

    def _add_talk(self, order: Anchor, written: Mapping[str, Any], placed_at: str) -> None:
        if order.ticket:
            subject = catalogue.SUBJECTS[int(order.order) % len(catalogue.SUBJECTS)]
            self.of(tickets).append(
                {
                    "id": order.ticket,
                    "order_id": order.order,
                    "subject": subject,
                    "status": "open" if order.placed_days_ago < PAYOUT_AFTER_DAYS else "solved",
                    **written,
                }
            )
        for index, text in enumerate(order.notes, start=1):
            self.of(notes).append(
                {
                    "reference": f"note_{order.order}_{index}",
                    "order_id": order.order,
                    "text": text,
                    "created_by": SELLER,
                    "created_at": placed_at,
                    "is_deleted": 0,
                }
            )

    def _days_ago(self, days: int, hour: int) -> str:
        return timestamp(datetime.combine(self.today - timedelta(days=days), time(hour)))


def _draw(rows: Rows, chance: random.Random) -> None:
    drawn = [_buyer(index, chance) for index in range(CUSTOMERS)]
    for buyer, _ in drawn:
        rows.add_buyer(buyer)
    taken = {anchor.order for anchor in ANCHORS}
    for number in range(FIRST_ORDER, LAST_ORDER + 1):
        if str(number) not in taken:
            buyer, currency = chance.choice(drawn)
            rows.add_order(_order(number, buyer, currency, chance))
    for index in range(CUSTOMERS // 3):
        buyer, currency = chance.choice(drawn)
        rows.of(credits_).append(
            {
                "id": f"cr_{index + 1}",
                "customer_id": buyer.id,
                "amount_minor": chance.randrange(500, 5000, 50),
                "currency": currency,
                "reason": chance.choice(catalogue.REASONS),
                "created_at": timestamp(
                    datetime.combine(rows.today - timedelta(days=chance.randrange(300)), time(12))
                ),
            }
        )


def _buyer(index: int, chance: random.Random) -> tuple[Buyer, str]:
    words = catalogue.FIRST_WORDS[index % len(catalogue.FIRST_WORDS)]
    kind = catalogue.LAST_WORDS[(index // len(catalogue.FIRST_WORDS)) % len(catalogue.LAST_WORDS)]
    currency = chance.choice(("USD", "USD", "USD", "EUR", "EUR", "GBP", "CHF", "JPY", "KWD"))
    street, city, postcode, country = chance.choice(catalogue.PLACES[currency])
    buyer = Buyer(
        f"cus_{index + 1:03}",
        f"{words} {kind}",
        f"office{index + 1}@{words.lower()}.example",
        f"{chance.randrange(1, 200)} {street}",
        city,
        postcode,
        country,
    )
    return buyer, currency


def _order(number: int, buyer: Buyer, currency: str, chance: random.Random) -> Anchor:
    product, price = chance.choice(catalogue.PRODUCTS)
    total_minor = price * catalogue.PRICE_SCALE.get(currency, 100) // 100
    days_ago = DAYS_BACK - DAYS_BACK * (number - FIRST_ORDER) // (LAST_ORDER - FIRST_ORDER)
    status = "delivered" if days_ago > 5 else ("shipped" if days_ago > 1 else "placed")
    if is_cancelled := chance.random() < 0.04:
        status = "cancelled"
    refunded: tuple[tuple[int, int], ...] = ()
    if not is_cancelled and days_ago > 2 and chance.random() < 0.12:
        share = chance.choice((1, 2, 4))
        refunded = ((total_minor // share, chance.randrange(2, days_ago)),)
    return Anchor(
        str(number),
        buyer.id,
        product,
        currency,
        total_minor,
        days_ago,
        status,
        payout_in_days=PAYOUT_AFTER_DAYS - days_ago,
        ticket=f"T-{number - TICKET_OFFSET}" if number > 300 and chance.random() < 0.4 else "",
        notes=tuple(chance.sample(catalogue.NOTES, k=chance.randrange(3))),
        refunds=refunded,
        is_payment_cancelled=is_cancelled,
    )

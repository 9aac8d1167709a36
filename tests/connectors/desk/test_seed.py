"""The seeded desk: the same everywhere, fast, with the orders that documents name."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from connectors import money, registry
from connectors.desk.conformance import fingerprint
from connectors.desk.embedded import credential, prepare_desk, secrets_of
from connectors.errors import Rejected

TODAY = date(2026, 11, 21)
SECRETS = {"desk-reader": "r", "desk-refunds": "f", "desk-orders": "o"}


def rows(address, statement):
    with closing(sqlite3.connect(address)) as connection:
        return connection.execute(statement).fetchall()


def test_the_same_day_gives_the_same_desk(tmp_path):
    prints = []
    for name in ("a", "b"):
        address = str(tmp_path / name / "desk.db")
        prepare_desk(address, TODAY, secrets=SECRETS)
        prints.append(fingerprint(address))
    assert prints[0] == prints[1]


def test_seeding_takes_less_than_a_second(tmp_path):
    started = time.process_time()
    prepare_desk(str(tmp_path / "desk.db"), TODAY)
    assert time.process_time() - started < 1


def test_preparing_again_keeps_what_is_there(tmp_path):
    address = str(tmp_path / "desk.db")
    prepare_desk(address, TODAY)
    before, secrets = fingerprint(address), secrets_of(address)
    prepare_desk(address, date(2027, 1, 1), secrets=SECRETS)
    assert fingerprint(address) == before
    assert secrets_of(address) == secrets


def test_two_that_prepare_at_once_end_with_one_desk(tmp_path):
    address = str(tmp_path / "desk.db")
    threads = [threading.Thread(target=prepare_desk, args=(address, TODAY)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with registry.connector("desk").open(credential(address, "desk-reader")) as session:
        assert registry.finder("orders.find")[1].find(session, "1043")
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.endswith(("-wal", "-shm"))) == [
        "desk.db",
        "desk.keys.json",
    ]


def test_thousands_of_rows_in_several_currencies(address):
    tables = ("customers", "orders", "payments", "refunds", "credits", "tickets", "notes")
    counts = {t: rows(address, f"SELECT count(*) FROM {t}")[0][0] for t in tables}
    assert all(counts.values())
    assert sum(counts.values()) > 3000
    assert {c for (c,) in rows(address, "SELECT DISTINCT currency FROM payments")} >= {
        "USD", "EUR", "GBP", "JPY", "KWD",
    }  # fmt: skip


def test_sums_agree(address):
    assert not rows(
        address,
        "SELECT p.id FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id"
        " AND r.reversed_at = '' GROUP BY p.id HAVING coalesce(sum(r.amount_minor), 0)"
        " != p.refunded_minor",
    )
    assert not rows(
        address,
        "SELECT id FROM payments WHERE status != CASE WHEN paid_minor = 0 THEN 'cancelled'"
        " WHEN refunded_minor = 0 THEN 'paid' WHEN refunded_minor = paid_minor THEN 'refunded'"
        " ELSE 'partly refunded' END",
    )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert rows(address, f"SELECT count(*) FROM refunds WHERE created_at > '{now}'") == [(0,)]


@pytest.mark.parametrize(
    ("order", "payment", "currency", "paid", "refunded", "status", "ticket"),
    [
        ("1043", "pay_7731", "USD", 12900, 0, "delivered", "T-882"),
        ("1077", "pay_7765", "USD", 13150, 0, "shipped", ""),
        ("1051", "pay_7739", "EUR", 184999, 0, "delivered", "T-890"),
        ("1060", "pay_7748", "JPY", 15000, 0, "delivered", "T-899"),
        ("1061", "pay_7749", "KWD", 45500, 0, "delivered", ""),
        ("1062", "pay_7750", "GBP", 6400, 6400, "delivered", ""),
        ("1063", "pay_7751", "USD", 8000, 3000, "delivered", ""),
        ("1064", "pay_7752", "USD", 0, 0, "cancelled", ""),
        ("1065", "pay_7753", "USD", 4200, 0, "shipped", ""),
        ("1066", "pay_7754", "USD", 5890, 0, "placed", "T-905"),
        ("1067", "pay_7755", "USD", 240000, 0, "delivered", "T-906"),
        ("1068", "pay_7756", "USD", 9900, 0, "delivered", ""),
        ("1069", "pay_7757", "EUR", 30000, 3500, "delivered", ""),
        ("1070", "pay_7758", "USD", 2500, 0, "delivered", "T-909"),
    ],
)
def test_orders_that_documents_name(
    open_as, order, payment, currency, paid, refunded, status, ticket
):
    with open_as("desk-reader") as session:
        (record,) = registry.finder("orders.find")[1].find(session, order)
    fields = record.fields
    assert (fields["payment"], fields["status"], fields["ticket"]) == (payment, status, ticket)
    assert fields["paid"] == {"minor": paid, "currency": currency}
    assert fields["refunded"] == {"minor": refunded, "currency": currency}


def test_hostile_names_are_stored_as_they_are(open_as):
    with open_as("desk-reader") as session:
        (record,) = registry.finder("orders.find")[1].find(session, "1070")
    name = record.fields["customer_name"]
    assert "<!channel>" in name
    assert "<https://evil.example|bank>" in name
    assert "\u202e" in name


def test_unknown_account_is_named(address):
    with pytest.raises(Rejected, match="desk-reader"):
        credential(address, "desk-admin")


def test_money_agrees_with_the_store():
    from store.model import values

    assert money.EXPONENTS == values.CURRENCY_EXPONENTS
    for currency in money.EXPONENTS:
        for minor in (0, 1, -1, 123456789):
            assert money.format_money(minor, currency) == values.format_money(minor, currency)

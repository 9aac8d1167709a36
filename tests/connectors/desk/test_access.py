"""The service accounts are limited by the database itself, not by the code around it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import DatabaseError

from connectors import registry
from connectors.desk.access import ACCOUNTS, SCOPES
from connectors.desk.embedded import credential, keys_path
from connectors.errors import Rejected, Unavailable

FORBIDDEN_TO_READERS = [
    "UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'",
    "INSERT INTO notes SELECT * FROM notes",
    "DELETE FROM refunds",
    "UPDATE faults SET calls_left = 0",
    "UPDATE writes SET taken_back_by = 'x'",
]
FORBIDDEN_TO_REFUNDS = [
    "UPDATE payments SET paid_minor = 1 WHERE id = 'pay_7731'",
    "UPDATE payments SET payout_on = '2000-01-01'",
    "UPDATE refunds SET amount_minor = 1",
    "UPDATE orders SET status = 'cancelled'",
    "UPDATE orders SET street = 'elsewhere'",
    "UPDATE customers SET name = 'x'",
    "UPDATE writes SET version = '1'",
    "UPDATE notes SET text = 'x'",
    "DELETE FROM refunds",
    "DELETE FROM writes",
    "INSERT INTO payments SELECT * FROM payments",
    "INSERT INTO accounts VALUES ('me', 'sandbox', 'x', 'payments:write', 1)",
]
FORBIDDEN_TO_ALL = [
    "SELECT * FROM accounts",
    "SELECT secret_sha256 FROM accounts",
    "UPDATE accounts SET scopes = 'payments:write'",
    "SELECT * FROM sqlite_master",
    "CREATE TABLE t (a)",
    "CREATE TEMP TABLE t (a)",
    "CREATE TRIGGER t AFTER UPDATE ON payments BEGIN DELETE FROM refunds; END",
    "DROP TABLE payments",
    "ALTER TABLE payments ADD COLUMN a",
    "ATTACH DATABASE ':memory:' AS other",
    "PRAGMA query_only = OFF",
    "PRAGMA writable_schema = ON",
    "PRAGMA journal_mode = DELETE",
    "VACUUM",
    "REINDEX",
    "ANALYZE",
    "SELECT load_extension('x')",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
]


def attempts():
    for account in ACCOUNTS:
        yield from ((account, statement) for statement in FORBIDDEN_TO_ALL)
    yield from (("desk-reader", statement) for statement in FORBIDDEN_TO_READERS)
    yield from (("desk-refunds", statement) for statement in FORBIDDEN_TO_REFUNDS)
    yield ("desk-orders", "UPDATE payments SET refunded_minor = 1")
    yield ("desk-orders", "INSERT INTO refunds SELECT * FROM refunds")


@pytest.mark.parametrize(("account", "statement"), list(attempts()))
def test_sqlite_refuses_raw_sql_beyond_the_account(account, statement, open_as):
    with open_as(account) as session:
        with pytest.raises(DatabaseError) as refused:
            session.connection.exec_driver_sql(statement)
        session.connection.rollback()
        raw = session.connection.connection.driver_connection
        with pytest.raises(sqlite3.DatabaseError) as bare:  # and outside of any transaction
            raw.execute(statement)
    for reason in (str(refused.value.orig), str(bare.value)):
        if statement == "VACUUM" and "within a transaction" in reason:
            continue
        assert any(
            w in reason
            for w in ("not authorized", "authorization denied", "prohibited", "readonly")
        ), reason


def test_reader_cannot_write_even_without_the_authorizer(open_as):
    with open_as("desk-reader") as session:
        raw = session.connection.connection.driver_connection
        raw.set_authorizer(None)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute("UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'")
        raw.execute("PRAGMA query_only = OFF")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            raw.execute("UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'")


def test_writer_may_do_what_its_scopes_cover(open_as):
    """The counterpart that keeps the refusals above from being true of everything."""
    with open_as("desk-refunds") as session:
        done = session.connection.exec_driver_sql(
            "UPDATE payments SET refunded_minor = 1 WHERE id = 'pay_7731'"
        )
        assert done.rowcount == 1
        session.connection.rollback()


def test_lacking_scope_is_named(open_as, refund):
    params = refund.params.model_validate(
        {"payment": "pay_7731", "amount": {"minor": 1, "currency": "USD"}, "reason": "late"}
    )
    with open_as("desk-reader") as session:
        before = refund.read(session, params)
        with pytest.raises(Rejected, match="account desk-reader lacks payments:write"):
            refund.execute(session, params, before, "k")


def test_credential_cannot_widen_its_account(address, refund):
    widened = replace(credential(address, "desk-reader"), scopes=SCOPES)
    with registry.connector("desk").open(widened) as session:
        assert session.scopes == ACCOUNTS["desk-reader"]


def test_credential_expires(address):
    soon = datetime.now(UTC) + timedelta(minutes=1)
    with registry.connector("desk").open(credential(address, "desk-reader", soon)) as session:
        assert session.account == "desk-reader"
    late = credential(address, "desk-reader", datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(Rejected, match="expired"), registry.connector("desk").open(late):
        pass


def test_unknown_account_and_wrong_secret_sound_the_same(address):
    good = credential(address, "desk-reader")
    said = []
    for bad in (replace(good, secret="wrong"), replace(good, account="nobody", secret="wrong")):
        with pytest.raises(Rejected) as refused, registry.connector("desk").open(bad):
            pass
        said.append(str(refused.value).replace(bad.account, "NAME"))
    assert said[0] == said[1]


def test_hostile_account_name_is_shown_harmlessly(address):
    bad = replace(credential(address, "desk-reader"), account="x\n<!channel>\u202e" * 100)
    with pytest.raises(Rejected) as refused, registry.connector("desk").open(bad):
        pass
    assert "\n" not in str(refused.value)
    assert "\u202e" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_keys_are_for_the_owner_alone(tmp_path):
    from connectors.desk.embedded import prepare_desk

    address = str(tmp_path / "new" / "desk.db")
    prepare_desk(address, datetime.now(UTC).date())
    assert keys_path(address).stat().st_mode & 0o077 == 0
    assert "secret=" not in repr(credential(address, "desk-refunds"))


def test_database_that_is_none_is_unavailable(address, tmp_path):
    with registry.connector("desk").open(credential(address, "desk-reader")) as session:
        assert session.account
    good = credential(address, "desk-reader")
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"no database at all " * 500)
    with (
        pytest.raises(Unavailable, match="not a database"),
        registry.connector("desk").open(replace(good, address=str(rubbish))),
    ):
        pass
    empty = tmp_path / "empty.db"
    empty.touch()
    with (
        pytest.raises(Unavailable, match="no such table"),
        registry.connector("desk").open(replace(good, address=str(empty))),
    ):
        pass

"""A declared database over a real file: what the statements alone do not show."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from connectors.conformance.case import Case
from connectors.errors import Conflict, Rejected
from connectors.opening import opened
from connectors.sql import example
from connectors.sql.conformance import SQLITE
from connectors.sql.declaration import SqlDeclaration
from connectors.sql.declare import declare


@pytest.fixture
def address(tmp_path):
    return SQLITE.fresh(tmp_path)


@pytest.fixture
def case(address):
    connector = example.connector("sqlite")

    def make(name):
        operation = next(o for o in connector.operations if o.name == name)
        return Case(connector, operation, SQLITE, address)

    return make


def run(address, statement):
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection, connection:
        return connection.execute(statement).fetchall()


def test_a_trigger_that_writes_something_else_than_was_shown_undoes_the_write(case, address):
    run(
        address,
        "CREATE TRIGGER t AFTER UPDATE OF phone ON customers BEGIN"
        " UPDATE customers SET phone = 'censored' WHERE id = NEW.id; END",
    )
    phone = case("crm.set_phone")
    before = phone.read(phone.params)
    with pytest.raises(Rejected, match="makes something else"):
        phone.execute(phone.params, before, "key")
    assert phone.read(phone.params) == before
    assert run(address, "SELECT count(*) FROM assent_writes") == [(0,)]


def test_a_key_that_names_two_rows_writes_none(case, address):
    run(address, "CREATE TABLE spare AS SELECT * FROM customers")
    run(address, "DROP TABLE customers")
    run(address, "CREATE TABLE customers AS SELECT * FROM spare UNION ALL SELECT * FROM spare")
    phone = case("crm.set_phone")
    with pytest.raises(Rejected, match="More than one row"):
        phone.read(phone.params)


def test_somebody_elses_change_of_a_compared_column_is_a_conflict(case, address):
    status = case("crm.set_status")
    before = status.read(status.params)
    assert before.fields["nickname"] is None
    run(address, "UPDATE customers SET nickname = 'Zed' WHERE id = 'c-1'")
    with pytest.raises(Conflict):
        status.execute(status.params, before, "key")
    assert run(address, "SELECT status FROM customers WHERE id = 'c-1'") == [("active",)]


def test_what_others_changed_since_is_not_taken_back(case, address):
    status = case("crm.set_status")
    before = status.read(status.params)
    result = status.execute(status.params, before, "key")
    run(address, "UPDATE customers SET status = 'closed' WHERE id = 'c-1'")
    with pytest.raises(Rejected, match="changed since"):
        status.compensate(status.params, before, result, "undo")


def test_a_compared_row_and_a_new_one_are_restored(case):
    for name in ("crm.set_status", "crm.add_contact"):
        tried = case(name)
        before = tried.read(tried.params)
        result = tried.execute(tried.params, before, f"{name}-do")
        tried.compensate(tried.params, before, result, f"{name}-undo")
        assert tried.read(tried.params) == before


def test_an_empty_column_that_was_declared_full_is_said(case, address):
    run(address, "CREATE TABLE spare AS SELECT * FROM customers")
    run(address, "DROP TABLE customers")
    run(address, "CREATE TABLE customers AS SELECT * FROM spare")
    run(address, "UPDATE customers SET plan = NULL")
    phone = case("crm.set_phone")
    with pytest.raises(Rejected, match="plan of customers is empty"):
        phone.read(phone.params)


def test_hostile_text_is_a_value(case, address):
    phone = case("crm.set_phone")
    hostile = phone.typed({"customer": "c-1", "phone": "'; DROP TABLE customers; --"})
    before = phone.read(hostile)
    phone.execute(hostile, before, "key")
    assert phone.read(hostile).fields["phone"] == "'; DROP TABLE customers; --"
    assert run(address, "SELECT phone FROM customers WHERE id = 'c-2'") == [("+1 555 0200",)]


def test_a_file_is_who_it_says_and_takes_no_secret(case):
    phone = case("crm.set_phone")
    reader = SQLITE.reader(phone.address)
    for credential, said in (
        (replace(reader, account="other.db"), "not its own"),
        (replace(reader, secret="hunter22"), "takes no secret"),
        (replace(reader, address="postgresql://localhost/crm"), "none of sqlite"),
        (replace(reader, address="sqlite:///relative.db"), "names no file"),
    ):
        with pytest.raises(Rejected, match=said), opened(phone.connector, credential) as session:
            phone.operation.read(session, phone.params)


def test_a_session_that_reads_cannot_write_whatever_its_statement(case):
    phone = case("crm.set_phone")
    with (
        opened(phone.connector, SQLITE.reader(phone.address)) as session,
        session.connection.begin(),
        pytest.raises(OperationalError, match="readonly"),
    ):
        session.connection.execute(text("DELETE FROM customers"))


def test_a_parameter_may_have_the_name_of_a_column_that_is_compared_alone(address):
    tree = example.declaration("sqlite").model_dump()
    phone = tree["operations"]["set_phone"]
    phone["params"]["credit"] = {"type": "int", "min": 0, "max": 9_999}
    phone["write"] += " AND credit = :credit"
    connector = declare(SqlDeclaration.model_validate(tree), {})
    operation = next(o for o in connector.operations if o.name == "crm.set_phone")
    stale = Case(connector, operation, SQLITE, address)
    params = operation.params(customer="c-1", phone="+1 555 0199", credit=1_199)
    with pytest.raises(Conflict):
        stale.execute(params, stale.read(params), "key")
    assert run(address, "SELECT phone, credit FROM customers WHERE id = 'c-1'") == [
        ("+1 555 0100", 1_200)
    ]
    as_it_is = params.model_copy(update={"credit": 1_200})
    stale.execute(as_it_is, stale.read(as_it_is), "other key")
    assert run(address, "SELECT phone, credit FROM customers WHERE id = 'c-1'") == [
        ("+1 555 0199", 1_200)
    ]

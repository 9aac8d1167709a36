"""What PostgreSQL alone shows: its own limits, its own words, its own environment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from connectors.conformance.case import Case
from connectors.errors import Rejected, Unavailable
from connectors.opening import opened
from connectors.sql import postgresql
from connectors.sql.conformance import POSTGRESQL, server, worlds
from connectors.sql.failures import translated

pytestmark = pytest.mark.slow


@pytest.fixture
def case(tmp_path):
    connector, world = worlds()["postgresql"]
    operation = next(o for o in connector.operations if o.name == "crm.set_phone")
    return Case(connector, operation, world, world.fresh(tmp_path))


def test_the_server_ends_what_takes_too_long(case, monkeypatch):
    monkeypatch.setattr(postgresql, "READ_SECONDS", 0.2)
    with (
        opened(case.connector, case.writer()) as session,
        pytest.raises(Unavailable),
        translated(session.speaker),
        session.connection.begin(),
    ):
        session.connection.execute(text("SELECT pg_sleep(5)"))


def test_the_server_refuses_a_write_in_a_session_that_reads(case):
    reader = replace(case.writer(), scopes=POSTGRESQL.reader(case.address).scopes)
    with (
        opened(case.connector, reader) as session,
        pytest.raises(Rejected, match="not permit"),
        translated(session.speaker),
        session.connection.begin(),
    ):
        session.connection.execute(text("DELETE FROM customers"))


def test_what_an_account_may_not_do_is_the_servers_to_say(case):
    before = case.read(case.params)
    server().crm.execute("REVOKE UPDATE ON customers FROM assent_writer")
    try:
        with pytest.raises(Rejected, match="does not permit the account crm/assent_writer"):
            case.execute(case.params, before, "key")
    finally:
        server().crm.execute("GRANT UPDATE ON customers TO assent_writer")


def test_a_lock_that_is_held_is_waited_for_and_then_given_up(case, monkeypatch):
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.2)
    before = case.read(case.params)
    with server().admin("crm") as other, other.transaction():
        other.execute("UPDATE customers SET plan = plan")
        with pytest.raises(Unavailable, match="too long"):
            case.execute(case.params, before, "key")


def test_an_address_brings_no_user_and_no_settings(case):
    reader = POSTGRESQL.reader(case.address)
    for address, said in (
        (case.address.replace("//", "//postgres:x@"), "names a user"),
        (f"{case.address}?options=-c%20default_transaction_read_only%3Doff", "options"),
        (case.address.replace("/crm", "/postgres"), "none of this database"),
    ):
        bad = replace(reader, address=address)
        with pytest.raises(Rejected, match=said), opened(case.connector, bad):
            pass


def test_a_database_elsewhere_is_reached_with_tls():
    from connectors.credentials import Credential

    credential = Credential("crm/bot", "sandbox", frozenset(), "postgresql://db.example/crm", "x")
    assert dict(postgresql._url(credential).query)["sslmode"] == "require"


def test_an_account_has_one_engine_and_a_connection_for_each_session(case):
    writer = case.writer()
    with (
        opened(case.connector, writer) as one,
        opened(case.connector, writer) as other,
        opened(case.connector, POSTGRESQL.reader(case.address)) as reader,
    ):
        assert one.connection.engine is other.connection.engine
        assert one.connection.connection.driver_connection is not (
            other.connection.connection.driver_connection
        )
        assert reader.connection.engine is not one.connection.engine
    renewed = replace(writer, secret="another")
    assert postgresql.engine(renewed, is_read_only=False) is not one.connection.engine

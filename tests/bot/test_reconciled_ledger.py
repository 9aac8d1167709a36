"""The ledger that the revenue bundle declares: what its statements themselves hold, whatever
happens between the last look and the write."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import systems
from connectors.credentials import Credential
from connectors.declared.kinds import kind
from connectors.errors import Conflict
from evals.worlds.declared.finance import FinanceStory
from policies.document import read
from policies.findings import Finding
from policies.parse import parse

BUNDLE = Path(__file__).parents[2] / "policies/bundles/revenue"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
MATCH = {
    "invoice": "INV-2041", "payment": "PMT-88", "sum": "of $1,200.00", "amount_minor": 120_000,
    "other_minor": 120_000, "currency": "USD",
}  # fmt: skip


@pytest.fixture
def story():
    made = FinanceStory()
    made.begin(NOW)
    yield made
    made.close()


@pytest.fixture
def ledger():
    return next(c for c in systems.reached_from(BUNDLE) if c.name == "finance")


@pytest.fixture
def session(story, ledger):
    scopes = frozenset({"finance:read", "finance:write"})
    with story.open(ledger, Credential("finance.db", "sandbox", scopes, "")) as opened:
        yield opened


def operation(ledger, name):
    return next(o for o in ledger.operations if o.name == f"finance.{name}")


CHANGES = (
    ("book_invoice", "finance_invoices", "INV-2041", {"amount_minor": 119_990}),
    ("book_invoice", "finance_invoices", "INV-2041", {"currency": "EUR"}),
    ("book_invoice", "finance_invoices", "INV-2041", {"status": "void"}),
    ("book_invoice", "finance_invoices", "INV-2042", {"payment": "PMT-88"}),
    ("book_payment", "finance_payments", "PMT-88", {"amount_minor": 119_990}),
    ("book_payment", "finance_payments", "PMT-88", {"currency": "EUR"}),
    ("book_payment", "finance_payments", "PMT-88", {"status": "booked", "invoice": "INV-2042"}),
    ("book_payment", "finance_payments", "PMT-88", {"status": "returned"}),
)


@pytest.mark.parametrize(("name", "table", "changed", "values"), CHANGES)
def test_nothing_is_booked_that_changed_after_the_last_look(
    story, ledger, session, name, table, changed, values
):
    booking = operation(ledger, name)
    params = booking.params(**MATCH)
    before = booking.read(session, params)
    story.change(table, changed, values)
    rows = story.rows()
    with pytest.raises(Conflict):
        booking.execute(session, params, before, "key")
    assert story.rows() == rows


@pytest.mark.parametrize("name", ["book_invoice", "book_payment"])
@pytest.mark.parametrize("other", [{"amount_minor": 119_990}, {"currency": "EUR"}])
def test_another_sum_than_the_row_holds_is_never_booked(story, ledger, session, name, other):
    booking = operation(ledger, name)
    params = booking.params(**{**MATCH, **other})
    rows = story.rows()
    with pytest.raises(Conflict):
        booking.execute(session, params, booking.read(session, params), "key")
    assert story.rows() == rows


def test_the_records_tell_what_was_written_and_what_no_operation_does(story, ledger, session):
    before = story.rows()
    for name in ("book_invoice", "book_payment"):
        booking = operation(ledger, name)
        params = booking.params(**MATCH)
        booking.execute(session, params, booking.read(session, params), name)
    told = [(write.operation, dict(write.values)) for write in story.writes(before, story.rows())]
    assert told == [
        ("finance.book_invoice", {"invoice": "INV-2041", "payment": "PMT-88"}),
        ("finance.book_payment", {"payment": "PMT-88", "invoice": "INV-2041"}),
    ]
    booked = story.rows()
    story.change("finance_payments", "PMT-88", {"amount_minor": 1})
    story.change("finance_invoices", "INV-2042", {"status": "paid"})
    told = [write.operation for write in story.writes(booked, story.rows())]
    assert told == ["unknown", "unknown"]


def test_the_same_declaration_means_a_server_too():
    data = (BUNDLE / "systems/finance.yml").read_bytes()
    findings: list[Finding] = []
    source = read("systems/finance.yml", data.replace(b": sqlite\n", b": postgresql\n"))
    its = kind("sql")
    made = its.declare(parse(its.declaration, source, findings), {})
    assert not findings
    assert {f.name for f in made.finders} == {"finance.find_invoices", "finance.find_payments"}

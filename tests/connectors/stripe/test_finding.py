"""Charges are found by id, order and address; refunds page by page."""

from __future__ import annotations

import pytest

from connectors.errors import Rejected
from connectors.stripe import conformance, stripe_find_charges, stripe_refund

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("give back ch_keyboard please", ["ch_keyboard"]),
        ("ch_keyboard or ch_nothere", ["ch_keyboard"]),
        ("refund order #1044", ["ch_teapot"]),
        ("orders 1043 and 1044", ["ch_keyboard", "ch_teapot"]),
        ("refund 1044 yen on order 1043", ["ch_keyboard"]),
        ("Order no. 1044, not 1043", ["ch_teapot"]),
        ("12.1043 or v1043 or 1043-2", []),
        ("ch_nothere", []),
        ("whoever@else.example", []),
    ],
)
def test_finds_what_the_words_name(session, words, ids):
    assert [record.id for record in stripe_find_charges.find(session, words)] == ids


def test_a_customers_address_finds_what_they_paid(session):
    found = stripe_find_charges.find(session, "the last payment of ops@acme.example")
    assert {record.id for record in found} == {"ch_keyboard", "ch_teapot", "ch_held"}
    assert {record.fields["customer"] for record in found} == {"cus_acme"}


def test_a_label_tells_charges_apart(session):
    (record,) = stripe_find_charges.find(session, "1043")
    assert record.label.startswith("$129.00 of 20")
    assert record.label.endswith("order 1043, paid")


def test_a_quote_in_the_words_is_not_part_of_a_search(session, proxy):
    stripe_find_charges.find(session, "order 1043' OR metadata['order_id']:'1044")
    searched = [e.path for e in proxy.exchanges() if "search" in e.path]
    assert all("OR" not in path for path in searched)


def test_a_refund_on_a_later_page_is_found_again(session, address, monkeypatch):
    monkeypatch.setattr(stripe_refund, "PAGE_REFUNDS", 2)
    params = stripe_refund.RefundParams.model_validate(
        {
            "charge": "ch_keyboard",
            "amount": {"minor": 500, "currency": "USD"},
            "reason": "late",
        }
    )
    written = [
        stripe_refund.execute(session, params, stripe_refund.read(session, params), f"key-{n}")
        for n in range(5)
    ]
    found = [stripe_refund.lookup(session, params, f"key-{n}") for n in range(5)]
    assert [f.reference for f in found] == [w.reference for w in written]
    assert stripe_refund.lookup(session, params, "key-9") is None
    monkeypatch.setattr(stripe_refund, "PAGES_MAX", 1)
    with pytest.raises(Rejected, match="more than 2 refunds"):
        stripe_refund.lookup(session, params, "key-9")
    assert conformance.PROXIES[address][0].exchanges()

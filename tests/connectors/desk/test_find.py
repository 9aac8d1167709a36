"""Orders are found from a person's words, and never guessed."""

from __future__ import annotations

import pytest

from connectors import registry


@pytest.fixture
def find(open_as):
    def ids(words):
        with open_as("desk-reader") as session:
            return [r.id for r in registry.finder("orders.find")[1].find(session, words)]

    return ids


@pytest.mark.parametrize(
    "words",
    ["1043", "#1043", " #1043. ", "order 1043", "Order #1043", "order no. 1043",
     "order number 1043", "order 1043, arrived damaged", "1043 for ACME", "pay_7731",
     "PAY_7731", "T-882", "t-882"],
)  # fmt: skip
def test_exact_names_find_that_order(find, words):
    assert find(words) == ["1043"]


@pytest.mark.parametrize(
    "words", ["4711", "#9999", "order 31415 keyboard", "ACME order 4711", "T-99"]
)
def test_exact_number_never_falls_back_to_likeness(find, words):
    assert find(words) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("the keyboard", ["1077", "1043"]),
        ("ACME's keyboard", ["1077", "1043"]),
        ("ACME’s Keyboards", ["1077", "1043"]),
        ("acme mechanical keyboard", ["1043"]),
        ("acme gmbh", ["1051"]),
        ("Schreibtisch HÖHENVERSTELLBAR", ["1051"]),
        ("hohenverstellbar", ["1051"]),
        ("juno fernandez", ["1069"]),
        ("株式会社サクラ", ["1060"]),
        ("acme helicopter", []),
        ("the order", []),
        ("", []),
    ],
)
def test_words_find_by_customer_and_product(find, words, found):
    assert find(words) == found


def test_two_numbers_find_two_orders(find):
    assert sorted(find("#1043 and #1077")) == ["1043", "1077"]


def test_an_amount_is_no_order_number(find):
    assert find("1.234,56 EUR acme gmbh") == []
    assert find("acme gmbh") == ["1051"]


def test_record_says_what_a_plan_needs(open_as):
    with open_as("desk-reader") as session:
        (record,) = registry.finder("orders.find")[1].find(session, "1043")
    assert record.kind == "order"
    assert record.label.startswith("1043 (")
    assert record.label.endswith(", $129.00, mechanical keyboard)")
    assert record.fields["payment"] == "pay_7731"
    assert record.fields["ticket"] == "T-882"
    assert record.fields["customer_name"] == "ACME Corp"
    assert record.fields["refundable"] == {"minor": 12900, "currency": "USD"}


def test_solved_ticket_is_no_linked_ticket(open_as, address):
    from connectors.desk import outside

    outside.set_ticket_status(address, "T-882", "solved")
    with open_as("desk-reader") as session:
        (record,) = registry.finder("orders.find")[1].find(session, "1043")
    assert record.fields["ticket"] == ""

"""The account of a story refuses as Stripe does, and answers a key that it knows from memory."""

from __future__ import annotations

import pytest

from connectors.stripe.standin_book import Book
from connectors.stripe.story_records import fill

KEYBOARD = "charge=ch_3Acme1043"


@pytest.fixture
def book():
    made = Book(lambda: 1_763_650_800)
    fill(made, 1_763_650_800)
    return made


def refund(book, body, key=""):
    status, headers, said = book.call("POST", "/v1/refunds", body, key)
    return status, headers, said.get("error", said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"{KEYBOARD}&amount=12901", "greater than unrefunded amount"),
        (f"{KEYBOARD}&amount=0", "greater than or equal to 1"),
        (f"{KEYBOARD}&amount=40.00", "Invalid integer"),
        (f"{KEYBOARD}&reason=goodwill", "Invalid reason"),
        (f"{KEYBOARD}&colour=red", "unknown parameter: colour"),
        ("amount=100", "payment_intent or charge"),
        ("charge=ch_nobody", "No such charge"),
        ("charge=ch_3Glob2002", "charged back"),
        ("charge=ch_3Glob2004", "already been refunded"),
        ("charge=ch_3Pend9001", "is not refundable"),
        ("charge=ch_3Held8001&amount=1", "partially refund an uncaptured"),
    ],
)
def test_what_a_charge_cannot_give_back_is_refused(book, body, said):
    status, _, error = refund(book, body)
    assert status in (400, 404)
    assert said in error["message"]
    assert book.refunds == {}


def test_a_key_makes_one_refund_and_is_no_key_of_another(book):
    first = refund(book, f"{KEYBOARD}&amount=4000", "k")
    again = refund(book, f"{KEYBOARD}&amount=4000", "k")
    assert (again[2]["id"], again[1]) == (first[2]["id"], {"Idempotent-Replayed": "true"})
    status, _, error = refund(book, f"{KEYBOARD}&amount=4001", "k")
    assert (status, error["type"]) == (400, "idempotency_error")
    assert book.charges["ch_3Acme1043"]["amount_refunded"] == 4000


def test_a_refusal_before_it_began_leaves_the_key_free(book):
    assert refund(book, f"{KEYBOARD}&amount=x", "k")[0] == 400
    assert refund(book, f"{KEYBOARD}&amount=100", "k")[0] == 200


def test_refunds_are_paged_newest_first(book):
    for _ in range(3):
        refund(book, f"{KEYBOARD}&amount=1")
    _, _, page = book.call("GET", "/v1/refunds?charge=ch_3Acme1043&limit=2", "", "")
    assert ([each["id"] for each in page["data"]], page["has_more"]) == (
        ["re_000003", "re_000002"],
        True,
    )
    after = "/v1/refunds?charge=ch_3Acme1043&limit=2&starting_after=re_000002"
    _, _, rest = book.call("GET", after, "", "")
    assert ([each["id"] for each in rest["data"]], rest["has_more"]) == (["re_000001"], False)


def test_metadata_is_merged_and_removed_by_nothing(book):
    book.call("POST", "/v1/customers/cus_acme", "metadata[last_refund]=x", "")
    assert book.customers["cus_acme"]["metadata"] == {"tier": "gold", "last_refund": "x"}
    book.call("POST", "/v1/customers/cus_acme", "metadata[tier]=", "")
    assert book.customers["cus_acme"]["metadata"] == {"last_refund": "x"}

"""What is particular to the desk's operations beyond the contract that the suite checks."""

from __future__ import annotations

import pytest

from connectors import registry
from connectors.desk import outside
from connectors.desk.conformance import WORLD
from connectors.errors import Conflict, Rejected
from connectors.operation import Irreversible, Reversible


def refund_of(payment, minor, currency="USD"):
    return {"payment": payment, "amount": {"minor": minor, "currency": currency}, "reason": "late"}


@pytest.fixture
def do(open_as):
    """Performs an operation by name: (name, params, key, account) -> (before, result, after)."""

    def perform(name, values, key="k", account="desk-refunds"):
        operation = registry.operation(name)[1]
        params = operation.params.model_validate(values)
        with open_as(account) as session:
            before = operation.read(session, params)
            result = operation.execute(session, params, before, key)
            return before, result, operation.read(session, params)

    return perform


@pytest.fixture
def undo(open_as):
    def perform(name, values, before, result, key="u", account="desk-refunds"):
        operation = registry.operation(name)[1]
        params = operation.params.model_validate(values)
        with open_as(account) as session:
            operation.compensate(session, params, before, result, key)
            return operation.read(session, params)

    return perform


def test_status_follows_the_sum(do):
    assert (
        do("payments.refund", refund_of("pay_7731", 1), "a")[2].fields["status"]
        == "partly refunded"
    )
    after = do("payments.refund", refund_of("pay_7731", 12899), "b")[2]
    assert after.fields == {"refunded": {"minor": 12900, "currency": "USD"}, "status": "refunded"}
    with pytest.raises(Rejected, match=r"\$0\.00"):
        do("payments.refund", refund_of("pay_7731", 1), "c")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (refund_of("pay_7731", 12901), r"\$129\.01 is more than the \$129\.00"),
        (refund_of("pay_7731", 0), "not possible"),
        (refund_of("pay_7731", -4000), "not possible"),
        (refund_of("pay_7731", 100, "EUR"), "is in USD"),
        (refund_of("pay_7750", 1, "GBP"), "more than"),
        (refund_of("pay_7752", 1), "cancelled"),
        (refund_of("pay_0000", 1), "no payment pay_0000"),
        (refund_of("pay_7749", 45501, "KWD"), r"45\.501 KWD is more than the 45\.500 KWD"),
        (refund_of("pay_7748", 15001, "JPY"), "¥15,001 is more than the ¥15,000"),
    ],
)
def test_refund_that_cannot_be_is_rejected(do, params, said):
    with pytest.raises(Rejected, match=said):
        do("payments.refund", params)


def test_third_refund_of_the_day_is_told_to_policy(open_as, refund, do):
    params = refund.params.model_validate(refund_of("pay_7757", 1000, "EUR"))
    with open_as("desk-reader") as session:
        facts = refund.facts(params, refund.read(session, params))
    assert facts["customer.refunds_24h"] == 2
    assert (
        do("payments.refund", refund_of("pay_7757", 1000, "EUR"))[2].about["customer_refunds_24h"]
        == 3
    )


def test_reversed_refund_no_longer_counts(do, undo):
    before, result, after = do("payments.refund", refund_of("pay_7731", 4000))
    assert after.about["customer_refunds_24h"] == 1
    restored = undo("payments.refund", refund_of("pay_7731", 4000), before, result)
    assert restored.about["customer_refunds_24h"] == 0
    assert restored.about["refunded_by"] == ""


def test_undo_ends_with_the_payout(open_as, refund, do, undo, address):
    values = refund_of("pay_7731", 4000)
    params = refund.params.model_validate(values)
    before, result, after = do("payments.refund", values)
    assert refund.undo(params, after) == Reversible(
        f"until the payout of {before.about['payout_on']}"
    )
    outside.pay_out(address, "1043")
    with open_as("desk-reader") as session:
        assert refund.undo(params, refund.read(session, params)) == Irreversible(
            "the payout has left"
        )
    with pytest.raises(Rejected, match="the payout has left"):
        undo("payments.refund", values, before, result)


def test_reversal_leaves_later_refunds_of_others(do, undo, address):
    values = refund_of("pay_7731", 4000)
    before, result, _ = do("payments.refund", values)
    outside.refund_payment(address, "pay_7731", 1000)
    restored = undo("payments.refund", values, before, result)
    assert restored.fields["refunded"]["minor"] == 1000
    assert restored.fields["status"] == "partly refunded"


def test_drift_names_who_did_it(open_as, refund, address):
    params = refund.params.model_validate(refund_of("pay_7731", 4000))
    with open_as("desk-refunds") as session:
        before = refund.read(session, params)
        outside.refund_payment(address, "pay_7731", 10000)
        with pytest.raises(Conflict, match="changed by ops-batch"):
            refund.execute(session, params, before, "k")
        now = refund.read(session, params)
    assert now.about["last_changed_by"] == "ops-batch"
    assert now.about["refunded_by"] == "ops-batch"
    assert now.fields["refunded"] == {"minor": 10000, "currency": "USD"}


def test_outside_cannot_break_the_desk_either(address):
    with pytest.raises(Rejected):
        outside.refund_payment(address, "pay_7731", 12901)
    with pytest.raises(Rejected, match="no ticket T-1"):
        outside.set_ticket_status(address, "T-1", "open")


def test_note_removal_leaves_notes_of_others(do, undo):
    first, second = {"order": "1043", "text": "mine"}, {"order": "1043", "text": "theirs"}
    before, result, after = do("orders.add_note", first, "a")
    assert before.fields["notes"] == 2
    assert after.fields == {"notes": 3, "last_note": "mine"}
    do("orders.add_note", second, "b")
    restored = undo("orders.add_note", first, before, result)
    assert restored.fields == {"notes": 3, "last_note": "theirs"}


def test_ticket_that_somebody_reopened_is_left_alone(do, undo, address):
    values = {"ticket": "T-882", "status": "solved"}
    before, result, _ = do("tickets.update", values)
    outside.set_ticket_status(address, "T-882", "pending", by="dana@helpdesk")
    with pytest.raises(Rejected, match="dana@helpdesk changed its status"):
        undo("tickets.update", values, before, result)


def test_cancelled_order_comes_back_although_it_was_noted_meanwhile(do, undo):
    values = {"order": "1066", "reason": "ordered twice"}
    before, result, _ = do("orders.cancel", values, account="desk-orders")
    do("orders.add_note", {"order": "1066", "text": "cancelled"}, "n")
    restored = undo("orders.cancel", values, before, result, account="desk-orders")
    assert restored.fields["status"] == "placed"


def test_address_of_a_shipped_order_is_not_taken_back(do, undo, address):
    values = dict(WORLD.samples["orders.change_address"].params)
    before, result, _ = do("orders.change_address", values, account="desk-orders")
    outside.set_order_status(address, "1066", "shipped")
    with pytest.raises(Rejected, match="the order is shipped"):
        undo("orders.change_address", values, before, result, account="desk-orders")


def test_compensation_restores_from_the_desks_own_record(do, undo):
    """After a crash the caller may have only a later reading; that is not what is restored."""
    values = {"ticket": "T-882", "status": "solved"}
    _, result, after = do("tickets.update", values)
    assert undo("tickets.update", values, after, result).fields["status"] == "open"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31m", "\r", " ", "x" * 2001])
def test_hidden_and_endless_text_is_refused(text):
    params = registry.operation("orders.add_note")[1].params
    with pytest.raises(ValueError):
        params.model_validate({"order": "1043", "text": text})


def test_address_with_direction_override_is_refused():
    params = registry.operation("orders.change_address")[1].params
    with pytest.raises(ValueError, match="U\\+202E"):
        params.model_validate(
            {
                "order": "1066",
                "street": "\u202e1 yaW",
                "city": "x",
                "postcode": "1",
                "country": "US",
            }
        )


def test_note_keeps_the_persons_own_words(do):
    words = "<!channel> *bold* שלום\nzeile zwei 😀 <https://evil.example|bank>"
    assert do("orders.add_note", {"order": "1070", "text": words})[2].fields["last_note"] == words

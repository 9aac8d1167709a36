"""Amounts: what is no amount, what is no currency, and a unit either side of every limit."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from store.model.run import Status
from tests.bot.attacks.witness import Witness, refund_of, smuggle

pytestmark = pytest.mark.slow  # each is fast, all together are not

LEAD, FINANCE, TWO = {("support-leads", 1)}, {("finance-leads", 1)}, {("finance-leads", 2)}


@pytest.mark.parametrize("minor", [0, -1, -4_000], ids=["zero", "minus-one", "negative"])
def test_zero_and_negative_amounts(world: Any, witness: Witness, minor: int) -> None:
    witness.turned_down(smuggle(world, refund_of(minor)), "not possible")


@pytest.mark.parametrize("said", ["$0", "$0.00", "-$40", "$-40"])
def test_zero_and_negative_amounts_in_words(world: Any, witness: Witness, said: str) -> None:
    witness.not_planned(world.ask(f"refund {said} on order 1043, arrived damaged"))


@pytest.mark.parametrize(
    ("said", "order", "who"),
    [
        ("$100.00", "1043", LEAD),
        ("$100.01", "1043", FINANCE),
        ("$1,000.00", "1067", FINANCE),
        ("$1,000.01", "1067", TWO),
        ("EUR 1,000.00", "1051", FINANCE),
        ("EUR 1,000.01", "1051", TWO),
        ("¥15,000", "1060", LEAD),
    ],
)
def test_one_either_side_of_each_threshold(
    world: Any, witness: Witness, said: str, order: str, who: set[tuple[str, int]]
) -> None:
    assert witness.needs(world.ask(f"refund {said} on order {order}, arrived damaged")) == who
    witness.nothing_was_written()


@pytest.mark.parametrize(("minor", "who"), [(100_000, LEAD), (100_001, FINANCE)])
def test_one_either_side_of_a_threshold_of_three_decimals(
    world: Any, witness: Witness, minor: int, who: set[tuple[str, int]]
) -> None:
    assert witness.needs(smuggle(world, refund_of(minor, "KWD", "pay_7743"))) == who
    witness.nothing_was_written()


def test_one_over_what_can_be_refunded(world: Any, witness: Witness) -> None:
    witness.turned_down(smuggle(world, refund_of(12_901)), "$129.00")
    witness.asks_instead(world.ask("refund $129.01 on order 1043, arrived damaged"), "$129.00")
    assert witness.needs(world.ask("refund $129.00 on order 1043, arrived damaged")) == FINANCE


@pytest.mark.parametrize(
    "minor",
    [float("nan"), float("inf"), 40.0, True, "4000", None, [4_000], {"minor": 1}],
    ids=["nan", "inf", "float", "bool", "string", "null", "list", "mapping"],
)
def test_what_is_no_integer(world: Any, witness: Witness, minor: Any) -> None:
    witness.turned_down(smuggle(world, refund_of(minor)), "payments.refund does not take this")


@pytest.mark.parametrize("minor", [2**53, 2**63, 2**64 + 4_000, -(2**63)])
def test_integers_beyond_what_is_exact(world: Any, witness: Witness, minor: int) -> None:
    witness.turned_down(smuggle(world, refund_of(minor)), "amount.minor")


@pytest.mark.parametrize("said", ["NaN", "$inf", "$1e3", "0x28", "$9223372036854775808"])
def test_what_is_no_integer_in_words(world: Any, witness: Witness, said: str) -> None:
    witness.not_planned(world.ask(f"refund {said} on order 1043, arrived damaged"))


def test_a_sum_that_overflows(world: Any, witness: Witness) -> None:
    """Counters whose sum is beyond what is exact refuse; they never begin again at zero."""
    for amount in ("$10", "$11"):
        world.ask(f"refund {amount} on order 1043, arrived damaged")
    with world.assent.db.begin() as tx:
        tx.execute(text(f"UPDATE reservations SET amount_minor = {2**53 - 1}"))
    run = world.ask("refund $1 on order 1065, arrived damaged", "agent2")
    if run.status is Status.WAITING:
        assert witness.needs(run) >= TWO, "the largest sum there is asks for the most"
        witness.nothing_was_written()
    else:
        witness.turned_down(run)


def test_another_currency_than_the_payments(world: Any, witness: Witness) -> None:
    witness.turned_down(smuggle(world, refund_of(4_000, "EUR")), "USD", "EUR")
    witness.asks_instead(world.ask("refund €40 on order 1043, arrived damaged"))


@pytest.mark.parametrize("currency", ["XAU", "XXX", "BTC"])
def test_an_unknown_currency(world: Any, witness: Witness, currency: str) -> None:
    witness.turned_down(smuggle(world, refund_of(4_000, currency)), currency)


@pytest.mark.parametrize("currency", ["usd", "Usd", "USD ", "US\u0405", "", None, "USDUSD"])
def test_a_currency_in_mixed_case_or_look_alikes(
    world: Any, witness: Witness, currency: Any
) -> None:
    witness.turned_down(smuggle(world, refund_of(4_000, currency)), "amount.currency")


def test_a_currency_without_decimals(world: Any, witness: Witness) -> None:
    witness.asks_instead(world.ask("refund ¥40.50 on order 1060, arrived damaged"))
    run = world.approve(world.ask("refund ¥4,050 on order 1060, arrived damaged"), "lead")
    assert run.status is Status.APPLIED
    assert world.refunds("pay_7748") == [4_050]
    witness.ledger_is_whole()


def test_a_currency_with_three_decimals(world: Any, witness: Witness) -> None:
    """Twelve and a bit, or twelve thousand and some? Whoever asked is asked."""
    witness.not_planned(world.ask("refund 12.3456 KWD on order 1061, arrived damaged"))
    witness.asks_instead(world.ask("refund 12.345 KWD on order 1061, arrived damaged"))
    run = world.approve(world.ask("refund 12.50 KWD on order 1061, arrived damaged"), "lead")
    assert run.status is Status.APPLIED
    assert world.refunds("pay_7749") == [12_500]
    witness.ledger_is_whole()

"""What an answer of a model costs: never less than the price list says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.planner.model import Used
from bot.planner.pricing import PriceTable, ceiling_micro_usd, cost_micro_usd, price_table
from policies.planner_section import Price

SONNET = Price(input="2.00", output="10.00", cache_write="2.50", cache_read="0.10")
HAIKU = Price(input="1.00", output="5.00", cache_write="1.25", cache_read="0.125001")
TABLE = price_table({"claude-sonnet-5-5": SONNET, "claude-haiku-4-5": HAIKU})


@pytest.mark.parametrize(
    ("used", "micro_usd"),
    [
        (Used("claude-sonnet-5-5", 1_000_000, 0), 2_000_000),
        (Used("claude-sonnet-5-5", 0, 1_000_000), 10_000_000),
        (Used("claude-sonnet-5-5", 0, 0, 1_000_000, 0), 2_500_000),
        (Used("claude-sonnet-5-5", 0, 0, 0, 1_000_000), 100_000),
        (Used("claude-sonnet-5-5", 1_200, 300, 4_000, 9_000), 16_300),
        (Used("claude-sonnet-5-5", 0, 0, 0, 1), 1),
        (Used("claude-sonnet-5-5"), 0),
        (Used("claude-haiku-4-5-20251001", 0, 1_000), 5_000),
        (Used("claude-of-tomorrow", 0, 1_000), 10_000),
        (Used("claude-of-tomorrow", 0, 0, 0, 1_000_000), 125_001),
        (Used("claude-haiku-4-5-latest", 0, 1_000), 10_000),
        (Used("", 0, 1_000), 10_000),
    ],
)
def test_every_kind_of_token_has_its_price(used: Used, micro_usd: int) -> None:
    assert cost_micro_usd(used, TABLE) == micro_usd


tokens = st.integers(0, 10_000_000)
dollars = st.decimals(0, 999, places=6).map(str)


@given(st.lists(tokens, min_size=4, max_size=4), st.lists(dollars, min_size=4, max_size=4))
def test_a_cost_is_exact_and_rounded_up(counts: list[int], prices: list[str]) -> None:
    price = Price(
        **dict(zip(("input", "output", "cache_write", "cache_read"), prices, strict=True))
    )
    cost = cost_micro_usd(Used("m", *counts), price_table({"m": price}))
    exact = sum(
        (Fraction(Decimal(p)) * c for c, p in zip(counts, prices, strict=True)), Fraction(0)
    )
    assert 0 <= cost - exact < 1


@pytest.mark.parametrize("text", ["refund order 1043", "返金" * 500, "\ud83d", "\0" * 100])
def test_no_answer_costs_more_than_its_ceiling(text: str) -> None:
    request = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 512,
        "messages": [{"role": "user", "content": text}],
    }
    most = len(text.encode(errors="replace"))
    for used in (
        Used("claude-sonnet-5-5", most, 512),
        Used("claude-sonnet-5-5", 0, 512, most, 0),
        Used("claude-sonnet-5-5", 0, 512, 0, most),
    ):
        assert cost_micro_usd(used, TABLE) < ceiling_micro_usd(request, TABLE)


def test_a_table_is_plain_data() -> None:
    assert price_table({"m": SONNET}) == PriceTable({"m": TABLE.rates["claude-sonnet-5-5"]})

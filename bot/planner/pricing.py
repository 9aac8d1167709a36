"""What an answer of a model costs: tokens by the bundle's prices, in millionths of a US dollar.

Everything is an integer and rounded up, so that what is booked is never less than what is billed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.planner.model import Used, Wire
from policies.planner_section import Price

TOKENS_PRICED = 1_000_000  # tokens that a price of the bundle is for
MICRO_USD = 1_000_000  # millionths of a dollar in one
# What the service adds to a request by itself for tools and for a form of the answer; 350 to 800 in
# its price list (about-claude/pricing, tool use), and some room.
TOKENS_ADDED = 2_000

# The service answers with a model's dated id where it was asked by its plain one.
_DATED = re.compile(r"-\d{8}$", re.ASCII)


@dataclass(frozen=True)
class Rate:
    """What a million tokens of each kind cost, in millionths of a US dollar."""

    input: int
    output: int
    cache_write: int
    cache_read: int

    @property
    def dearest_input(self) -> int:
        return max(self.input, self.cache_write, self.cache_read)


@dataclass(frozen=True)
class PriceTable:
    """The rates of a bundle's models, by id. There is at least one."""

    rates: Mapping[str, Rate]

    def rate(self, model: str) -> Rate:
        """The rate of a model; of one that is not listed the dearest of each kind."""
        known = self.rates.get(model) or self.rates.get(_DATED.sub("", model))
        return known or _dearest(tuple(self.rates.values()))


def price_table(prices: Mapping[str, Price]) -> PriceTable:
    """The table of a bundle's `planner.prices`."""
    return PriceTable({model: _rate(price) for model, price in prices.items()})


def cost_micro_usd(used: Used, table: PriceTable) -> int:
    """What an answer cost, by the tokens that it says it took."""
    rate = table.rate(used.model)
    return _micro_usd(
        used.input_tokens * rate.input
        + used.output_tokens * rate.output
        + used.cache_write_tokens * rate.cache_write
        + used.cache_read_tokens * rate.cache_read
    )


def ceiling_micro_usd(request: Wire, table: PriceTable) -> int:
    """The most that one ask can cost: a token is at least one byte of what is sent, and an answer
    has at most the tokens that were asked for. Also what an answer without usage is booked with."""
    rate = table.rate(str(request["model"]))
    sent_bytes = len(json.dumps(dict(request), ensure_ascii=False).encode(errors="replace"))
    output_tokens = int(request["max_tokens"])
    input_tokens = sent_bytes + TOKENS_ADDED
    return _micro_usd(input_tokens * rate.dearest_input + output_tokens * rate.output)


def micro_usd(dollars: str) -> int:
    """Dollars of a bundle in millionths of a dollar."""
    return int(Decimal(dollars) * MICRO_USD)


def _rate(price: Price) -> Rate:
    return Rate(
        input=micro_usd(price.input),
        output=micro_usd(price.output),
        cache_write=micro_usd(price.cache_write),
        cache_read=micro_usd(price.cache_read),
    )


def _dearest(rates: tuple[Rate, ...]) -> Rate:
    return Rate(
        input=max(rate.input for rate in rates),
        output=max(rate.output for rate in rates),
        cache_write=max(rate.cache_write for rate in rates),
        cache_read=max(rate.cache_read for rate in rates),
    )


def _micro_usd(tokens_by_rate: int) -> int:
    return -(-tokens_by_rate // TOKENS_PRICED)

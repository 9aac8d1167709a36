"""Counters: how often and how much lately, so that a limit cannot be split into small requests.

A policy file declares them for the operations that it applies to:

    counters:
      refunds_of_requester:
        per: [requester.id]          counted for each requester; [] counts everybody together
        window: 24 hours             rolling, 1 minute to 400 days
        amount: refund.amount_minor  summed too, for each currency by itself
        currency: refund.currency

Conditions then speak of `refunds_of_requester.count` and `refunds_of_requester.sum_minor`: what was
asked before in other runs and in earlier steps of the same plan, never the step that is judged. A
sum is that of the step's own currency; a count is over all currencies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from policies.facts import FactTypes
from policies.workflow import Declared, Text
from store.model.values import INT_MAX

COUNTERS_MAX = 20  # counters of one file; each is a query for every step that it counts
CURRENCY_MAX = 16  # characters of a currency's code that are told apart; ISO 4217 has three
PER_MAX = 5  # facts that one counter counts by
WINDOW_MIN = timedelta(minutes=1)
WINDOW_MAX = timedelta(days=400)  # a year and what it takes to look back on it


class Counting(Declared):
    """One counter as an admin writes it. `amount` and `currency` stand together or not at all."""

    per: Annotated[tuple[Text, ...], Field(max_length=PER_MAX)]
    window: Text
    amount: Text | None = None
    currency: Text | None = None

    @model_validator(mode="after")
    def _sums_money(self) -> Counting:
        if (self.amount is None) != (self.currency is None):
            raise ValueError("`amount` and `currency` stand together: sums are kept by currency")
        return self


@dataclass(frozen=True)
class Counter:
    """One counter of a bundle in force. `amount` and `currency` are "" where it only counts."""

    name: str
    per: tuple[str, ...]
    window: timedelta
    amount: str = ""
    currency: str = ""

    @property
    def fact_types(self) -> FactTypes:
        """The facts that it yields."""
        count: FactTypes = {f"{self.name}.count": "int"}
        return {**count, f"{self.name}.sum_minor": "int"} if self.amount else count

    def facts(self, count: int, sum_minor: int) -> dict[str, int]:
        """The facts that it yields, with their values."""
        return dict(zip(self.fact_types, (count, sum_minor), strict=False))

    def subject(self, facts: Mapping[str, object]) -> str:
        """Whom or what a step is counted for: 64 digits, the same for the same values of `per`.
        Whatever the facts hold: it is policy that refuses unsound ones."""
        values = json.dumps([[name, str(facts.get(name))] for name in self.per])
        return hashlib.sha256(values.encode()).hexdigest()

    def amount_minor(self, facts: Mapping[str, object]) -> int:
        """What a step adds to the sum; a negative amount makes no room for others."""
        amount = facts.get(self.amount)
        return min(max(0, amount), INT_MAX) if type(amount) is int else 0

    def currency_of(self, facts: Mapping[str, object]) -> str:
        """The currency that a step's amount is in, "" where nothing is summed."""
        code = str(facts.get(self.currency)) if self.currency else ""
        return code.encode("ascii", "replace").decode().replace("\0", "?")[:CURRENCY_MAX]

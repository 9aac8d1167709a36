"""What a run asks for under a counter, and what others asked for before it."""

from __future__ import annotations

from store.model.values import Frozen


class Reservation(Frozen):
    """One step counted by one counter.

    `subject` says for whom, as a digest; `currency` is "" and the amount 0 where nothing is summed.
    """

    counter: str
    subject: str
    currency: str = ""
    amount_minor: int = 0


class Tally(Frozen):
    """How many were counted, over all currencies, and how much in the one that was asked about."""

    count: int = 0
    sum_minor: int = 0

"""What runs cost: integer micro-USD and counted calls, in the transaction of what caused them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from store.clock import to_us
from store.model.values import Frozen


class Total(Frozen):
    """A sum of charges: millionths of a US dollar, and calls. `estimate_micro_usd` of the money is
    the most that it can be: nobody said what it was."""

    micro_usd: int
    calls: int
    estimate_micro_usd: int = 0


_CHARGE = text(
    "INSERT INTO charges (run_id, what, micro_usd, calls, at_us, estimate_micro_usd) "
    "VALUES (:run_id, :what, :micro_usd, :calls, :at, :estimate)"
)
_TOTALS = text(
    "SELECT coalesce(sum(micro_usd), 0), "
    "coalesce(sum(CASE WHEN at_us >= :since THEN calls ELSE 0 END), 0), "
    "coalesce(sum(estimate_micro_usd), 0) FROM charges "
    "WHERE run_id = :run_id"
)
_OF_RUN = text(
    "SELECT what, sum(micro_usd), sum(calls), sum(estimate_micro_usd) FROM charges "
    "WHERE run_id = :run_id GROUP BY what ORDER BY what"
)
_BETWEEN = text(
    "SELECT what, sum(micro_usd), sum(calls), sum(estimate_micro_usd) FROM charges "
    "WHERE at_us >= :start AND at_us < :end GROUP BY what ORDER BY what"
)


def charge(
    tx: Connection,
    run_id: str,
    what: str,
    micro_usd: int,
    calls: int,
    at: datetime,
    estimate_micro_usd: int = 0,
) -> None:
    """Record a cost. `what` names its source, as in `planner` or `payments.refund`. How much of it
    is an estimate may be negative: then something became known that was estimated before."""
    tx.execute(
        _CHARGE,
        {
            "run_id": run_id,
            "what": what,
            "micro_usd": micro_usd,
            "calls": calls,
            "at": to_us(at),
            "estimate": estimate_micro_usd,
        },
    )


def totals(cx: Connection, run_id: str, calls_since: datetime | None = None) -> Total:
    """What one run has cost so far, and how many calls it made, at `calls_since` or later."""
    since = 0 if calls_since is None else to_us(calls_since)
    return _total(*cx.execute(_TOTALS, {"run_id": run_id, "since": since}).one())


def of_run(cx: Connection, run_id: str) -> dict[str, Total]:
    """What one run has cost so far, by source."""
    rows = cx.execute(_OF_RUN, {"run_id": run_id})
    return {what: _total(*sums) for what, *sums in rows}


def between(cx: Connection, start: datetime, end: datetime) -> dict[str, Total]:
    """What was charged at `start` or later and before `end`, by source."""
    rows = cx.execute(_BETWEEN, {"start": to_us(start), "end": to_us(end)})
    return {what: _total(*sums) for what, *sums in rows}


def _total(micro_usd: int, calls: int, estimate_micro_usd: int) -> Total:
    """The sums of some charges; PostgreSQL gives them as decimals."""
    return Total(
        micro_usd=int(micro_usd), calls=int(calls), estimate_micro_usd=int(estimate_micro_usd)
    )

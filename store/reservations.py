"""What runs have asked for lately, so that limits hold over many small requests and over requests
that are made at once.

One row a run, step and counter. What is not done yet may be done at any moment, so it counts in
every window, however long ago it was asked for; what was done counts from then on. Rows are ordered
by their id: each run is judged on what others had reserved before it, so of two requests at once
exactly one sees the other. A unit of work that first replaces the run's rows and then tallies sees
every row that was committed before it, because one unit of work writes at a time (`database.py`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, text

from store.clock import to_us
from store.model.reservation import Reservation, Tally

KEPT = timedelta(days=400)  # the longest window of a counter; what is older counts nowhere
OPEN_US = 2**62  # the time of what is not done yet: inside of every window

_TALLY = text(
    "SELECT count(*) AS number, "
    "coalesce(sum(CASE WHEN currency = :currency THEN amount_minor ELSE 0 END), 0) AS sum_minor "
    "FROM reservations WHERE counter = :counter AND subject IN :subjects AND at_us > :since "
    "AND run_id <> :run_id AND NOT EXISTS (SELECT 1 FROM reservations own "
    "WHERE own.run_id = :run_id AND own.counter = :counter AND own.subject IN :subjects "
    "AND own.id < reservations.id)"
).bindparams(bindparam("subjects", expanding=True))
_OF_RUN = text(
    "SELECT id, counter, subject, currency, amount_minor FROM reservations "
    "WHERE run_id = :run_id ORDER BY id"
)
_RELEASE = text("DELETE FROM reservations WHERE run_id = :run_id")
_INSERT = text(
    "INSERT INTO reservations (run_id, counter, subject, currency, amount_minor, at_us) "
    "VALUES (:run_id, :counter, :subject, :currency, :amount_minor, :at_us)"
)
_KEEP = text(
    "INSERT INTO reservations (id, run_id, counter, subject, currency, amount_minor, at_us) "
    "VALUES (:id, :run_id, :counter, :subject, :currency, :amount_minor, :at_us)"
)
_DATE = text("UPDATE reservations SET at_us = :at_us WHERE run_id = :run_id")
_FORGET = text(
    "DELETE FROM reservations "
    "WHERE counter = :counter AND subject = :subject AND at_us <= :at_us AND run_id <> :run_id"
)

_Group = tuple[str, str]  # counter and subject


def tally(
    cx: Connection,
    run_id: str,
    counter: str,
    subjects: Collection[str],
    currency: str,
    since: datetime,
) -> Tally:
    """What other runs reserved before this run did (all of it where it has not) and have not done
    or did after `since`.

    `subjects` are the names of one and the same: a person's ids before and after a merge. The count
    is over all currencies, the sum over `currency` alone.
    """
    row = cx.execute(
        _TALLY,
        {
            "run_id": run_id,
            "counter": counter,
            "subjects": sorted(subjects),
            "currency": currency,
            "since": to_us(since),
        },
    ).one()
    return Tally(count=int(row.number), sum_minor=int(row.sum_minor))


def replace(tx: Connection, run_id: str, wanted: Sequence[Reservation], at: datetime) -> None:
    """The run reserves this and nothing else from now (`at`) until it is done or comes to nothing.

    Where it asks for no more than before it keeps its place before others; where it asks for more
    it goes behind them, so that a small early request holds no place for a large one.
    """
    known: dict[_Group, list[tuple[int, Reservation]]] = defaultdict(list)
    for row in tx.execute(_OF_RUN, {"run_id": run_id}):
        old = Reservation(
            counter=row.counter,
            subject=row.subject,
            currency=row.currency,
            amount_minor=row.amount_minor,
        )
        known[row.counter, row.subject].append((row.id, old))
    tx.execute(_RELEASE, {"run_id": run_id})
    for group, reservations in _grouped(wanted).items():
        rows = [_row(run_id, r) for r in reservations]
        before = known.get(group, [])
        if before and _is_within(reservations, [old for _, old in before]):
            ids = [{"id": number} for number, _ in before]
            tx.execute(_KEEP, [id_ | row for id_, row in zip(ids, rows, strict=False)])
        else:
            tx.execute(_INSERT, rows)
        tx.execute(_FORGET, {**rows[0], "at_us": to_us(at - KEPT)})


def release(tx: Connection, run_id: str) -> None:
    """The run reserves nothing any more: nothing of it was or remains done."""
    tx.execute(_RELEASE, {"run_id": run_id})


def date(tx: Connection, run_id: str, at: datetime) -> None:
    """What the run reserved happened at this time."""
    tx.execute(_DATE, {"run_id": run_id, "at_us": to_us(at)})


def of_run(cx: Connection, run_id: str) -> tuple[Reservation, ...]:
    """What a run reserves now, in the order of its places."""
    rows = cx.execute(_OF_RUN, {"run_id": run_id}).mappings()
    return tuple(
        Reservation.model_validate({k: v for k, v in r.items() if k != "id"}) for r in rows
    )


def _grouped(wanted: Iterable[Reservation]) -> dict[_Group, list[Reservation]]:
    groups: dict[_Group, list[Reservation]] = defaultdict(list)
    for reservation in wanted:
        groups[reservation.counter, reservation.subject].append(reservation)
    return groups


def _is_within(now: Sequence[Reservation], before: Sequence[Reservation]) -> bool:
    """Whether neither the number nor any currency's sum grew."""
    return len(now) <= len(before) and _sums(now) <= _sums(before)


def _sums(reservations: Iterable[Reservation]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for reservation in reservations:
        sums[reservation.currency] += reservation.amount_minor
    return sums


def _row(run_id: str, reservation: Reservation) -> dict[str, object]:
    return {"run_id": run_id, "at_us": OPEN_US, **reservation.model_dump()}

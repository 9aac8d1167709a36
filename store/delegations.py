"""Who decides for whom while they are away: kept until they end, bounded when they are made.

Both ends are read by the ids that people are known by now. What two accounts of one human gave each
other was found to be nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, text

from store.clock import to_us
from store.errors import DelegationError
from store.identity import all_ids, present, presents
from store.model.person import Delegation
from store.sequences import next_number

DAYS_MAX = 30  # days that one delegation may last; whoever is away longer is replaced in the bundle
LIVE_MAX = 20  # delegations that one person may have given and that have not ended
HELD_MAX = 20  # that one person may hold; each is looked into at every click of theirs
AHEAD_DAYS_MAX = 90  # days ahead that one may be made

_ADD = text(
    "INSERT INTO delegations (id, from_id, to_id, ends_at_us, body) "
    "VALUES (:id, :from_id, :to_id, :ends_at_us, :body)"
)
_END = text("UPDATE delegations SET ends_at_us = :ends_at_us, body = :body WHERE id = :id")
_GET = text("SELECT body FROM delegations WHERE id = :id")
_TO = text(
    "SELECT body FROM delegations WHERE to_id IN :ids AND ends_at_us > :now ORDER BY ends_at_us, id"
).bindparams(bindparam("ids", expanding=True))
_FROM = text(
    "SELECT body FROM delegations WHERE from_id IN :ids AND ends_at_us > :now "
    "ORDER BY ends_at_us, id"
).bindparams(bindparam("ids", expanding=True))
_OPEN = text("SELECT body FROM delegations WHERE ends_at_us > :now ORDER BY ends_at_us, id")


def add(tx: Connection, wanted: Delegation, now: datetime) -> Delegation:
    """Keeps a delegation under an id of its own ("D-1001"), whatever id it came with.

    Raises DelegationError where it lasts too long, is over already, starts after it ends, is one
    too many, or is to oneself by whatever account.
    """
    _refuse(tx, wanted, now)
    kept = wanted.model_copy(update={"id": f"D-{next_number(tx, 'delegation')}"})
    row = {
        "id": kept.id,
        "from_id": kept.from_id,
        "to_id": kept.to_id,
        "ends_at_us": to_us(kept.ends_at),
        "body": kept.model_dump_json(),
    }
    tx.execute(_ADD, row)
    return kept


def end(tx: Connection, delegation_id: str, now: datetime) -> Delegation:
    """Ends a delegation now; it is not used from here on. Raises DelegationError for an unknown
    one, and for one that has ended already."""
    found = get(tx, delegation_id)
    if found is None:
        raise DelegationError(f"there is no delegation {delegation_id}; `assent people list` shows")
    if found.ends_at <= now:
        ended_at = f"{found.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        raise DelegationError(f"{delegation_id} ended at {ended_at}")
    ended = found.model_copy(update={"ends_at": now, "starts_at": min(found.starts_at, now)})
    row = {"id": ended.id, "ends_at_us": to_us(now), "body": ended.model_dump_json()}
    tx.execute(_END, row)
    return ended


def get(cx: Connection, delegation_id: str) -> Delegation | None:
    """A delegation, over or not; None for an unknown id."""
    body = cx.execute(_GET, {"id": delegation_id}).scalar()
    return None if body is None else _present(cx, (str(body),))[0]


def live_for(cx: Connection, to_id: str, now: datetime) -> tuple[Delegation, ...]:
    """What absent people let this one decide at this moment, what ends first first."""
    return tuple(
        one
        for one in _held(cx, to_id, now)
        if one.starts_at <= now < one.ends_at and one.from_id != one.to_id
    )


def given_by(cx: Connection, from_id: str, now: datetime) -> tuple[Delegation, ...]:
    """What a person has delegated and has not ended, what is yet to start included."""
    rows = cx.execute(_FROM, {"ids": all_ids(cx, from_id), "now": to_us(now)}).scalars()
    return _present(cx, rows)


def open_at(cx: Connection, now: datetime) -> tuple[Delegation, ...]:
    """Every delegation that has not ended, what is yet to start included."""
    return _present(cx, cx.execute(_OPEN, {"now": to_us(now)}).scalars())


def _held(cx: Connection, to_id: str, now: datetime) -> tuple[Delegation, ...]:
    rows = cx.execute(_TO, {"ids": all_ids(cx, to_id), "now": to_us(now)}).scalars()
    return _present(cx, rows)


def _refuse(cx: Connection, wanted: Delegation, now: datetime) -> None:
    lasts = wanted.ends_at - wanted.starts_at
    if present(cx, wanted.from_id) == present(cx, wanted.to_id):
        raise DelegationError(
            f"{wanted.from_name} cannot stand in for themselves; name another person"
        )
    if lasts <= timedelta():
        raise DelegationError("a delegation starts before it ends; give a later end")
    if wanted.ends_at <= now:
        raise DelegationError("that time is past already; give a later end")
    if lasts > timedelta(days=DAYS_MAX):
        raise DelegationError(f"a delegation lasts at most {DAYS_MAX} days; give an earlier end")
    if wanted.starts_at > now + timedelta(days=AHEAD_DAYS_MAX):
        raise DelegationError(f"a delegation starts at most {AHEAD_DAYS_MAX} days from now")
    if len(_held(cx, wanted.to_id, now)) >= HELD_MAX:
        raise DelegationError(
            f"{wanted.to_name} decides for {HELD_MAX} people already; name somebody else"
        )
    if len(given_by(cx, wanted.from_id, now)) >= LIVE_MAX:
        raise DelegationError(
            f"{wanted.from_name} has {LIVE_MAX} delegations that have not ended; end some first"
        )


def _present(cx: Connection, bodies: Iterable[str]) -> tuple[Delegation, ...]:
    found = tuple(Delegation.model_validate_json(body) for body in bodies)
    known = presents(cx, {person for one in found for person in (one.from_id, one.to_id)})
    return tuple(
        one.model_copy(update={"from_id": known[one.from_id], "to_id": known[one.to_id]})
        for one in found
    )

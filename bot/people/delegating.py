"""Giving and ending a delegation: what is stored and what the ledger says of it, in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.recording import Recorder
from store import delegations
from store.model.entry import Entry, Kind
from store.model.person import Delegation
from store.model.values import format_money

_DAY = len("2026-12-01")


@dataclass(frozen=True)
class By:
    """Who gives or ends a delegation: the absent person by id, or an operator by what they call
    themselves."""

    actor: str
    name: str = ""


def operator(name: str) -> By:
    """Somebody at the terminal."""
    return By("operator", name)


def give(
    tx: Connection, recorder: Recorder, wanted: Delegation, by: By, now: datetime
) -> Delegation:
    """Keeps a delegation, under the id that it was given. Raises DelegationError."""
    kept = delegations.add(tx, wanted, now)
    recorder.append(tx, _entry("given", kept, by))
    return kept


def end(
    tx: Connection, recorder: Recorder, delegation_id: str, by: By, now: datetime
) -> Delegation:
    """Ends a delegation now. Raises DelegationError for one that is over or unknown."""
    ended = delegations.end(tx, delegation_id, now)
    recorder.append(tx, _entry("ended", ended, by))
    return ended


def start_of(day: str, zone: str) -> datetime | None:
    """When "2026-12-01" begins in a time zone, or the very moment of a time with its offset; None
    for what is neither."""
    if (ends_at := end_of(day, zone)) is None or len(day) != _DAY:
        return ends_at
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))


def end_of(day: str, zone: str) -> datetime | None:
    """When "2026-12-01" is over in a time zone, or the very moment of a time with its offset;
    None for what is neither."""
    try:
        moment = datetime.fromisoformat(day)
        if len(day) == _DAY:
            return (moment + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def reach(delegation: Delegation) -> str:
    """ "support-leads, refund only, up to 500.00 USD": what a delegation reaches."""
    amounts = [format_money(minor, c) for c, minor in sorted(delegation.amounts_minor.items())]
    parts = [", ".join(delegation.roles) or "every role that they hold"]
    if delegation.workflows:
        parts.append(f"{', '.join(delegation.workflows)} only")
    if amounts:
        parts.append(f"up to {' or '.join(amounts)}")
    return "; ".join(parts)


def _entry(act: str, delegation: Delegation, by: By) -> Entry:
    return Entry(
        kind=Kind.DELEGATION,
        run_id="",
        actor=by.actor,
        data={
            "act": act,
            "delegation": delegation.id,
            "from": delegation.from_id,
            "to": delegation.to_id,
            "roles": list(delegation.roles),
            "workflows": list(delegation.workflows),
            "amounts_minor": dict(delegation.amounts_minor),
            "starts_at": delegation.starts_at.isoformat(),
            "ends_at": delegation.ends_at.isoformat(),
        },
        sensitive={
            "from_name": delegation.from_name,
            "to_name": delegation.to_name,
            "because": delegation.because,
            **({"by": by.name} if by.name else {}),
        },
    )

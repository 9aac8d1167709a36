"""`assent people`: who is one human, who decides for whom; beside a running bot or without one.

People are named by ids alone ("P-1001", the bundle's name for them, "slack:U0DANA"): what a chat
shows as a name can be anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from bot.auditing import existing_store
from bot.bootstrap import utc_now
from bot.catalogue import load_catalogue
from bot.errors import CommandError
from bot.people import delegating
from bot.recording import Recorder
from bot.settings import Settings
from policies.bundle import Bundle
from store import declared_people, delegations, people
from store.model.person import Account, Delegation
from store.model.values import CURRENCY_EXPONENTS, INT_MAX

LISTED_MAX = 5_000  # people of one list
_AMOUNT = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))? ?([A-Z]{3})")


@dataclass(frozen=True)
class Wanted:
    """A delegation as an operator asks for it: ids, names of roles and workflows, times and amounts
    as they were typed; `starts` empty means now."""

    absent: str
    to: str
    until: str
    starts: str
    roles: tuple[str, ...]
    workflows: tuple[str, ...]
    amounts: tuple[str, ...]
    because: str


def list_all(state: Path) -> str:
    """Everybody known, one line each, with whom they let decide."""
    now = utc_now()
    with existing_store(state) as (_, db), db.read() as cx:
        keys = declared_people.keys(cx)
        ids = people.everybody(cx, LISTED_MAX)
        lines = [_line(cx, person_id, keys.get(person_id, "")) for person_id in ids]
        lines += ["", *(_delegation(one, now) for one in delegations.open_at(cx, now))]
    return "\n".join(lines).strip() or "Nobody has been seen yet, and the bundle declares nobody."


def show(state: Path, name: str) -> str:
    """One person: accounts, ids that were merged, delegations given and held."""
    now = utc_now()
    with existing_store(state) as (_, db), db.read() as cx:
        person_id = _person(cx, name)
        merged = declared_people.merged_into(cx, person_id)
        lines = [f"{person_id}  {_legible(people.name(cx, person_id))}"]
        if key := declared_people.keys(cx).get(person_id):
            lines.append(f"  in the bundle: {key}")
        if merged:
            lines.append(f"  the same human as: {', '.join(merged)}")
        seen = people.accounts_of(cx, person_id)
        lines += [f"  account {_account(one)}" for one in seen]
        lines += [
            f"  account {_account(one)} (in the bundle, not seen yet)"
            for one in declared_people.accounts_of(cx, person_id, "")
            if one not in seen
        ]
        lines += [f"  {_delegation(d, now)}" for d in delegations.given_by(cx, person_id, now)]
        lines += [f"  {_delegation(d, now)}" for d in delegations.live_for(cx, person_id, now)]
    return "\n".join(lines)


def delegate(state: Path, wanted: Wanted, by: str) -> str:
    """Lets somebody decide for an absent person. Raises CommandError and DelegationError."""
    now = utc_now()
    with existing_store(state) as (settings, db):
        bundle = _bundle(settings)
        _known("role", wanted.roles, tuple(bundle.settings.roles))
        _known("workflow", wanted.workflows, tuple(bundle.workflows))
        zone = bundle.settings.digest.time_zone
        starts_at = _moment(wanted.starts, zone, now, is_start=True)
        ends_at = _moment(wanted.until, zone, now, is_start=False)
        amounts_minor = dict(_amount(text) for text in wanted.amounts)
        with db.begin() as tx:
            from_id, to_id = _person(tx, wanted.absent), _person(tx, wanted.to)
            asked = Delegation(
                id="",
                from_id=from_id,
                from_name=people.name(tx, from_id),
                to_id=to_id,
                to_name=people.name(tx, to_id),
                roles=wanted.roles,
                workflows=wanted.workflows,
                amounts_minor=amounts_minor,
                starts_at=starts_at,
                ends_at=ends_at,
                because=wanted.because,
            )
            recorder = Recorder(utc_now)
            kept = delegating.give(tx, recorder, asked, delegating.operator(by), now)
    return _delegation(kept, now)


def end(state: Path, delegation_id: str, by: str) -> str:
    """Ends a delegation now. Raises DelegationError for one that is over or unknown."""
    now = utc_now()
    with existing_store(state) as (_, db), db.begin() as tx:
        recorder = Recorder(utc_now)
        ended = delegating.end(tx, recorder, delegation_id, delegating.operator(by), now)
    names = f"{_legible(ended.to_name)} no longer decides for {_legible(ended.from_name)}"
    return f"{ended.id} is ended; {names}."


def _line(cx: Connection, person_id: str, key: str) -> str:
    accounts = ", ".join(_account(account) for account in people.accounts_of(cx, person_id))
    name = _legible(people.name(cx, person_id))
    return f"{person_id:<8} {key or '-':<20} {name:<28} {accounts or 'never seen'}"


def _account(account: Account) -> str:
    refusal = f" ({account.refusal})" if account.refusal else ""
    return f"{account.surface}:{account.user}{refusal}"


def _delegation(one: Delegation, now: datetime) -> str:
    when = f"until {one.ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if one.starts_at > now:
        when = f"from {one.starts_at.astimezone(UTC):%Y-%m-%d %H:%M} {when}"
    who = f"{_legible(one.to_name)} ({one.to_id}) for {_legible(one.from_name)} ({one.from_id})"
    because = f", because {_legible(one.because)}" if one.because else ""
    return f"{one.id}  {who}: {delegating.reach(one)}; {when}{because}"


def _person(cx: Connection, name: str) -> str:
    found = declared_people.named(cx, name)
    if found is None:
        raise CommandError(
            f"there is no person {name}; `assent people list` names them as P-1001, by the"
            " bundle's name for them, or by an account as slack:U0DANA"
        )
    return found


def _known(what: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise CommandError(f"the bundle has no {what} {name}; it has {', '.join(known)}")


def _bundle(settings: Settings) -> Bundle:
    return load_catalogue(settings.bundle, settings.environment, {}).bundle


def _moment(text: str, zone: str, now: datetime, *, is_start: bool) -> datetime:
    if is_start and not text:
        return now
    found = delegating.start_of(text, zone) if is_start else delegating.end_of(text, zone)
    if found is None:
        raise CommandError(f"{text} is no time; write 2026-12-01, or 2026-12-01T18:00+01:00")
    return found


def _amount(text: str) -> tuple[str, int]:
    """ "500.00USD" in minor units, by its currency."""
    found = _AMOUNT.fullmatch(text.strip())
    currency = found[3] if found else ""
    exponent = CURRENCY_EXPONENTS.get(currency, 0)
    cents = (found[2] or "") if found else ""
    if found is None or currency not in CURRENCY_EXPONENTS or len(cents) > exponent:
        raise CommandError(f"{text} is no amount; write 500.00USD, or 15000JPY")
    minor = int(found[1] + cents.ljust(exponent, "0"))
    if minor > INT_MAX:
        raise CommandError(f"{text} is more than I can count; leave the limit out")
    return currency, minor


def _legible(text: str) -> str:
    """A name for a terminal: what is not printable is written out."""
    return text if text.isprintable() else repr(text)

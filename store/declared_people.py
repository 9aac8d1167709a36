"""The people that a bundle declares, and what follows for whom accounts belong to.

Nothing here ever makes one human of two into two by silence:

- Accounts of one declared person are one human. People who were seen apart are merged; what each
  did before counts as that one human's from this moment, in runs that wait as well.
- Who is declared keeps their id for as long as their name in the bundle stays.
- An account that is left out of the bundle stays whose it was. A name that is gone while another
  one takes its account is merged into that one: nothing tells a renaming from a re-use, and one
  human fewer is the safer reading.
- An account that moves from one declared person to another who are both declared belongs to the
  new one in everything from now on. What was asked and approved with it before stays the former
  one's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from store import identity, people
from store.model.person import Account, Declared

AccountKey = tuple[str, str]  # surface and user id

_BEFORE = text("SELECT surface, user_id, declared, person_id FROM declared_accounts")
_FORGET = text("DELETE FROM declared_accounts")
_DECLARE = text(
    "INSERT INTO declared_accounts (surface, user_id, declared, person_id) "
    "VALUES (:surface, :user, :declared, :person_id)"
)
_OF_PERSON = text(
    "SELECT surface, user_id FROM declared_accounts WHERE person_id = :id ORDER BY surface, user_id"
)
_ACCOUNTS = text("SELECT surface, user_id, person_id, body FROM accounts ORDER BY person_id")
_NAMED = text("SELECT person_id FROM declared_accounts WHERE declared = :key LIMIT 1")
_ACCOUNT_OF = text(
    "SELECT person_id FROM declared_accounts WHERE surface = :surface AND user_id = :user"
)


@dataclass(frozen=True)
class Joined:
    """What a declaration changed for one human: `merged` are the ids that mean them from now on,
    `moved` their accounts that were another declared person's, as (account, former id)."""

    key: str
    person_id: str
    merged: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]


@dataclass
class _Known:
    """What the store knows before a declaration."""

    keys: Mapping[str, str]  # declared before -> id
    owners: Mapping[AccountKey, str]  # account -> id of the human it belongs to
    seen: Mapping[AccountKey, tuple[Account, ...]]
    claims: dict[str, str] = field(default_factory=dict)  # id -> declared now


def declare(tx: Connection, declared: Iterable[Declared]) -> tuple[Joined, ...]:
    """Makes these the declared people, instead of those before; says what that changed.

    Declaring the same again changes nothing. Callers see to it that an account is declared once.
    """
    wanted = sorted(declared, key=lambda one: one.key)
    known = _known(tx)
    identities = _identities(tx, wanted, known)
    joined = tuple(_join(tx, one, identities[one.key], known) for one in wanted)
    for one in wanted:
        seen = (account for key in one.accounts for account in known.seen.get(key, ()))
        people.show_as_own(tx, identities[one.key], next(seen, _unseen(one)))
    tx.execute(_FORGET)
    rows = [
        {"surface": surface, "user": user, "declared": one.key, "person_id": identities[one.key]}
        for one in wanted
        for surface, user in one.accounts
    ]
    if rows:
        tx.execute(_DECLARE, rows)
    return tuple(one for one in joined if one.merged or one.moved)


def named(cx: Connection, name: str) -> str | None:
    """The id of a person by what names them: "P-1001", the bundle's name for them, or a declared or
    seen account as "slack:U0DANA". Never by what a chat shows. None for nobody."""
    if (by_key := cx.execute(_NAMED, {"key": name}).scalar()) is not None:
        return str(by_key)
    surface, _, user = name.partition(":")
    key = {"surface": surface, "user": user}
    if user and (by_account := cx.execute(_ACCOUNT_OF, key).scalar()) is not None:
        return str(by_account)
    if user and (seen := people.own_account(cx, surface, user)) is not None:
        return seen
    return identity.present(cx, name) if people.is_known(cx, name) else None


def keys(cx: Connection) -> Mapping[str, str]:
    """The bundle's name for each declared person, by their id."""
    return {row.person_id: row.declared for row in cx.execute(_BEFORE)}


def accounts_of(cx: Connection, person_id: str, team: str) -> tuple[Account, ...]:
    """Every account of a person: as last seen, and as declared where it was never seen. A
    declaration names no team, so an account of it is looked for in `team`."""
    seen = people.accounts_of(cx, person_id)
    known = {(account.surface, account.user) for account in seen}
    rows = cx.execute(_OF_PERSON, {"id": person_id}).all()
    unseen = (
        Account(surface=row.surface, team=team, user=row.user_id, display_name=row.user_id)
        for row in rows
        if (row.surface, row.user_id) not in known
    )
    return (*seen, *unseen)


def merged_into(cx: Connection, person_id: str) -> tuple[str, ...]:
    """The ids that were found to mean this person."""
    return identity.all_ids(cx, person_id)[1:]


def _known(cx: Connection) -> _Known:
    keys: dict[str, str] = {}
    owners: dict[AccountKey, str] = {}
    seen: dict[AccountKey, tuple[Account, ...]] = {}
    for row in cx.execute(_BEFORE):
        keys.setdefault(row.declared, row.person_id)
        owners[row.surface, row.user_id] = row.person_id
    for row in cx.execute(_ACCOUNTS):
        account = Account.model_validate_json(row.body)
        if not account.is_stranger:
            key = (row.surface, row.user_id)
            owners[key] = row.person_id
            seen[key] = (*seen.get(key, ()), account)
    return _Known(keys, owners, seen)


def _identities(tx: Connection, wanted: list[Declared], known: _Known) -> dict[str, str]:
    """Whose id each declared person has: their own of before, else the oldest that is free."""
    identities: dict[str, str] = {}
    for one in wanted:
        own = known.keys.get(one.key)
        if own is not None and own not in known.claims:
            identities[one.key] = own
            known.claims[own] = one.key
    for one in wanted:
        if one.key in identities:
            continue
        owners = {known.owners[key] for key in one.accounts if key in known.owners}
        free = sorted(owners - known.claims.keys(), key=_age)
        person_id = free[0] if free else people.new_person(tx, _unseen(one))
        identities[one.key] = person_id
        known.claims[person_id] = one.key
    return identities


def _join(tx: Connection, one: Declared, person_id: str, known: _Known) -> Joined:
    merged: list[str] = []
    moved: list[tuple[str, str]] = []
    for surface, user in one.accounts:
        owner = known.owners.get((surface, user), person_id)
        if owner != person_id and owner not in known.claims and owner not in merged:
            identity.merge(tx, owner, person_id)
            merged.append(owner)
        elif owner != person_id and owner not in merged:
            moved.append((f"{surface}:{user}", owner))
        for account in known.seen.get((surface, user), ()):
            people.link(tx, person_id, account)
    return Joined(one.key, person_id, tuple(merged), tuple(moved))


def _unseen(one: Declared) -> Account:
    """Somebody who was never seen, as the bundle names them."""
    surface, user = one.accounts[0]
    return Account(surface=surface, team="", user=user, display_name=one.name)


def _age(person_id: str) -> int:
    """Ids are given in order."""
    return int(person_id.removeprefix("P-"))

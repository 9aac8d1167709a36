"""People: one human, whatever accounts they have in Slack and Teams.

An account that is seen for the first time is the human's whom the bundle declares with it
(store/declared_people.py), else a new person's. An account of another organisation is never
anybody's of this one, whatever its id.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from store.errors import StoreRefusedError
from store.model.person import Account, Surface
from store.sequences import next_number

_ACCOUNT = text(
    "SELECT person_id, body FROM accounts "
    "WHERE surface = :surface AND team = :team AND user_id = :user"
)
_DECLARED = text(
    "SELECT person_id FROM declared_accounts WHERE surface = :surface AND user_id = :user"
)
_BY_USER = text(
    "SELECT person_id, body FROM accounts WHERE surface = :surface AND user_id = :user "
    "ORDER BY person_id"
)
_OF = text("SELECT body FROM accounts WHERE person_id = :id ORDER BY surface, team, user_id")
_EVERYBODY = text(
    "SELECT id FROM people WHERE id NOT IN (SELECT person_id FROM merged_people) "
    "ORDER BY length(id), id LIMIT :limit"
)
_ADD_PERSON = text("INSERT INTO people (id, account) VALUES (:id, :account)")
_SEE_PERSON = text("UPDATE people SET account = :account WHERE id = :id")
_PERSON = text("SELECT account FROM people WHERE id = :id")
_SET_ACCOUNT = text(
    "INSERT INTO accounts (surface, team, user_id, person_id, body) "
    "VALUES (:surface, :team, :user, :person_id, :body) "
    "ON CONFLICT (surface, team, user_id) DO UPDATE SET person_id = :person_id, body = :body"
)


def person_for(tx: Connection, account: Account) -> str:
    """The stable id ("P-1001") of the human behind an account; a new one for a new account.

    Remembers the account as it was last seen. Writes nothing when it is unchanged.
    """
    body = account.model_dump_json()
    found = tx.execute(_ACCOUNT, _key(account.surface, account.team, account.user)).one_or_none()
    if found is not None and found.body == body:
        return str(found.person_id)
    if found is None or _has_joined(found.body, account):
        person_id = _declared(tx, account) or (found.person_id if found else _new(tx, body))
    else:
        person_id = found.person_id
    tx.execute(_SEE_PERSON, {"id": person_id, "account": body})
    _set_account(tx, person_id, account, body)
    return str(person_id)


def known(cx: Connection, account: Account) -> str | None:
    """The id of the human behind an account that was last seen exactly like this, else None."""
    found = cx.execute(_ACCOUNT, _key(account.surface, account.team, account.user)).one_or_none()
    is_same = found is not None and found.body == account.model_dump_json()
    return str(found.person_id) if found is not None and is_same else None


def owner(cx: Connection, account: Account) -> str | None:
    """The id of the human whose an account is, however it was last seen, or whom the bundle
    declares with it; None for somebody new. As `person_for` would say, without remembering."""
    found = cx.execute(_ACCOUNT, _key(account.surface, account.team, account.user)).one_or_none()
    if found is None or _has_joined(found.body, account):
        return _declared(cx, account)
    return str(found.person_id)


def link(tx: Connection, person_id: str, account: Account) -> None:
    """Say that an account is one more of a person's; it leaves whomever it belonged to.

    Raises StoreRefusedError for a person who does not exist.
    """
    if tx.execute(_PERSON, {"id": person_id}).one_or_none() is None:
        raise StoreRefusedError(f"there is no person {person_id}; link to one who has been seen")
    _set_account(tx, person_id, account, account.model_dump_json())


def account(cx: Connection, surface: Surface, team: str, user: str) -> Account | None:
    """An account as it was last seen, None for one never seen."""
    found = cx.execute(_ACCOUNT, _key(surface, team, user)).one_or_none()
    return None if found is None else Account.model_validate_json(found.body)


def own_account(cx: Connection, surface: str, user: str) -> str | None:
    """Whose an account is, in whatever team it was seen; None for none or a foreign one."""
    for row in cx.execute(_BY_USER, {"surface": surface, "user": user}):
        if not Account.model_validate_json(row.body).is_stranger:
            return str(row.person_id)
    return None


def accounts_of(cx: Connection, person_id: str) -> tuple[Account, ...]:
    """Every account of a person as it was last seen, those of other organisations left out."""
    found = (Account.model_validate_json(b) for b in cx.execute(_OF, {"id": person_id}).scalars())
    return tuple(account for account in found if not account.is_stranger)


def is_known(cx: Connection, person_id: str) -> bool:
    """Whether an id was ever given to somebody."""
    return cx.execute(_PERSON, {"id": person_id}).one_or_none() is not None


def everybody(cx: Connection, limit: int) -> tuple[str, ...]:
    """The ids of people, those that were merged into others left out, oldest first."""
    return tuple(str(i) for i in cx.execute(_EVERYBODY, {"limit": limit}).scalars())


def name(cx: Connection, person_id: str) -> str:
    """The name to show for a person; the id itself for one who is not known."""
    body = cx.execute(_PERSON, {"id": person_id}).scalar()
    return person_id if body is None else Account.model_validate_json(body).display_name


def show_as_own(tx: Connection, person_id: str, own: Account) -> None:
    """Shows a person by `own` where the account that they were shown by is somebody else's now."""
    shown = Account.model_validate_json(tx.execute(_PERSON, {"id": person_id}).scalar_one())
    found = tx.execute(_ACCOUNT, _key(shown.surface, shown.team, shown.user)).one_or_none()
    if found is not None and found.person_id != person_id:
        tx.execute(_SEE_PERSON, {"id": person_id, "account": own.model_dump_json()})


def _has_joined(body: str, account: Account) -> bool:
    """Whether an account of another organisation is one of this organisation's now."""
    return Account.model_validate_json(body).is_stranger and not account.is_stranger


def _declared(cx: Connection, account: Account) -> str | None:
    """Whom the bundle declares an account to belong to, None where it says nothing."""
    if account.is_stranger:
        return None
    key = {"surface": account.surface, "user": account.user}
    found = cx.execute(_DECLARED, key).scalar()
    return None if found is None else str(found)


def new_person(tx: Connection, account: Account) -> str:
    """The id of one more human, shown by the name of this account."""
    return _new(tx, account.model_dump_json())


def _new(tx: Connection, body: str) -> str:
    person_id = f"P-{next_number(tx, 'person')}"
    tx.execute(_ADD_PERSON, {"id": person_id, "account": body})
    return person_id


def _key(surface: Surface, team: str, user: str) -> dict[str, str]:
    return {"surface": surface, "team": team, "user": user}


def _set_account(tx: Connection, person_id: str, account: Account, body: str) -> None:
    key = _key(account.surface, account.team, account.user)
    tx.execute(_SET_ACCOUNT, key | {"person_id": person_id, "body": body})

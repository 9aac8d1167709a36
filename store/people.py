"""People: one human, whatever accounts they have in Slack and Teams."""

from __future__ import annotations

from sqlalchemy import Connection, text

from store.errors import StoreRefusedError
from store.model.person import Account, Surface
from store.sequences import next_number

_ACCOUNT = text(
    "SELECT person_id, body FROM accounts "
    "WHERE surface = :surface AND team = :team AND user_id = :user"
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
    if found is None:
        person_id = f"P-{next_number(tx, 'person')}"
        tx.execute(_ADD_PERSON, {"id": person_id, "account": body})
    elif found.body == body:
        return str(found.person_id)
    else:
        person_id = found.person_id
        tx.execute(_SEE_PERSON, {"id": person_id, "account": body})
    _set_account(tx, person_id, account, body)
    return person_id


def known(cx: Connection, account: Account) -> str | None:
    """The id of the human behind an account that was last seen exactly like this, else None."""
    found = cx.execute(_ACCOUNT, _key(account.surface, account.team, account.user)).one_or_none()
    is_same = found is not None and found.body == account.model_dump_json()
    return str(found.person_id) if found is not None and is_same else None


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


def name(cx: Connection, person_id: str) -> str:
    """The name to show for a person; the id itself for one who is not known."""
    body = cx.execute(_PERSON, {"id": person_id}).scalar()
    return person_id if body is None else Account.model_validate_json(body).display_name


def _key(surface: Surface, team: str, user: str) -> dict[str, str]:
    return {"surface": surface, "team": team, "user": user}


def _set_account(tx: Connection, person_id: str, account: Account, body: str) -> None:
    key = _key(account.surface, account.team, account.user)
    tx.execute(_SET_ACCOUNT, key | {"person_id": person_id, "body": body})

"""Where a surface can be spoken to, and whom it has met there: what a message to it must name.

A surface without stable addresses (Teams) says with each event how its conversation and its sender
are reached; it is kept here, so that a restart forgets nobody. Nothing of it grants anything.

It does not grow for ever: a conversation that the bot was removed from, and a contact who was not
seen again, are forgotten after a time, and past a limit those that were seen longest ago.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Row, text

from store.clock import to_us
from store.model.person import Surface
from store.model.values import Frozen

Kind = Literal["channel", "group", "personal"]

CONTACT_SEEN_SECONDS = 3_600  # a sight younger than this is not written again
CONVERSATION_SEEN_SECONDS = 86_400  # the same of a conversation
GONE_DAYS_MAX = 90  # days that a conversation is kept which the bot was removed from
UNSEEN_DAYS_MAX = 400  # days that a contact is kept who was not seen again: a year and a leave
CONVERSATIONS_MAX = 50_000  # of one surface; those seen longest ago are forgotten first
CONTACTS_PER_CONVERSATION_MAX = 500  # far above the 60 people that a card is drawn for apart


class Conversation(Frozen):
    """A channel, a group chat or somebody's own chat with the bot (`user` says whose), and the
    address of the service that it is reached by."""

    surface: Surface
    team: str
    id: str
    kind: Kind
    service_url: str
    name: str = ""
    user: str = ""


class Contact(Frozen):
    """An account as it was met in a conversation: `address` is what messages name it by."""

    surface: Surface
    team: str
    user: str
    address: str
    service_url: str
    seen_in: str


_GET = text("SELECT * FROM conversations WHERE surface = :surface AND id = :id")
_REMEMBER = text(
    "INSERT INTO conversations "
    "(surface, id, team, kind, service_url, name, user_id, is_gone, seen_at_us) "
    "VALUES (:surface, :id, :team, :kind, :service_url, :name, :user, 0, :now) "
    "ON CONFLICT (surface, id) DO UPDATE SET team = :team, kind = :kind, "
    "service_url = :service_url, name = :name, user_id = :user, is_gone = 0, seen_at_us = :now"
)
_PERSONAL = text(
    "SELECT * FROM conversations WHERE surface = :surface AND user_id = :user "
    "AND kind = 'personal' AND is_gone = 0 ORDER BY seen_at_us DESC, id LIMIT 1"
)
_SHARED = text(
    "SELECT * FROM conversations WHERE surface = :surface AND kind <> 'personal' "
    "AND is_gone = 0 ORDER BY seen_at_us DESC, id LIMIT :limit"
)
_LEAVE = text(
    "UPDATE conversations SET is_gone = 1, seen_at_us = :now "
    "WHERE surface = :surface AND id = :id AND is_gone = 0"
)
_FORGET_GONE = text(
    "DELETE FROM conversations WHERE surface = :surface AND is_gone = 1 AND seen_at_us < :before"
)
_FORGET_OLDEST = text(
    "DELETE FROM conversations WHERE surface = :surface AND id IN (SELECT old.id "
    "FROM conversations old WHERE old.surface = :surface "
    "ORDER BY old.seen_at_us DESC, old.id LIMIT :limit OFFSET :kept)"
)
_MET = text(
    "SELECT * FROM contacts WHERE surface = :surface AND conversation = :seen_in "
    "AND user_id = :user"
)
_MEET = text(
    "INSERT INTO contacts (surface, conversation, user_id, team, address, service_url, seen_at_us) "
    "VALUES (:surface, :seen_in, :user, :team, :address, :service_url, :now) "
    "ON CONFLICT (surface, conversation, user_id) DO UPDATE SET team = :team, "
    "address = :address, service_url = :service_url, seen_at_us = :now"
)
_CONTACT = text(
    "SELECT * FROM contacts WHERE surface = :surface AND user_id = :user "
    "ORDER BY seen_at_us DESC, conversation LIMIT 1"
)
_SEEN_IN = text(
    "SELECT * FROM contacts WHERE surface = :surface AND conversation = :conversation "
    "ORDER BY seen_at_us DESC, user_id LIMIT :limit"
)
_FORGET_UNSEEN = text("DELETE FROM contacts WHERE surface = :surface AND seen_at_us < :before")
_FORGET_OLDEST_SEEN = text(
    "DELETE FROM contacts WHERE surface = :surface AND conversation = :seen_in AND user_id IN ("
    "SELECT old.user_id FROM contacts old "
    "WHERE old.surface = :surface AND old.conversation = :seen_in "
    "ORDER BY old.seen_at_us DESC, old.user_id LIMIT :limit OFFSET :kept)"
)
FORGOTTEN_AT_ONCE_MAX = 1_000  # rows past a limit that one write takes away


def remember(tx: Connection, conversation: Conversation, now: datetime) -> None:
    """Keep a conversation as it was just seen; one that the bot had left is open again.

    Writes nothing when `is_remembered` says that it is known like this.
    """
    if is_remembered(tx, conversation, now):
        return
    tx.execute(_REMEMBER, conversation.model_dump() | {"now": to_us(now)})
    surface = {"surface": conversation.surface}
    tx.execute(_FORGET_GONE, surface | {"before": to_us(now - timedelta(days=GONE_DAYS_MAX))})
    tx.execute(
        _FORGET_OLDEST, surface | {"kept": CONVERSATIONS_MAX, "limit": FORGOTTEN_AT_ONCE_MAX}
    )


def is_remembered(cx: Connection, conversation: Conversation, now: datetime) -> bool:
    """Whether a conversation is known exactly like this, open, and was seen lately: then there is
    nothing to write, and a caller need not wait for its turn to."""
    row = cx.execute(_GET, conversation.model_dump()).one_or_none()
    return (
        row is not None
        and not row.is_gone
        and to_us(now) - row.seen_at_us < CONVERSATION_SEEN_SECONDS * 1_000_000
        and _conversation(row) == conversation
    )


def get(cx: Connection, surface: str, id: str) -> Conversation | None:  # noqa: A002
    """A conversation as it was last seen, whether the bot was removed or not; None for none."""
    row = cx.execute(_GET, {"surface": surface, "id": id}).one_or_none()
    return None if row is None else _conversation(row)


def personal_of(cx: Connection, surface: str, user: str) -> Conversation | None:
    """Somebody's own chat with the bot, None where there is none or it was removed there."""
    row = cx.execute(_PERSONAL, {"surface": surface, "user": user}).one_or_none()
    return None if row is None else _conversation(row)


def shared_lately(cx: Connection, surface: str, limit: int) -> tuple[Conversation, ...]:
    """The channels and group chats that the bot is in, the one seen last first."""
    rows = cx.execute(_SHARED, {"surface": surface, "limit": limit}).all()
    return tuple(map(_conversation, rows))


def leave(tx: Connection, surface: str, id: str, now: datetime) -> None:  # noqa: A002
    """Say that the bot was removed from a conversation. One that is not known stays so."""
    tx.execute(_LEAVE, {"surface": surface, "id": id, "now": to_us(now)})


def is_gone(cx: Connection, surface: str, id: str) -> bool:  # noqa: A002
    """Whether the bot is known to have been removed from a conversation."""
    row = cx.execute(_GET, {"surface": surface, "id": id}).one_or_none()
    return row is not None and bool(row.is_gone)


def meet(tx: Connection, contact: Contact, now: datetime) -> None:
    """Keep how an account is reached, as it was just seen in a conversation.

    Writes nothing when `is_met` says that it is known like this.
    """
    if is_met(tx, contact, now):
        return
    row = contact.model_dump()
    tx.execute(_MEET, row | {"now": to_us(now)})
    before = to_us(now - timedelta(days=UNSEEN_DAYS_MAX))
    tx.execute(_FORGET_UNSEEN, {"surface": contact.surface, "before": before})
    kept = {"kept": CONTACTS_PER_CONVERSATION_MAX, "limit": FORGOTTEN_AT_ONCE_MAX}
    tx.execute(_FORGET_OLDEST_SEEN, row | kept)


def is_met(cx: Connection, contact: Contact, now: datetime) -> bool:
    """Whether an account is known exactly like this and was seen there within the hour."""
    row = cx.execute(_MET, contact.model_dump()).one_or_none()
    return (
        row is not None
        and to_us(now) - row.seen_at_us < CONTACT_SEEN_SECONDS * 1_000_000
        and _contact(row) == contact
    )


def contact(cx: Connection, surface: str, user: str) -> Contact | None:
    """How an account is reached, as it was last seen anywhere; None for one never met."""
    row = cx.execute(_CONTACT, {"surface": surface, "user": user}).one_or_none()
    return None if row is None else _contact(row)


def seen_in(cx: Connection, surface: str, conversation: str, limit: int) -> tuple[Contact, ...]:
    """Who was met in a conversation, whoever was seen last first."""
    parameters = {"surface": surface, "conversation": conversation, "limit": limit}
    return tuple(map(_contact, cx.execute(_SEEN_IN, parameters).all()))


def _conversation(row: Row[tuple[object, ...]]) -> Conversation:
    return Conversation(
        surface=row.surface,
        team=row.team,
        id=row.id,
        kind=row.kind,
        service_url=row.service_url,
        name=row.name,
        user=row.user_id,
    )


def _contact(row: Row[tuple[object, ...]]) -> Contact:
    return Contact(
        surface=row.surface,
        team=row.team,
        user=row.user_id,
        address=row.address,
        service_url=row.service_url,
        seen_in=row.conversation,
    )

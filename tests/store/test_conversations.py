"""How a surface is reached is kept over restarts, written only when it changes, and forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from store import conversations
from store.conversations import Contact, Conversation
from store.database import Database

CHANNEL = Conversation(
    surface="teams",
    team="tenant",
    id="19:supportops@thread.tacv2",
    kind="channel",
    service_url="https://smba.example/emea/",
    name="support-ops",
)
PERSONAL = Conversation(
    surface="teams",
    team="tenant",
    id="a:dana",
    kind="personal",
    service_url="https://smba.example/emea/",
    user="dana-guid",
)


def contact(user: str = "dana-guid", seen_in: str = CHANNEL.id, address: str = "") -> Contact:
    return Contact(
        surface="teams",
        team="tenant",
        user=user,
        address=address or f"29:{user}",
        service_url="https://smba.example/emea/",
        seen_in=seen_in,
    )


def stamp(cx: Connection, table: str) -> list[int]:
    rows = cx.execute(text(f"SELECT seen_at_us FROM {table} ORDER BY seen_at_us"))
    return [row.seen_at_us for row in rows]


def test_a_conversation_is_read_as_it_was_last_seen(db: Database, now: datetime) -> None:
    moved = CHANNEL.model_copy(update={"service_url": "https://smba.example/amer/"})
    with db.begin() as tx:
        assert conversations.get(tx, "teams", CHANNEL.id) is None
        conversations.remember(tx, CHANNEL, now)
        assert conversations.get(tx, "teams", CHANNEL.id) == CHANNEL
        conversations.remember(tx, moved, now)
    with db.read() as cx:
        assert conversations.get(cx, "teams", CHANNEL.id) == moved
        assert conversations.get(cx, "slack", CHANNEL.id) is None


def test_what_is_known_is_not_written_again(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        conversations.remember(tx, CHANNEL, now)
        conversations.meet(tx, contact(), now)
        written = stamp(tx, "conversations"), stamp(tx, "contacts")
        later = now + timedelta(minutes=59)
        assert conversations.is_remembered(tx, CHANNEL, later)
        assert conversations.is_met(tx, contact(), later)
        conversations.remember(tx, CHANNEL, later)
        conversations.meet(tx, contact(), later)
        assert (stamp(tx, "conversations"), stamp(tx, "contacts")) == written


def test_a_sight_of_long_ago_is_written_anew(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        conversations.remember(tx, CHANNEL, now)
        conversations.meet(tx, contact(), now)
        written = stamp(tx, "conversations"), stamp(tx, "contacts")
        conversations.meet(tx, contact(), now + timedelta(hours=1))
        conversations.remember(tx, CHANNEL, now + timedelta(days=1))
        assert stamp(tx, "contacts")[0] > written[1][0]
        assert stamp(tx, "conversations")[0] > written[0][0]


def test_a_removed_bot_is_known_to_be_gone_until_it_is_added_again(
    db: Database, now: datetime
) -> None:
    with db.begin() as tx:
        conversations.leave(tx, "teams", CHANNEL.id, now)
        assert not conversations.is_gone(tx, "teams", CHANNEL.id), "it was never there"
        conversations.remember(tx, CHANNEL, now)
        conversations.leave(tx, "teams", CHANNEL.id, now)
        assert conversations.is_gone(tx, "teams", CHANNEL.id)
        assert not conversations.is_remembered(tx, CHANNEL, now)
        conversations.remember(tx, CHANNEL, now)
        assert not conversations.is_gone(tx, "teams", CHANNEL.id)


def test_a_persons_own_chat_is_found_while_it_lasts(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        conversations.remember(tx, CHANNEL.model_copy(update={"user": "dana-guid"}), now)
        assert conversations.personal_of(tx, "teams", "dana-guid") is None, "a channel is nobody's"
        conversations.remember(tx, PERSONAL, now)
        assert conversations.personal_of(tx, "teams", "dana-guid") == PERSONAL
        assert conversations.personal_of(tx, "teams", "lee-guid") is None
        conversations.leave(tx, "teams", PERSONAL.id, now)
        assert conversations.personal_of(tx, "teams", "dana-guid") is None


def test_whoever_was_seen_last_in_a_conversation_comes_first(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        for minutes, user in enumerate(("dana", "lee", "ann")):
            conversations.meet(tx, contact(user), now + timedelta(minutes=minutes))
        conversations.meet(tx, contact("mira", "19:other@thread.tacv2"), now)
        found = conversations.seen_in(tx, "teams", CHANNEL.id, 2)
    assert [one.user for one in found] == ["ann", "lee"]


def test_a_contact_is_one_in_each_conversation_they_are_seen_in(
    db: Database, now: datetime
) -> None:
    elsewhere = contact("dana", "19:other@thread.tacv2", "29:new")
    with db.begin() as tx:
        conversations.meet(tx, contact("dana"), now)
        conversations.meet(tx, elsewhere, now + timedelta(minutes=1))
        assert conversations.contact(tx, "teams", "dana") == elsewhere
        assert conversations.seen_in(tx, "teams", CHANNEL.id, 60) == (contact("dana"),)
        assert conversations.contact(tx, "teams", "nobody") is None


def test_what_is_gone_or_unseen_for_long_is_forgotten(db: Database, now: datetime) -> None:
    later = now + timedelta(days=conversations.UNSEEN_DAYS_MAX + 1)
    with db.begin() as tx:
        conversations.remember(tx, CHANNEL, now)
        conversations.leave(tx, "teams", CHANNEL.id, now)
        conversations.meet(tx, contact("dana"), now)
        conversations.remember(tx, PERSONAL, later)
        conversations.meet(tx, contact("lee"), later)
        assert conversations.get(tx, "teams", CHANNEL.id) is None
        assert conversations.contact(tx, "teams", "dana") is None
        assert conversations.get(tx, "teams", PERSONAL.id) == PERSONAL


def test_past_a_limit_the_longest_unseen_are_forgotten(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "CONVERSATIONS_MAX", 2)
    monkeypatch.setattr(conversations, "CONTACTS_PER_CONVERSATION_MAX", 2)
    with db.begin() as tx:
        for minutes in range(4):
            at = now + timedelta(minutes=minutes)
            one = CHANNEL.model_copy(update={"id": f"19:{minutes}@thread.tacv2"})
            conversations.remember(tx, one, at)
            conversations.meet(tx, contact(f"user-{minutes}"), at)
        kept = [i for i in range(4) if conversations.get(tx, "teams", f"19:{i}@thread.tacv2")]
        assert kept == [2, 3]
        found = conversations.seen_in(tx, "teams", CHANNEL.id, 60)
        assert [one.user for one in found] == ["user-3", "user-2"]


def test_shared_places_are_those_that_the_bot_is_in_the_latest_first(
    db: Database, now: datetime
) -> None:
    group = CHANNEL.model_copy(update={"id": "19:returns@thread.v2", "kind": "group"})
    left = CHANNEL.model_copy(update={"id": "19:left@thread.tacv2"})
    with db.begin() as tx:
        for number, each in enumerate((CHANNEL, group, left, PERSONAL)):
            conversations.remember(tx, each, now + timedelta(seconds=number))
        conversations.leave(tx, "teams", left.id, now)
        assert conversations.shared_lately(tx, "teams", 5) == (group, CHANNEL)
        assert conversations.shared_lately(tx, "teams", 1) == (group,)
        assert conversations.shared_lately(tx, "slack", 5) == ()

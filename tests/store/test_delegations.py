"""Delegations are kept until they end and read by the ids that people are known by now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store import declared_people, delegations, people
from store.database import Database
from store.errors import DelegationError
from store.model.person import Account, Declared, Delegation


def person(db: Database, user: str) -> str:
    account = Account(surface="slack", team="T1", user=user, display_name=user)
    with db.begin() as tx:
        return people.person_for(tx, account)


def wanted(from_id: str, to_id: str, now: datetime, hours: int = 24) -> Delegation:
    return Delegation(
        id="",
        from_id=from_id,
        from_name="Lee",
        to_id=to_id,
        to_name="Sam",
        roles=("leads",),
        amounts_minor={"USD": 50_000},
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
    )


def test_a_delegation_lives_from_its_start_to_its_end(db: Database, now: datetime) -> None:
    lee, sam = person(db, "U1"), person(db, "U2")
    with db.begin() as tx:
        kept = delegations.add(tx, wanted(lee, sam, now), now)
        assert kept.id == "D-1001"
        assert delegations.get(tx, kept.id) == kept
        assert delegations.live_for(tx, sam, now) == (kept,)
        assert delegations.live_for(tx, lee, now) == ()
        assert delegations.live_for(tx, sam, now - timedelta(microseconds=1)) == ()
        assert delegations.live_for(tx, sam, kept.ends_at - timedelta(microseconds=1)) == (kept,)
        assert delegations.live_for(tx, sam, kept.ends_at) == ()
        assert delegations.given_by(tx, lee, now) == delegations.open_at(tx, now) == (kept,)


def test_an_ended_delegation_lives_no_more_and_stays_known(db: Database, now: datetime) -> None:
    lee, sam = person(db, "U1"), person(db, "U2")
    with db.begin() as tx:
        kept = delegations.add(tx, wanted(lee, sam, now), now)
        ended = delegations.end(tx, kept.id, now + timedelta(hours=1))
        assert delegations.live_for(tx, sam, now + timedelta(hours=1)) == ()
        assert delegations.get(tx, kept.id) == ended
    with pytest.raises(DelegationError, match="ended at"), db.begin() as tx:
        delegations.end(tx, kept.id, now + timedelta(hours=2))
    with pytest.raises(DelegationError, match="no delegation D-9"), db.begin() as tx:
        delegations.end(tx, "D-9", now)


def test_delegations_follow_people_who_are_merged(db: Database, now: datetime) -> None:
    lee, lee2, sam = person(db, "U1"), person(db, "U2"), person(db, "U3")
    with db.begin() as tx:
        delegations.add(tx, wanted(lee2, sam, now), now)
        delegations.add(tx, wanted(lee, lee2, now), now)
        accounts = (("slack", "U1"), ("slack", "U2"))
        one = Declared.model_validate({"key": "lee", "name": "Lee", "accounts": accounts})
        declared_people.declare(tx, (one,))
        assert [d.from_id for d in delegations.live_for(tx, sam, now)] == [lee]
        assert delegations.live_for(tx, lee, now) == (), "nobody stands in for themselves"
        assert delegations.live_for(tx, lee2, now) == ()
    with pytest.raises(DelegationError, match="themselves"), db.begin() as tx:
        delegations.add(tx, wanted(lee2, lee, now), now)


def test_the_longest_delegation_is_thirty_days(db: Database, now: datetime) -> None:
    lee, sam = person(db, "U1"), person(db, "U2")
    with db.begin() as tx:
        delegations.add(tx, wanted(lee, sam, now, hours=30 * 24), now)
    with pytest.raises(DelegationError, match="30 days"), db.begin() as tx:
        delegations.add(tx, wanted(lee, sam, now, hours=30 * 24 + 1), now)
    with pytest.raises(DelegationError, match="starts before"), db.begin() as tx:
        delegations.add(tx, wanted(lee, sam, now, hours=0), now)

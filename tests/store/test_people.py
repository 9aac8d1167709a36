"""One human, whatever accounts they have."""

from __future__ import annotations

import threading

import pytest

from store import people
from store.database import Database
from store.errors import StoreRefusedError
from store.model.person import Account


def account(user: str = "U1", **changes: object) -> Account:
    fields = {"surface": "slack", "team": "T1", "user": user, "display_name": "Dana", **changes}
    return Account.model_validate(fields)


def test_account_keeps_its_person(db: Database) -> None:
    with db.begin() as tx:
        dana = people.person_for(tx, account())
        assert dana == "P-1001"
        assert people.person_for(tx, account(display_name="Dana Okafor")) == dana
        assert people.name(tx, dana) == "Dana Okafor"
        assert people.account(tx, "slack", "T1", "U1") == account(display_name="Dana Okafor")


def test_other_team_or_surface_is_another_person_until_linked(db: Database) -> None:
    with db.begin() as tx:
        slack = people.person_for(tx, account())
        other_team = people.person_for(tx, account(team="T2"))
        teams = people.person_for(tx, account(surface="teams", display_name="Dana (Teams)"))
        assert len({slack, other_team, teams}) == 3
        people.link(tx, slack, account(surface="teams"))
        assert people.person_for(tx, account(surface="teams")) == slack
        people.link(tx, slack, account("U9", surface="teams"))
        assert people.person_for(tx, account("U9", surface="teams")) == slack


def test_link_to_nobody_is_refused(db: Database) -> None:
    with pytest.raises(StoreRefusedError, match="no person P-7"), db.begin() as tx:
        people.link(tx, "P-7", account())


def test_unknown_people_are_shown_by_their_id(db: Database) -> None:
    with db.read() as cx:
        assert people.name(cx, "P-7") == "P-7"
        assert people.account(cx, "slack", "T1", "U7") is None


def test_hostile_names_are_kept_as_they_are(db: Database) -> None:
    name = "\0\u202e<!channel> ' ; DROP TABLE people; --"
    with db.begin() as tx:
        assert people.name(tx, people.person_for(tx, account(display_name=name))) == name


def test_person_seen_by_many_threads_at_once_is_one(db: Database) -> None:
    seen: list[str] = []

    def see() -> None:
        with db.begin() as tx:
            seen.append(people.person_for(tx, account()))

    threads = [threading.Thread(target=see) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == ["P-1001"] * 8

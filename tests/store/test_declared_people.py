"""One human behind many accounts: what a bundle declares, and what it never does by silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from store import approvals, declared_people, identity, people, runs
from store.database import Database
from store.model.approval import Approval
from store.model.person import Account, Declared
from store.model.run import Run

MakeRun = Callable[..., Run]


def account(user: str, surface: str = "slack", **changes: object) -> Account:
    fields = {"surface": surface, "team": "T1", "user": user, "display_name": user, **changes}
    return Account.model_validate(fields)


def declared(key: str, *accounts: str) -> Declared:
    pairs = tuple(tuple(written.split(":", 1)) for written in accounts)
    return Declared.model_validate({"key": key, "name": key.title(), "accounts": pairs})


def declare(db: Database, *people_: Declared) -> tuple[declared_people.Joined, ...]:
    with db.begin() as tx:
        return declared_people.declare(tx, people_)


def seen(db: Database, *accounts: Account) -> list[str]:
    with db.begin() as tx:
        return [people.person_for(tx, one) for one in accounts]


def verdict(person_id: str, user: str, now: datetime) -> Approval:
    return Approval(
        run_id="R-1001",
        digest="aa",
        person_id=person_id,
        person_name=user,
        roles=("leads",),
        verdict="approve",
        reason="",
        given_at=now,
        team="T1",
        account_user=user,
    )


OBJECT = "7d1f0a52-0000-4000-8000-000000000d01"
DANA = declared("dana", "slack:U1", "slack:U2", f"teams:{OBJECT}")


def test_people_who_were_seen_apart_are_merged_into_the_oldest(db: Database) -> None:
    first, second = seen(db, account("U1"), account("U2"))
    (joined,) = declare(db, DANA)
    assert (joined.person_id, joined.merged) == (first, (second,))
    assert (
        seen(
            db,
            account("U1"),
            account("U2"),
            account(OBJECT, "teams"),
        )
        == [first] * 3
    )
    with db.read() as cx:
        assert identity.present(cx, second) == first
        assert identity.all_ids(cx, second) == (first, second)


def test_an_account_seen_later_is_its_persons_at_once(db: Database) -> None:
    assert declare(db, DANA) == ()
    assert (
        len(
            set(
                seen(
                    db,
                    account("U2"),
                    account(OBJECT, "teams"),
                    account("U1"),
                )
            )
        )
        == 1
    )
    assert seen(db, account("U3"))[0] != seen(db, account("U1"))[0]


def test_declaring_the_same_again_changes_nothing(db: Database) -> None:
    seen(db, account("U1"), account("U2"))
    assert declare(db, DANA)
    before = seen(db, account("U1"))
    assert declare(db, DANA) == ()
    assert seen(db, account("U1")) == before


def test_merges_of_merges_are_flat(db: Database) -> None:
    ids = seen(db, account("U3"), account("U1"), account("U2"))
    declare(db, declared("dana", "slack:U1", "slack:U2"))
    declare(db, declared("dana", "slack:U1", "slack:U2"), declared("don", "slack:U3"))
    declare(db, declared("don", "slack:U1", "slack:U2", "slack:U3"))
    with db.read() as cx:
        assert {identity.present(cx, one) for one in ids} == {ids[0]}


def test_an_account_of_another_organisation_is_never_a_declared_person(db: Database) -> None:
    (own,) = seen(db, account("U1"))
    foreign = account("U2", team="T9", is_stranger=True)
    seen(db, foreign)
    declare(db, DANA)
    assert seen(db, foreign) != [own]
    hidden = account("U2", team="", is_stranger=True)
    assert seen(db, hidden) != [own]
    joined_us = account("U2", team="T9")
    assert seen(db, joined_us) == [own]


def test_an_account_left_out_of_the_bundle_stays_whose_it_was(db: Database) -> None:
    declare(db, DANA)
    before = seen(db, account("U1"), account("U2"))
    declare(db, declared("dana", "slack:U1"))
    assert seen(db, account("U1"), account("U2")) == before


def test_a_renamed_person_stays_the_same_human(db: Database) -> None:
    declare(db, DANA)
    before = seen(db, account("U1"), account("U2"))
    declare(db, DANA.model_copy(update={"key": "dana-okafor"}))
    assert seen(db, account("U1"), account("U2")) == before


def test_a_reused_account_is_the_new_persons_from_then_on(db: Database, now: datetime) -> None:
    declare(db, declared("mira", "slack:U2", "slack:U9"), declared("dana", "slack:U1"))
    dana, mira = seen(db, account("U1"), account("U2"))
    with db.begin() as tx:
        approvals.add(tx, verdict(mira, "U2", now))
    joined = declare(db, declared("mira", "slack:U9"), declared("dana", "slack:U1", "slack:U2"))
    assert [(one.key, one.merged, one.moved) for one in joined] == [
        ("dana", (), (("slack:U2", mira),))
    ]
    assert seen(db, account("U2"), account("U9")) == [dana, mira]
    with db.begin() as tx:
        assert [a.person_id for a in approvals.for_digest(tx, "R-1001", "aa")] == [mira]
        # The account spoke on this digest; whoever has it now cannot speak by it once more.
        approvals.add(tx, verdict(dana, "U2", now))
        assert [a.person_id for a in approvals.for_digest(tx, "R-1001", "aa")] == [mira]


def test_two_declared_people_are_parted_when_the_bundle_parts_them(db: Database) -> None:
    declare(db, declared("dana", "slack:U1", "slack:U2"))
    (both,) = set(seen(db, account("U1"), account("U2")))
    declare(db, declared("dana", "slack:U1"), declared("mira", "slack:U2"))
    dana, mira = seen(db, account("U1"), account("U2"))
    assert dana == both
    assert mira != both


def test_who_loses_an_account_is_not_shown_by_its_name(db: Database) -> None:
    (lee,) = seen(db, account("U1"))
    declare(db, declared("lee", "slack:U1", "slack:U2"))
    assert seen(db, account("U2")) == [lee]
    declare(db, declared("lee", "slack:U1"), declared("mira", "slack:U2"))
    (mira,) = seen(db, account("U2"))
    with db.read() as cx:
        assert (people.name(cx, lee), people.name(cx, mira)) == ("U1", "Mira")


def test_two_aliases_that_approved_count_once_from_the_merge_on(
    db: Database, now: datetime
) -> None:
    first, second = seen(db, account("U1"), account("U2"))
    with db.begin() as tx:
        approvals.add(tx, verdict(first, "U1", now))
        approvals.add(tx, verdict(second, "U2", now))
        assert len(approvals.for_digest(tx, "R-1001", "aa")) == 2
    declare(db, DANA)
    with db.begin() as tx:
        assert [a.account_user for a in approvals.for_digest(tx, "R-1001", "aa")] == ["U1"]
        assert approvals.withdraw(tx, "R-1001", "aa", first)
        assert approvals.all_for(tx, "R-1001") == ()


def test_runs_name_their_requester_as_known_now(db: Database, make_run: MakeRun) -> None:
    first, second = seen(db, account("U1"), account("U2"))
    run = make_run()
    with db.begin() as tx:
        asked = run.model_copy(
            update={"request": run.request.model_copy(update={"person_id": second})}
        )
        runs.insert(tx, asked)
    declare(db, DANA)
    with db.read() as cx:
        found = runs.get(cx, run.id)
        assert found is not None
        assert found.request.person_id == first
        assert [one.id for one in runs.for_person(cx, first, 9)] == [run.id]
        assert [one.id for one in runs.open_for_person(cx, first, 9)] == [run.id]


def test_people_are_named_by_ids_alone(db: Database) -> None:
    declare(db, DANA)
    (dana,) = seen(db, account("U1", display_name="Dana"))
    (other,) = seen(db, account("U7", display_name="dana"))
    with db.read() as cx:
        for name in (dana, "dana", "slack:U1", f"teams:{OBJECT}"):
            assert declared_people.named(cx, name) == dana
        assert declared_people.named(cx, "slack:U7") == other
        for name in ("Dana", "slack:u1", "dаna", "dana\u200b", "P-9999", "", ":", "U1"):
            assert declared_people.named(cx, name) is None


def test_the_oldest_is_the_one_with_the_lowest_number(db: Database) -> None:
    many = seen(db, *(account(f"U{n}") for n in range(10)))
    with db.read() as cx:
        assert people.everybody(cx, 20) == tuple(many)

"""Appending: dense, linked, in the caller's transaction, and refused everywhere else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Database
from store.errors import LedgerError, StoreRefusedError
from store.ledger import append, append_many, head, range_of, redact, show
from store.ledger.search import find
from store.ledger.verify import verify
from store.model.entry import Entry, Kind


def entry(run_id: str = "R-1001", **changes: object) -> Entry:
    fields = {"kind": Kind.READ, "run_id": run_id, "actor": "assent", "data": {}, **changes}
    return Entry.model_validate(fields)


def test_entries_are_numbered_from_one(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        assert append(tx, entry(), now) == 1
        assert append_many(tx, [entry(), entry(), entry("")], now) == 4
        assert head(tx).size == 4
        assert range_of(tx, "R-1001") == (1, 3)
        assert range_of(tx, "") == (None, None)
        assert range_of(tx, "R-7") == (None, None)


def test_rolled_back_unit_leaves_no_entry(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        append(tx, entry(), now)
    with pytest.raises(ZeroDivisionError), db.begin() as tx:  # noqa: PT012 - one unit
        append(tx, entry(), now)
        raise ZeroDivisionError
    with db.begin() as tx:
        assert append(tx, entry(), now) == 2
    with db.read() as cx:
        assert verify(cx).is_whole


def test_what_cannot_be_recorded_stops_the_unit(db: Database, now: datetime) -> None:
    for data in ({"x": 0.5}, {"x": 2**53}, {"ü": 1}, {"x": "\ud800"}, {"x": "y" * 2_000_000}):
        with pytest.raises(LedgerError, match="cannot be recorded"), db.begin() as tx:
            append(tx, entry(data=data), now)
    with pytest.raises(LedgerError, match="part 'text'"), db.begin() as tx:
        append(tx, entry(sensitive={"text": 0.5}), now)
    with pytest.raises(LedgerError, match="nothing to record"), db.begin() as tx:
        append_many(tx, [], now)
    with db.read() as cx:
        assert head(cx).size == 0


def test_shown_entries_are_what_was_recorded(db: Database, now: datetime) -> None:
    hostile = {"name": "\0 \\u0000 \u202e <!channel> 💸 ' \" \\", "n": -(2**53) + 1, "none": None}
    with db.begin() as tx:
        append(tx, entry(data=hostile, sensitive={"words": hostile, "who": "Dana"}), now)
        append(tx, entry("R-1002"), now)
        redact(tx, 1, "who", "asked for", "P-1", now)
        shown = show(tx, "R-1001")
    assert [found.seq for found in shown] == [1, 3]
    assert shown[0].data == hostile
    assert shown[0].sensitive == {"words": hostile, "who": "erased"}
    assert shown[0].at == now
    assert shown[1].data == {"seq": 1, "part": "who", "why": "asked for"}


def test_entries_are_found_by_kind_actor_and_time(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        append(tx, entry(), now)
        append(tx, entry(kind=Kind.APPROVAL, actor="P-1"), now)
        append(tx, entry(kind=Kind.APPROVAL, actor="P-2"), now.replace(hour=23))

        def numbers(**by: object) -> list[int]:
            return [found.seq for found in find(tx, **by)]  # type: ignore[arg-type]

        assert numbers() == [3, 2, 1]
        assert numbers(kind=Kind.APPROVAL) == [3, 2]
        assert numbers(actor="P-1") == [2]
        assert numbers(since=now.replace(hour=13)) == [3]
        assert numbers(until=now.replace(hour=13), before=2) == [1]
        assert numbers(limit=1) == [3]
        assert numbers(actor="' OR 1 = 1 --") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET leaf = '{}' WHERE seq = 1",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_bodies SET body = '1'",
        "DELETE FROM ledger_bodies",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET size = 0",
        "INSERT INTO ledger_entries (seq, leaf, hash) SELECT 3, leaf, hash FROM ledger_entries",
        "INSERT INTO ledger_entries (seq, leaf, hash) SELECT 1, leaf, hash FROM ledger_entries",
    ],
)
def test_database_refuses_to_change_what_was_recorded(
    db: Database, now: datetime, statement: str
) -> None:
    with db.begin() as tx:
        append(tx, entry(sensitive={"text": "x"}), now)
    with pytest.raises(StoreRefusedError), db.begin() as tx:
        tx.execute(text(statement))
    with db.read() as cx:
        assert verify(cx).is_whole


@pytest.mark.slow
def test_postgresql_refuses_to_truncate(postgresql_url: str, now: datetime) -> None:
    database = Database(postgresql_url)
    database.migrate()
    for table in ("ledger_entries", "ledger_bodies", "ledger_head", "ledger_checkpoints"):
        with pytest.raises(StoreRefusedError, match="append-only"), database.begin() as tx:
            tx.execute(text(f"TRUNCATE {table}"))
    database.close()


def test_sqlite_replace_does_not_slip_past_the_guards(tmp_path: Path, now: datetime) -> None:
    db = Database(f"sqlite:///{tmp_path}/assent.db")
    db.migrate()
    with db.begin() as tx:
        append(tx, entry(sensitive={"text": "x"}), now)
    for statement in (
        "REPLACE INTO ledger_entries (seq, leaf, hash) SELECT seq, '{}', hash FROM ledger_entries",
        "REPLACE INTO ledger_bodies (seq, part, salt, body) "
        "SELECT seq, part, salt, '1' FROM ledger_bodies",
        "REPLACE INTO ledger_head (id, size, root, last, frontier) "
        "SELECT 1, 0, root, last, frontier FROM ledger_head",
    ):
        with pytest.raises(StoreRefusedError), db.begin() as tx:
            tx.execute(text(statement))
    db.close()

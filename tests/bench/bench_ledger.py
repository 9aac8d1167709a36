"""How fast the ledger records, beside raw sqlite3 on the same disk in the same run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from store.database import Database
from store.ledger import append_many
from store.ledger.verify import verify
from store.model.entry import Entry, Kind

pytestmark = pytest.mark.bench

SECONDS = 0.4  # a measurement
ROUNDS = 7  # in turn over all cases, of which the median counts: disks are moody
BUSINESS = text("UPDATE sequences SET value = value + 1 WHERE name = 'bench'")


def rate(unit: Callable[[], None]) -> float:
    """Units a second."""
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        unit()
        count += 1
    return count / (time.perf_counter() - start)


def test_ledger_beside_raw_sqlite(tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "raw.db", isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("CREATE TABLE entries (seq INTEGER PRIMARY KEY, leaf TEXT, hash BLOB)")

    def plain() -> None:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO entries (leaf, hash) VALUES (?, ?)", ("x" * 500, b"y" * 32))
        raw.execute("COMMIT")

    db = Database(f"sqlite:///{tmp_path}/assent.db")
    db.migrate()
    with db.begin() as tx:
        tx.execute(text("INSERT INTO sequences (name, value) VALUES ('bench', 0)"))
    data = {"operation": "payments.refund", "amount_minor": 4000, "payment": "pay_7731", "n": 1}
    entry = Entry(kind=Kind.RESULT, run_id="R-1001", actor="assent", data=data)
    worded = entry.model_copy(update={"sensitive": {"text": "refund $40 on order 1043"}})
    now = datetime.now(UTC)

    def business() -> None:
        with db.begin() as tx:
            tx.execute(BUSINESS)

    def recorded(entries: list[Entry]) -> Callable[[], None]:
        def unit() -> None:
            with db.begin() as tx:
                tx.execute(BUSINESS)
                append_many(tx, entries, now)

        return unit

    cases = {
        "raw sqlite3, one insert": plain,
        "business write alone": business,
        "with 1 entry": recorded([entry]),
        "with 1 entry and words": recorded([worded]),
        "with 3 entries": recorded([entry] * 3),
        "with 100 entries": recorded([entry] * 100),
    }
    rounds = [{name: rate(unit) for name, unit in cases.items()} for _ in range(ROUNDS)]
    print()
    for name in cases:
        found = median(measured[name] for measured in rounds)
        ratio = median(measured[name] / measured["raw sqlite3, one insert"] for measured in rounds)
        print(f"{name:29} {found:8.0f} units/s, {ratio:5.2f} of raw")
    with db.read() as cx:
        start = time.perf_counter()
        report = verify(cx)
        seconds = time.perf_counter() - start
    print(f"verification                  {report.entries / seconds:8.0f} entries/s")
    assert report.is_whole
    db.close()
    raw.close()

"""A ledger with a story in it, and an attacker who holds the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import psycopg
import pytest

from store.database import Database
from store.ledger import append
from store.model.entry import Entry, Kind

Attack = Callable[..., None]
GUARDED = ("ledger_entries", "ledger_bodies", "ledger_head", "ledger_checkpoints")


@pytest.fixture
def attack(url: str) -> Attack:
    """Runs raw statements behind the application's back, the guards switched off."""

    def on_sqlite(*statements: tuple[str, tuple[object, ...]]) -> None:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
            triggers = raw.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall()
            for name, _sql in triggers:
                raw.execute(f"DROP TRIGGER {name}")
            for statement, values in statements:
                raw.execute(statement, values)
            for _name, sql in triggers:
                raw.execute(sql)
        raw.close()

    def on_postgresql(*statements: tuple[str, tuple[object, ...]]) -> None:
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as raw:
            for table in GUARDED:
                raw.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement, values in statements:
                raw.execute(statement.replace("?", "%s"), values)
            for table in GUARDED:
                raw.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return on_sqlite if url.startswith("sqlite") else on_postgresql


@pytest.fixture
def story(db: Database, now: datetime) -> Database:
    """Six entries: two runs, with people's words in the requests."""
    for number, run_id in enumerate(("R-1001", "R-1002"), 1):
        for kind in (Kind.REQUEST, Kind.DECISION, Kind.RESULT):
            with db.begin() as tx:
                words = {"text": f"refund order {number}"} if kind is Kind.REQUEST else {}
                entry = Entry(
                    kind=kind,
                    run_id=run_id,
                    actor="P-1001",
                    data={"amount_minor": 4000, "number": number},
                    sensitive=words,
                )
                append(tx, entry, now)
    return db

"""The unit of work: all or nothing, one writer at a time, and errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from store import database as database_module
from store import runs, schema
from store.database import Database
from store.errors import (
    SchemaError,
    StoreAwayError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "assent.db"


def test_read_sees_one_moment_and_cannot_write(db: Database) -> None:
    with db.read() as cx:
        before = cx.execute(text("SELECT value FROM sequences WHERE name = 'run'")).scalar()
        with db.begin() as tx:
            runs.next_id(tx)
        assert cx.execute(text("SELECT value FROM sequences WHERE name = 'run'")).scalar() == before
        with pytest.raises(SQLAlchemyError, match="read"):
            cx.execute(text("UPDATE sequences SET value = 0"))


def test_failed_write_in_a_read_is_an_error_of_ours(db: Database) -> None:
    with pytest.raises(StoreReadOnlyError), db.read() as cx:
        runs.next_id(cx)


def test_commit_gives_notice_and_rollback_does_not(db: Database) -> None:
    notices = []
    db.on_commit = lambda: notices.append(1)
    with pytest.raises(ZeroDivisionError), db.begin():
        raise ZeroDivisionError
    assert notices == []
    with db.begin() as tx:
        runs.next_id(tx)
        assert notices == []
    assert notices == [1]


def test_unit_inside_a_unit_is_refused_at_once(db: Database) -> None:
    with db.begin(), pytest.raises(RuntimeError, match="inside another"), db.begin():
        pass
    with db.begin() as tx:
        assert runs.next_id(tx) == "R-1001"


def test_reading_and_counting_up_in_many_threads_loses_nothing(db: Database) -> None:
    given: list[str] = []

    def take() -> None:
        for _ in range(10):
            with db.begin() as tx:
                given.append(runs.next_id(tx))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(given)) == 80


def test_file_is_its_owners_alone(path: Path) -> None:
    path.touch(mode=0o644)
    path.chmod(0o644)
    db = Database(f"sqlite:///{path}")
    db.migrate()
    for name in (path, path.with_name("assent.db-wal"), path.with_name("assent.db-shm")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o600
    db.close()


def test_file_is_durable_and_forgets_what_is_deleted(path: Path) -> None:
    db = Database(f"sqlite:///{path}")
    db.migrate()
    with db.begin() as tx:
        pragma = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
        assert tx.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 10_000,
        "foreign_keys": 1,
    }
    db.close()


def test_other_process_holding_the_lock_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_SECONDS", 0.1)
    db = Database(f"sqlite:///{path}")
    db.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="another process holds the write lock"), db.begin():
        pass
    other.close()
    with db.begin() as tx:
        assert runs.next_id(tx) == "R-1001"
    db.close()


def test_thread_that_keeps_its_unit_open_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(f"sqlite:///{path}")
    db.migrate()
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_SECONDS", 0.1)
    problems: list[StoreError] = []

    def try_it() -> None:
        try:
            with db.begin():
                pass
        except StoreError as error:
            problems.append(error)

    with db.begin():
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join(10)
    assert isinstance(problems[0], StoreBusyError)
    db.close()


def test_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreAwayError, match="folder does not exist"):
        Database(f"sqlite:///{tmp_path}/nowhere/assent.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_memory_is_no_store(url: str) -> None:
    with pytest.raises(StoreAwayError, match="names no file"):
        Database(url)


def test_file_that_is_no_database_is_reported(path: Path) -> None:
    path.write_bytes(b"these are holiday pictures, not a database" * 100)
    with pytest.raises(StoreDamagedError, match="restore a backup"):
        Database(f"sqlite:///{path}").migrate()


def test_full_disk_is_reported_and_nothing_is_half_written(path: Path) -> None:
    db = Database(f"sqlite:///{path}")
    db.migrate()
    with pytest.raises(StoreFullError, match="free some space"), db.begin() as tx:  # noqa: PT012
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(1000):
            runs.seen_before(tx, [f"{number}" * 100], "")
    with db.read() as cx:
        assert cx.execute(text("SELECT count(*) FROM seen_events")).scalar() == 0
    db.close()


def test_server_that_is_away_is_reported_without_its_password() -> None:
    db = Database("postgresql+psycopg://assent:hunter2@127.0.0.1:1/assent")
    with pytest.raises(StoreAwayError, match="check that the server runs") as caught, db.begin():
        pass
    assert "hunter2" not in str(caught.value)


def test_migrating_twice_and_from_two_processes_at_once_is_harmless(url: str) -> None:
    code = "import sys; from store.database import Database; Database(sys.argv[1]).migrate()"
    root = Path(__file__).parents[2]
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, url], env={**os.environ, "PYTHONPATH": str(root)}
        )
        for _ in range(2)
    ]
    assert [start.wait(60) for start in starts] == [0, 0]
    db = Database(url)
    db.migrate()
    with db.begin() as tx:
        assert runs.next_id(tx) == "R-1001"
    db.close()


def test_newer_schema_is_refused(db: Database) -> None:
    with db.begin() as tx:
        tx.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(SchemaError, match=r"version 9999, newer than this code"):
        db.migrate()


def test_missing_guard_is_named_at_start(url: str, db: Database) -> None:
    on = " ON ledger_entries" if url.startswith("postgresql") else ""
    with db.begin() as tx:
        tx.execute(text(f"DROP TRIGGER ledger_entries_no_delete{on}"))
    with pytest.raises(SchemaError, match="ledger_entries_no_delete"):
        db.migrate()


@pytest.mark.parametrize(
    "url", ["", "assent.db", "mysql://root:hunter2@host/db", "postgresql://h/d"]
)
def test_address_of_no_kind_we_know_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreError, match="write sqlite:///") as caught:
        Database(url)
    assert "hunter2" not in str(caught.value)

"""The engine and the one unit of work: SQLite on one machine, PostgreSQL beyond it.

On both databases one write unit runs at a time: SQLite's BEGIN IMMEDIATE takes the file's write
lock, on PostgreSQL the unit locks the ledger's head row first. So units never deadlock over the
order of their rows, and what a unit reads stays true until it commits.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store import schema
from store.errors import (
    SchemaError,
    StoreAwayError,
    StoreBusyError,
    StoreError,
    StoreReadOnlyError,
    translate,
)
from store.turn import Turn

BUSY_TIMEOUT_SECONDS = 10  # longer than any write unit of ours; then a person hears of it
STATEMENT_TIMEOUT_SECONDS = 60  # PostgreSQL; the longest are exports and verification pages
IDLE_TIMEOUT_SECONDS = 60  # PostgreSQL; a unit that a dead thread left open is rolled back
CONNECT_TIMEOUT_SECONDS = 5
POOL_CONNECTIONS_MAX = 20  # threads that may read at once
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
SQLITE_VERSION_MIN = (3, 35, 0)  # RETURNING

# The first statement of a unit. sqlite3 itself would begin only before the first change, and a
# "begin" event on the engine would cost every statement of ours its hooks.
_BEGIN_IMMEDIATE = "BEGIN IMMEDIATE"
_LOCK_HEAD = "SELECT size FROM ledger_head WHERE id = 1 FOR UPDATE"


class Database:
    """One database that several threads share. `url` is `sqlite:///path` or `postgresql+psycopg://`.

    Every error inside a unit that the database caused leaves it as a StoreError. `on_commit` is
    called after each write unit that committed, on its thread: a notice to look for work.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.address = parsed.render_as_string(hide_password=True)
        self.on_commit: Callable[[], None] = _nothing
        self._first = _BEGIN_IMMEDIATE if self.is_sqlite else _LOCK_HEAD
        self._turns = Turn()
        self._writer_thread: int | None = None
        if self.is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise StoreAwayError(f"{url} names no file; write sqlite:///path/to/assent.db")
            _own_file(Path(parsed.database))
            self._writer = _sqlite_engine(url, is_writer=True)
            self._reader = _sqlite_engine(url, is_writer=False)
        else:
            self._writer = _postgresql_engine(url)
            self._reader = self._writer.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def begin(self, *, is_awaited: bool = False) -> Iterator[Connection]:
        """One unit of work: everything in it commits when the block ends, or nothing does.

        One that a person awaits goes before the others. Raises StoreBusyError when another writer
        keeps the lock for BUSY_TIMEOUT_SECONDS.
        """
        with self._turn(is_awaited=is_awaited), self._translated(), self._writer.begin() as tx:
            tx.exec_driver_sql(self._first)
            yield tx
        self.on_commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot that cannot write."""
        with self._translated(), self._reader.begin() as cx:
            if self.is_sqlite:
                cx.connection.cursor().execute("BEGIN")  # which waits for nobody, so cannot fail
            yield cx

    def migrate(self) -> None:
        """Bring the schema to this code's version, and check that its guards are in place.

        Raises SchemaError for a schema that is newer than this code or lacks a guard.
        """
        with self._turn(), self._translated(), self._writer.begin() as tx:
            if self.is_sqlite:
                tx.exec_driver_sql(self._first)
            schema.upgrade(tx)
            missing = schema.missing_guards(tx)
        if missing:
            raise SchemaError(
                f"{self.address} lacks or has other triggers than this code created: "
                f"{', '.join(missing)}. Somebody removed a guard of the ledger; verify the ledger "
                "against its last checkpoint, then restore the triggers"
            )

    def close(self) -> None:
        """Close every idle connection."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _turn(self, *, is_awaited: bool = False) -> Iterator[None]:
        """Queue this process's writers fairly instead of letting them poll for the file's lock."""
        if self._writer_thread == threading.get_ident():
            raise RuntimeError("a unit of work was begun inside another one of the same thread")
        if not self._turns.take(BUSY_TIMEOUT_SECONDS, is_awaited=is_awaited):
            raise StoreBusyError(
                f"{self.address}: another unit of work of this process has been open for "
                f"{BUSY_TIMEOUT_SECONDS} s; try again in a moment"
            )
        self._writer_thread = threading.get_ident()
        try:
            yield
        finally:
            self._writer_thread = None
            self._turns.give_back()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeoutError) as error:
            raise translate(error, self.address) from error


def _nothing() -> None:
    """Nobody waits for commits."""


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in DRIVERS:
        raise StoreError(
            "the database's address is not one that Assent knows; write sqlite:///path/to/file.db "
            "or postgresql+psycopg://role:password@host/database"
        )
    return parsed


def _own_file(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its -wal and -shm the same mode."""
    if sqlite3.sqlite_version_info < SQLITE_VERSION_MIN:
        raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; 3.35 or newer is needed")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except FileNotFoundError as error:
        raise StoreAwayError(f"{path}: its folder does not exist; create it first") from error
    except PermissionError as error:
        raise StoreReadOnlyError(
            f"{path}: {error.strerror}; make it writable for this account alone"
        ) from error
    except OSError as error:
        raise StoreAwayError(f"{path}: {error.strerror}; check the path of the database") from error


def _sqlite_engine(url: str, *, is_writer: bool) -> Engine:
    """An engine that leaves beginning to `Database`, and sets up each new connection."""
    engine = create_engine(
        url,
        hide_parameters=True,  # what people wrote belongs into no log
        pool_size=5,
        max_overflow=POOL_CONNECTIONS_MAX - 5,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
        if is_writer:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
        else:
            connection.execute("PRAGMA query_only = ON")

    return engine


def _postgresql_engine(url: str) -> Engine:
    options = {
        "lock_timeout": BUSY_TIMEOUT_SECONDS * 1000,
        "statement_timeout": STATEMENT_TIMEOUT_SECONDS * 1000,
        "idle_in_transaction_session_timeout": IDLE_TIMEOUT_SECONDS * 1000,
    }
    return create_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=5,
        max_overflow=POOL_CONNECTIONS_MAX - 5,
        pool_timeout=BUSY_TIMEOUT_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )

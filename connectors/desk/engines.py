"""The desk's SQLAlchemy engines: one for the service itself, one for each set of rights."""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, Pool, QueuePool

from connectors.desk.access import Grant, authorizer
from connectors.errors import Unavailable

BUSY_TIMEOUT_SECONDS = 5  # how long a writer waits for another; a desk write takes milliseconds
ENGINES_MAX = 32  # engines kept for their compiled statements; they hold no connection

GATE = Grant(frozenset({"accounts"}), frozenset(), frozenset())


def check_is_there(path: str) -> None:
    """Raises Unavailable when the database file is gone: the desk is unplugged."""
    if not Path(path).is_file():
        raise Unavailable(
            f"The orders desk is unplugged: its database {Path(path).name} is not there.",
            next_step="Put the file back or start the desk again; nothing was written.",
        )


@lru_cache(maxsize=ENGINES_MAX)
def service_engine(path: str) -> Engine:
    """Unlimited: the desk's own housekeeping, never handed to an operation."""
    return _engine(path, None)


@lru_cache(maxsize=ENGINES_MAX)
def limited_engine(path: str, granted: Grant) -> Engine:
    """Connections that SQLite limits to `granted`."""
    return _engine(path, granted)


class KeptEngines:
    """Engines like `limited_engine`'s whose connections are kept until they are let go.

    For whoever alone replaces the file, and lets go of it before: a kept connection would go on
    writing into the old one. Most of a short call is opening its connection.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Grant], Engine] = {}

    def __call__(self, path: str, granted: Grant) -> Engine:
        if (path, granted) not in self._kept:
            self._kept[path, granted] = _engine(path, granted, QueuePool)
        return self._kept[path, granted]

    def let_go(self) -> None:
        """Closes every connection; the next call opens one anew."""
        for engine in self._kept.values():
            engine.dispose()


def _engine(path: str, granted: Grant | None, pool: type[Pool] = NullPool) -> Engine:
    # NullPool: a pooled connection would go on writing into a file that was deleted or replaced.
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, granted),
        poolclass=pool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _connect(path: str, granted: Grant | None) -> sqlite3.Connection:
    mode = "ro" if granted is not None and granted.is_read_only else "rw"
    raw = sqlite3.connect(
        f"{Path(path).resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA synchronous = FULL")
    if mode == "ro":
        raw.execute("PRAGMA query_only = ON")
    if granted is not None:
        raw.set_authorizer(authorizer(granted))
    return raw


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once, so that what it checks is what it changes.
    is_writing = connection.get_execution_options().get("is_writing", False)
    if is_writing:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.connection.cursor().execute("BEGIN")  # which waits for nobody, so cannot fail

"""SQLite: a file, opened for reading alone where nothing may be written, with a time limit."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from connectors.credentials import Credential
from connectors.errors import Rejected, Unavailable
from connectors.wire import READ_SECONDS

BUSY_SECONDS = 5.0  # how long a writer waits for another
STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's virtual machine; some hundred microseconds


def engine(credential: Credential, is_read_only: bool) -> Engine:
    """Raises Rejected for what is no address of a file, Unavailable where the file is gone."""
    path = _path(credential)
    made = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, is_read_only),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(made, "begin", _begin)
    return made


def name_of(connection: Connection) -> str:
    """The name of the file that is open, as SQLite says it."""
    with connection.begin():
        rows = connection.exec_driver_sql("PRAGMA database_list").all()
    return next((Path(row[2]).name for row in rows if row[1] == "main"), "")


def _path(credential: Credential) -> Path:
    try:
        path = Path(make_url(credential.address).database or "")
    except (ArgumentError, ValueError):
        path = Path()
    if not path.is_absolute():
        raise Rejected(
            "The address of the database names no file.",
            next_step="Write it as sqlite:////FOLDER/FILE.db, with four slashes.",
        )
    if credential.secret:
        raise Rejected(
            "A SQLite file takes no secret, and its connection has one.",
            next_step="Leave `secret` out; who may read the file is the folder's to say.",
            is_secret_refused=True,
        )
    if not path.is_file():
        raise Unavailable(
            f"The database file {path.name} is not there.",
            next_step="Nothing was written; put the file back.",
        )
    return path


def _connect(path: Path, is_read_only: bool) -> sqlite3.Connection:
    mode = "ro" if is_read_only else "rw"
    raw = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA trusted_schema = OFF")
    if is_read_only:
        raw.execute("PRAGMA query_only = ON")
    return raw


def _begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    until = time.monotonic() + READ_SECONDS
    raw.set_progress_handler(lambda: int(time.monotonic() > until), STEPS_BETWEEN_LOOKS)
    # A writer takes the lock at once, so that what it checks is what it changes.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

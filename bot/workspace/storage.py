"""The workspace's own database: one SQLite file, one writer, documents beside their keys."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from bot.workspace.wire import Json, compact

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
  token TEXT PRIMARY KEY, kind TEXT NOT NULL, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, alias TEXT UNIQUE, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS user_groups (
  id TEXT PRIMARY KEY, handle TEXT UNIQUE, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS channels (id TEXT PRIMARY KEY, name TEXT UNIQUE, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS members (
  channel TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (channel, user));
CREATE TABLE IF NOT EXISTS messages (
  channel TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT, visible_to TEXT, document TEXT NOT NULL,
  PRIMARY KEY (channel, ts));
CREATE INDEX IF NOT EXISTS messages_newest ON messages (ts);
CREATE INDEX IF NOT EXISTS messages_thread ON messages (channel, thread_ts, ts);
CREATE TABLE IF NOT EXISTS views (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, kind TEXT NOT NULL, position INTEGER NOT NULL,
  external_id TEXT, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS views_user ON views (user, kind, position);
CREATE TABLE IF NOT EXISTS response_urls (
  secret TEXT PRIMARY KEY, user TEXT NOT NULL, channel TEXT NOT NULL, message_ts TEXT,
  thread_ts TEXT, uses_left INTEGER NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL,
  attempts INTEGER NOT NULL, due_at REAL NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reads (
  user TEXT NOT NULL, channel TEXT NOT NULL, ts TEXT NOT NULL, PRIMARY KEY (user, channel));
CREATE TABLE IF NOT EXISTS files (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, length INTEGER NOT NULL, content BLOB,
  is_shared INTEGER NOT NULL);
"""

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


class Storage:
    """Statements on the one connection; every write is its own committed transaction.

    WAL with synchronous=NORMAL: a killed process loses nothing, a power cut may lose the last
    moments of a playground.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.executescript(_SCHEMA)

    def run(self, statement: str, *values: Value) -> int:
        """Execute one write; the number of rows it touched."""
        return self._connection.execute(statement, values).rowcount

    def rows(self, statement: str, *values: Value) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Value) -> Row | None:
        """The first row of a query, if any."""
        found: Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def meta(self, key: str) -> str | None:
        """A remembered setting of this workspace."""
        row = self.row("SELECT value FROM meta WHERE key = ?", key)
        return str(row[0]) if row else None

    def remember(self, key: str, value: str) -> None:
        """Keep a setting over restarts."""
        self.run(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            key,
            value,
        )

    def together(self, statements: Iterable[tuple[str, tuple[Value, ...]]]) -> None:
        """Several writes in one transaction: all or none."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                self._connection.execute(statement, values)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the workspace is done with it."""
        self._connection.close()


def document(value: Value) -> Json:
    """The JSON object of a `document` column."""
    loaded: Json = json.loads(str(value))
    return loaded


def column(value: Json) -> str:
    """A JSON object as a `document` column holds it."""
    return compact(value)

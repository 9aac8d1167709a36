"""What each scope may do, table by table and column by column, enforced inside SQLite itself.

A session's connection carries an authorizer: SQLite asks it about every table, column, pragma and
function while it compiles a statement, and refuses the statement on anything but yes. Accounts
without a writing scope open the file read-only besides.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]

_CHANGED = ("version", "changed_by", "changed_at")

READS: Mapping[str, frozenset[str]] = {
    "orders:read": frozenset({"customers", "orders", "order_items", "notes"}),
    "payments:read": frozenset({"payments", "refunds", "credits"}),
    "tickets:read": frozenset({"tickets"}),
}
INSERTS: Mapping[str, frozenset[str]] = {
    "payments:write": frozenset({"refunds"}),
    "notes:write": frozenset({"notes"}),
}
UPDATES: Mapping[str, frozenset[tuple[str, str]]] = {
    "payments:write": frozenset(
        {("refunds", "reversed_at")}
        | {("payments", column) for column in ("refunded_minor", "status", *_CHANGED)}
    ),
    "notes:write": frozenset(
        {("notes", "is_deleted")} | {("orders", column) for column in _CHANGED}
    ),
    "orders:write": frozenset(
        ("orders", column)
        for column in ("status", "street", "city", "postcode", "country", *_CHANGED)
    ),
    "tickets:write": frozenset(("tickets", column) for column in ("status", *_CHANGED)),
}
SCOPES = frozenset(READS) | frozenset(UPDATES)

# The service accounts of the desk. A reader's connection is read-only at the file.
ACCOUNTS: Mapping[str, frozenset[str]] = {
    "desk-reader": frozenset(READS),
    "desk-refunds": frozenset(
        {*READS, "payments:write", "notes:write", "tickets:write"},
    ),
    "desk-orders": frozenset({"orders:read", "orders:write", "notes:write"}),
}

# Asked by SQLAlchemy when it first connects; it reads a setting and changes nothing.
_PRAGMAS_READ = frozenset({"read_uncommitted"})


@dataclass(frozen=True)
class Grant:
    """The tables and columns that a set of scopes opens."""

    reads: frozenset[str]
    inserts: frozenset[str]
    updates: frozenset[tuple[str, str]]

    @property
    def is_read_only(self) -> bool:
        return not self.inserts and not self.updates


def grant(scopes: frozenset[str]) -> Grant:
    """What `scopes` open. Every writer may store its idempotency keys; nobody may read accounts."""
    inserts = frozenset[str]().union(*(INSERTS.get(s, frozenset()) for s in scopes))
    updates = frozenset[tuple[str, str]]().union(*(UPDATES.get(s, frozenset()) for s in scopes))
    reads = frozenset({"writes", "faults"}).union(*(READS.get(s, frozenset()) for s in scopes))
    if inserts or updates:
        inserts, updates = inserts | {"writes"}, updates | {("writes", "taken_back_by")}
    return Grant(reads, inserts, updates)


def authorizer(granted: Grant) -> Authorizer:
    """SQLite's question and our answer: everything that is not granted is denied."""

    def decide(
        action: int, first: str | None, second: str | None, _schema: str | None, _by: str | None
    ) -> int:
        is_granted = {
            sqlite3.SQLITE_SELECT: True,
            sqlite3.SQLITE_TRANSACTION: True,
            sqlite3.SQLITE_READ: first in granted.reads,
            sqlite3.SQLITE_INSERT: first in granted.inserts,
            sqlite3.SQLITE_UPDATE: (first, second) in granted.updates,
            sqlite3.SQLITE_FUNCTION: second in {"count", "coalesce", "sum", "max", "min", "like"},
            sqlite3.SQLITE_PRAGMA: first in _PRAGMAS_READ and second is None,
        }.get(action, False)
        return sqlite3.SQLITE_OK if is_granted else sqlite3.SQLITE_DENY

    return decide

"""What can go wrong between the code and its database.

StoreError
  StoreAwayError        the database cannot be reached, or the connection was lost
  StoreBusyError        another writer held the database for longer than the time-out
  StoreReadOnlyError    the file, disk or server accepts no writes
  StoreFullError        the disk is full
  StoreDamagedError     the file is damaged, or is no database
  StoreRefusedError     a constraint or a trigger of the database refused the statement
  SchemaError           the schema is newer than the code, or its guards are missing
  StaleRunError         somebody else changed the run first
  DelegationError       a delegation reaches further than delegations may
  LedgerError           the ledger cannot record: its head does not fit, or the request is not one
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class StoreError(Exception):
    """The store could not do what was asked; nothing of the unit of work was written."""


class StoreAwayError(StoreError):
    """The database cannot be reached."""


class StoreBusyError(StoreError):
    """Another writer held the database for longer than the time-out."""


class StoreReadOnlyError(StoreError):
    """The database accepts no writes."""


class StoreFullError(StoreError):
    """There is no room left to write."""


class StoreDamagedError(StoreError):
    """The database file is damaged or is not a database."""


class StoreRefusedError(StoreError):
    """A constraint or a trigger of the database refused a statement."""


class SchemaError(StoreError):
    """The schema does not fit this code."""


class StaleRunError(StoreError):
    """The run was changed by somebody else since it was read; read it again and decide again."""

    def __init__(self, run_id: str, version: int) -> None:
        self.run_id, self.version = run_id, version
        super().__init__(
            f"run {run_id} is not at version {version - 1} any more, so version {version} was not "
            "saved; read it again and decide again"
        )


class DelegationError(StoreError):
    """A delegation reaches further than delegations may; nothing was delegated."""


class LedgerError(StoreError):
    """The ledger cannot record this; nothing may be executed until it can."""


# What the drivers say (SQLite's result texts, PostgreSQL's SQLSTATE classes), and what it means.
SQLITE_SIGNS: tuple[tuple[str, type[StoreError], str], ...] = (
    ("locked", StoreBusyError, "another process holds the write lock; try again in a moment"),
    ("busy", StoreBusyError, "another process holds the write lock; try again in a moment"),
    ("readonly", StoreReadOnlyError, "make the file and its folder writable for this account"),
    ("disk is full", StoreFullError, "free some space and try again; nothing was half-written"),
    ("unable to open", StoreAwayError, "check that the folder exists and is accessible"),
    ("disk i/o error", StoreAwayError, "check the disk that holds the file"),
    ("malformed", StoreDamagedError, "restore a backup and verify the ledger"),
    ("not a database", StoreDamagedError, "restore a backup and verify the ledger"),
)
SQLSTATE_SIGNS: tuple[tuple[str, type[StoreError], str], ...] = (
    ("55P03", StoreBusyError, "another writer holds the lock; try again in a moment"),
    ("57014", StoreBusyError, "the statement was cancelled by its time-out; try again"),
    ("40", StoreBusyError, "the transaction lost against another; try again"),
    ("53100", StoreFullError, "free some space on the server; nothing was half-written"),
    ("53", StoreAwayError, "the server has no resources left; look at its connections and memory"),
    ("25006", StoreReadOnlyError, "connect to the primary server, not to a replica"),
    ("42501", StoreReadOnlyError, "grant this role the rights on the store's tables"),
    ("08", StoreAwayError, "check that the server runs and can be reached"),
    ("57P", StoreAwayError, "the server is restarting; try again in a moment"),
    ("28", StoreAwayError, "the server refused the login; check the role and its password"),
    ("3D", StoreAwayError, "create the database, or correct its name in the address"),
    ("XX", StoreDamagedError, "look at the server's log"),
)


def translate(error: DBAPIError | PoolTimeoutError, address: str) -> StoreError:
    """The error of ours that a driver's error means. `address` names the database, no password."""
    if isinstance(error, PoolTimeoutError):
        return StoreBusyError(f"{address}: no free connection within the time-out; try again")
    driver_error = error.orig
    text = " ".join(str(driver_error).split())
    if isinstance(error, IntegrityError):
        return StoreRefusedError(f"{address} refused the change: {text}")
    state = getattr(driver_error, "sqlstate", None)
    if state is not None:
        for prefix, kind, advice in SQLSTATE_SIGNS:
            if state.startswith(prefix):
                return kind(f"{address}: {text}; {advice}")
    else:
        lowered = text.lower()
        for sign, kind, advice in SQLITE_SIGNS:
            if sign in lowered:
                return kind(f"{address}: {text}; {advice}")
    if error.connection_invalidated or (state is None and "connection" in text.lower()):
        return StoreAwayError(f"{address}: {text}; check that the server runs and can be reached")
    return StoreRefusedError(f"{address} refused a statement: {text}")

"""Writing where the database keeps the key: the same transaction checks it, writes and keeps it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from connectors.errors import Conflict, Rejected
from connectors.operation import Params, Result, Snapshot
from connectors.sql.keys import Keys, Written, reference_of
from connectors.sql.row import Row, changed
from connectors.sql.session import Session


@dataclass(frozen=True)
class Keyed:
    """The I/O of one operation whose keys are kept."""

    row: Row
    keys: Keys
    read_scopes: frozenset[str]
    scopes: frozenset[str]

    def read(self, session: Session, params: Params) -> Snapshot:
        """The row as it stands."""
        with session.reading(self.read_scopes) as connection:
            return self.row.load(connection, params)

    def lookup(self, session: Session, params: Params, key: str) -> Result | None:
        """Whether a write, or a taking back, happened under `key`."""
        with session.reading(self.read_scopes) as connection:
            return self.keys.earlier(connection, params, key)

    def execute(self, session: Session, params: Params, before: Snapshot, key: str) -> Result:
        """At most one write under `key`. Conflict where the row is not as `before`."""
        try:
            with session.writing(self.scopes) as connection:
                earlier = self.keys.earlier(connection, params, key, "")
                return earlier or self._write(session, connection, params, before, key)
        except Conflict:
            if found := self.lookup(session, params, key):
                return found  # the same call at the same moment was quicker
            raise

    def compensate(
        self, session: Session, params: Params, before: Snapshot, result: Result, key: str
    ) -> Result:
        """Takes a write back, once. What is restored is what was kept of it, not `before`: after a
        crash a caller may have read the row anew."""
        del before
        try:
            with session.writing(self.scopes) as connection:
                earlier = self.keys.earlier(connection, params, key, result.reference)
                return earlier or self._take_back(session, connection, params, result, key)
        except (Conflict, Rejected):
            if found := self._taken_back(session, params, result, key):
                return found
            raise

    def _taken_back(
        self, session: Session, params: Params, result: Result, key: str
    ) -> Result | None:
        """The answer of the same call at the same moment, where that was quicker."""
        if not self.read_scopes <= session.scopes:
            return None
        with session.reading(self.read_scopes) as connection:
            return self.keys.earlier(connection, params, key, result.reference)

    def _write(
        self, session: Session, connection: Connection, params: Params, before: Snapshot, key: str
    ) -> Result:
        live = self.row.load(connection, params)
        if live.version != before.version or live.fields != before.fields:
            raise changed(live)
        after = self.row.apply(connection, params, live)
        left = Written(reference_of(key), after.version, live.fields, after.fields)
        return self.keys.keep(connection, params, key, session.account, left)

    def _take_back(
        self, session: Session, connection: Connection, params: Params, result: Result, key: str
    ) -> Result:
        written = self.keys.written(connection, params, result.reference)
        live = self.row.load(connection, params)
        left = replace(live, version=written.version, fields=written.after)
        after = self.row.take_back(connection, params, written.before, left)
        self.keys.mark_taken_back(connection, written.reference, key)
        again = Written(reference_of(key), after.version, written.after, after.fields)
        return self.keys.keep(
            connection, params, key, session.account, again, takes_back=written.reference
        )

"""Writing where the database keeps no key: a lost answer is found by the row as it was left.

Another's same write counts as this one, because nothing tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from connectors.errors import Conflict, Rejected
from connectors.operation import Params, Result, Snapshot
from connectors.sql.keys import check, reference_of
from connectors.sql.row import ABSENT, Row, changed
from connectors.sql.session import Session


@dataclass(frozen=True)
class Stated:
    """The I/O of one operation that is found again by its state."""

    row: Row
    read_scopes: frozenset[str]
    scopes: frozenset[str]

    def read(self, session: Session, params: Params) -> Snapshot:
        """The row as it stands."""
        with session.reading(self.read_scopes) as connection:
            return self.row.load(connection, params)

    def lookup(self, session: Session, params: Params, key: str) -> Result | None:
        """Whether the row is as the write would leave it."""
        check(key)
        live = self.read(session, params)
        return self._result(live, is_replay=True) if self._is_done(live, params) else None

    def execute(self, session: Session, params: Params, before: Snapshot, key: str) -> Result:
        """Writes once: a row that is so already is left alone. Conflict where it is not as
        `before`."""
        check(key)
        try:
            with session.writing(self.scopes) as connection:
                live = self.row.load(connection, params)
                if self._is_done(live, params):
                    return self._result(live, is_replay=True)
                if live.version != before.version or live.fields != before.fields:
                    raise changed(live)
                return self._result(self.row.apply(connection, params, live))
        except Conflict:
            if found := self.lookup(session, params, key):
                return found  # the same call at the same moment was quicker
            raise

    def compensate(
        self, session: Session, params: Params, before: Snapshot, result: Result, key: str
    ) -> Result:
        """Restores `before`. Rejected where the row is neither so nor as the write left it."""
        check(key)
        try:
            with session.writing(self.scopes) as connection:
                live = self.row.load(connection, params)
                if live.fields == before.fields:
                    return self._result(live, is_replay=True)
                left = replace(live, version=result.version, fields=self.row.after(params))
                after = self.row.take_back(connection, params, before.fields, left)
                return self._result(after)
        except Rejected:
            live = self.read(session, params)
            if live.fields == before.fields and self.scopes <= session.scopes:
                return self._result(live, is_replay=True)  # the same call was quicker
            raise

    def _is_done(self, live: Snapshot, params: Params) -> bool:
        return live.version != ABSENT and dict(live.fields) == self.row.after(params)

    def _result(self, live: Snapshot, *, is_replay: bool = False) -> Result:
        reference = reference_of(self.row.name, live.resource, dict(live.fields))
        return Result(reference, live.version, is_replay=is_replay)

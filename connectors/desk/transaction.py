"""How the desk writes: one transaction that checks the key and the version, writes, keeps the key.

execute     key known? the first answer -> version as read? -> preview allows? -> write + key
lookup      was anything ever written under this key?
compensate  the same, with a key of its own, for a write that stands as it was left
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from connectors.desk.session import Session
from connectors.desk.tables import writes
from connectors.errors import Conflict, Rejected
from connectors.operation import Params, Result, Snapshot, Value

CALL_COST_MICRO_USD = 200  # what the desk charges for a call: $0.0002
KEY_CHARACTERS_MAX = 200

_UNDER_KEY = select(writes).where(writes.c.key == bindparam("sent"))

P = TypeVar("P", bound=Params)


@dataclass(frozen=True)
class Stamp:
    """Who writes, when, under which key and with which reference."""

    account: str
    now: datetime
    key: str

    @property
    def at(self) -> str:
        return timestamp(self.now)

    @property
    def reference(self) -> str:
        return "w_" + hashlib.sha256(self.key.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Taken:
    """A write that is taken back: its reference, and the record's fields before and after it."""

    reference: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]


@dataclass(frozen=True)
class Transaction(Generic[P]):
    """The I/O of one operation, made of what is particular to it.

    load(connection, params, now) -> Snapshot      Rejected when the record does not exist
    preview(params, before) -> fields after        judged again on the record inside the write
    apply(connection, params, live, stamp)         the write itself, nothing else
    take_back(connection, params, live, taken, stamp)   restores `taken.before`; Rejected when it
                                                   no longer can
    """

    operation: str
    read_scopes: frozenset[str]
    scopes: frozenset[str]
    load: Callable[[Connection, P, datetime], Snapshot]
    preview: Callable[[P, Snapshot], Mapping[str, Value]]
    apply: Callable[[Connection, P, Snapshot, Stamp], None]
    take_back: Callable[[Connection, P, Snapshot, Taken, Stamp], None]

    def read(self, session: Session, params: P) -> Snapshot:
        """The record as it stands."""
        with session.reading(self.operation, "read", self.read_scopes) as connection:
            return self.load(connection, params, session.now())

    def execute(self, session: Session, params: P, before: Snapshot, key: str) -> Result:
        """At most one write under `key`. Conflict when the record is not at `before.version`."""
        with session.writing(self.operation, "execute", self.scopes) as connection:
            earlier = _earlier(connection, key, self.operation, _digest(params), "")
            if earlier is not None:
                return earlier
            stamp = Stamp(session.account, session.now(), key)
            live = self.load(connection, params, stamp.now)
            _check_version(live, before)
            after = {**live.fields, **self.preview(params, live)}
            self.apply(connection, params, live, stamp)
            left = Taken("", live.fields, after)
            return self._keep(connection, params, stamp, left)

    def lookup(self, session: Session, params: P, key: str) -> Result | None:
        """Whether a write, or a taking back, happened under `key`."""
        with session.reading(self.operation, "lookup", self.read_scopes) as connection:
            return _earlier(connection, key, self.operation, _digest(params), None)

    def compensate(
        self, session: Session, params: P, before: Snapshot, result: Result, key: str
    ) -> Result:
        """Take the write back, once. What is restored is what the desk itself kept of it."""
        del (
            before
        )  # after a crash a caller may have read the record anew; our own copy cannot be wrong
        with session.writing(self.operation, "compensate", self.scopes) as connection:
            earlier = _earlier(connection, key, self.operation, _digest(params), result.reference)
            if earlier is not None:
                return earlier
            written = _written(connection, result.reference, self.operation, _digest(params))
            stamp = Stamp(session.account, session.now(), key)
            live = self.load(connection, params, stamp.now)
            self.take_back(connection, params, live, written, stamp)
            connection.execute(
                update(writes)
                .where(writes.c.reference == written.reference)
                .values(taken_back_by=key)
            )
            left = Taken(written.reference, live.fields, written.before)
            return self._keep(connection, params, stamp, left)

    def _keep(self, connection: Connection, params: P, stamp: Stamp, left: Taken) -> Result:
        """Store the key with what was done, in the transaction that did it."""
        version = self.load(connection, params, stamp.now).version
        connection.execute(
            insert(writes),
            {
                "key": stamp.key,
                "operation": self.operation,
                "params_sha256": _digest(params),
                "takes_back": left.reference,
                "reference": stamp.reference,
                "version": version,
                "before": _json(left.before),
                "after": _json(left.after),
                "account": stamp.account,
                "written_at": stamp.at,
            },
        )
        return Result(stamp.reference, version, cost_micro_usd=CALL_COST_MICRO_USD)


def check_stands(live: Snapshot, taken: Taken) -> None:
    """Raises Rejected when somebody changed since what the write had left."""
    for name, value in taken.after.items():
        if live.fields[name] != value:
            raise cannot_take_back(
                live, f"{live.about['last_changed_by']} changed its {name} since"
            )


def cannot_take_back(live: Snapshot, why: str) -> Rejected:
    """The write stays: `why` is a clause."""
    return Rejected(
        f"{live.resource} can no longer be taken back: {why}.",
        next_step="Nothing was changed; put it right by hand.",
    )


def timestamp(moment: datetime) -> str:
    """UTC to the second, the form of every timestamp in the desk: `2026-11-12T09:30:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_version(live: Snapshot, before: Snapshot) -> None:
    if live.version != before.version:
        by, at = live.about.get("last_changed_by"), live.about.get("last_changed_at")
        raise Conflict(
            f"{live.resource} was changed by {by} at {at}: it is at version {live.version}, "
            f"it was read at version {before.version}.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )


def _earlier(
    connection: Connection, key: str, operation: str, params_sha256: str, takes_back: str | None
) -> Result | None:
    if not key or len(key) > KEY_CHARACTERS_MAX:
        raise Rejected(f"An idempotency key has 1 to {KEY_CHARACTERS_MAX} characters.")
    row = connection.execute(_UNDER_KEY, {"sent": key}).one_or_none()
    if row is None:
        return None
    is_same = row.operation == operation and row.params_sha256 == params_sha256
    if not is_same or (takes_back is not None and row.takes_back != takes_back):
        raise Rejected(
            f"This key was used for another call ({row.operation}, reference {row.reference}).",
            next_step="Nothing was written; a new intent needs a new key.",
        )
    return Result(row.reference, row.version, is_replay=True, cost_micro_usd=CALL_COST_MICRO_USD)


def _written(connection: Connection, reference: str, operation: str, params_sha256: str) -> Taken:
    row = connection.execute(
        select(writes).where(writes.c.reference == reference, writes.c.takes_back == "")
    ).one_or_none()
    if row is None or row.operation != operation or row.params_sha256 != params_sha256:
        raise Rejected(
            f"The orders desk knows no write {reference} of {operation} with these parameters.",
            next_step="Nothing was changed; look at the record itself.",
        )
    if row.taken_back_by:
        raise Rejected(
            f"The write {reference} was taken back already.",
            next_step="Nothing was changed; there is nothing left to take back.",
        )
    return Taken(row.reference, json.loads(row.before), json.loads(row.after))


def _digest(params: Params) -> str:
    return hashlib.sha256(_json(params.model_dump(mode="json")).encode()).hexdigest()


def _json(value: Value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)

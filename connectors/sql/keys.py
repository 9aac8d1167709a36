"""The table in which a database keeps the keys of Assent's writes, in their own transactions.

    CREATE TABLE assent_writes (
      key text PRIMARY KEY, operation text NOT NULL, params_sha256 text NOT NULL,
      takes_back text NOT NULL, reference text NOT NULL UNIQUE, version text NOT NULL,
      before text NOT NULL, after text NOT NULL, taken_back_by text NOT NULL,
      account text NOT NULL, written_at text NOT NULL
    )

The account may SELECT and INSERT, and UPDATE `taken_back_by`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select, update

from connectors.errors import Rejected
from connectors.operation import Params, Result, Value

KEY_CHARACTERS_MAX = 200
COLUMNS = (
    "key", "operation", "params_sha256", "takes_back", "reference", "version", "before", "after",
    "taken_back_by", "account", "written_at",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A write that stands: the row before it and after it."""

    reference: str
    version: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]


@dataclass(frozen=True)
class Keys:
    """The keys of one operation in one table."""

    table: Table
    operation: str

    def earlier(
        self, connection: Connection, params: Params, key: str, takes_back: str | None = None
    ) -> Result | None:
        """The answer that was given under a key. Raises Rejected where it is another call's."""
        check(key)
        where = self.table.c.key == key
        row = connection.execute(select(self.table).where(where)).one_or_none()
        if row is None:
            return None
        is_same = row.operation == self.operation and row.params_sha256 == digest(params)
        if not is_same or (takes_back is not None and row.takes_back != takes_back):
            raise Rejected(
                f"This key was used for another call ({row.operation}).",
                next_step="Nothing was written; a new intent needs a new key.",
            )
        return Result(row.reference, row.version, is_replay=True)

    def written(self, connection: Connection, params: Params, reference: str) -> Written:
        """A write that can be taken back. Raises Rejected where there is none."""
        where = (self.table.c.reference == reference, self.table.c.takes_back == "")
        row = connection.execute(select(self.table).where(*where)).one_or_none()
        if row is None or row.operation != self.operation or row.params_sha256 != digest(params):
            raise Rejected(
                f"There is no write of {self.operation} with this reference and these parameters.",
                next_step="Nothing was changed; look at the record itself.",
            )
        if row.taken_back_by:
            raise Rejected(
                "This write was taken back already.",
                next_step="Nothing was changed; there is nothing left to take back.",
            )
        return Written(row.reference, row.version, json.loads(row.before), json.loads(row.after))

    def keep(
        self,
        connection: Connection,
        params: Params,
        key: str,
        account: str,
        left: Written,
        takes_back: str = "",
    ) -> Result:
        """Keeps a key with what was done under it, in the transaction that did it."""
        connection.execute(
            insert(self.table).values(
                key=key,
                operation=self.operation,
                params_sha256=digest(params),
                takes_back=takes_back,
                reference=left.reference,
                version=left.version,
                before=_json(left.before),
                after=_json(left.after),
                taken_back_by="",
                account=account,
                written_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
        )
        return Result(left.reference, left.version)

    def mark_taken_back(self, connection: Connection, reference: str, key: str) -> None:
        """So that it is taken back once."""
        where = (self.table.c.reference == reference, self.table.c.taken_back_by == "")
        done = connection.execute(update(self.table).where(*where).values(taken_back_by=key))
        if done.rowcount != 1:
            raise Rejected(
                "This write was taken back already.",
                next_step="Nothing was changed; there is nothing left to take back.",
            )


def keys_of(table: str, operation: str) -> Keys:
    """The keys of an operation in the table that an admin named."""
    schema, _, name = table.rpartition(".")
    columns = (Column(each, Text) for each in COLUMNS)
    return Keys(Table(name, MetaData(), *columns, schema=schema or None), operation)


def check(key: str) -> None:
    """Raises Rejected for what cannot be a key."""
    if not key or len(key) > KEY_CHARACTERS_MAX:
        raise Rejected(f"An idempotency key has 1 to {KEY_CHARACTERS_MAX} characters.")


def reference_of(*parts: object) -> str:
    """A short name that the same parts always have."""
    return "w_" + hashlib.sha256(_json(parts).encode()).hexdigest()[:24]


def digest(params: Params) -> str:
    """Of the parameters: a key is of one call."""
    return hashlib.sha256(_json(params.model_dump(mode="json")).encode()).hexdigest()


def _json(value: Value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)

"""The one row of a declared operation: read, predicted, written, taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import Delete, Insert, Select, Update

from connectors.declared.parameters import FACTS_OF_RECORD, facts, named
from connectors.errors import Conflict, Rejected
from connectors.operation import FactType, Params, Snapshot, Value
from connectors.sql.core import bound, from_json, to_json
from connectors.sql.declaration import OperationDeclared
from connectors.sql.parts import Constant, Given, Parts

ABSENT = "absent"  # the version of a row that is not there yet
TEXT_CHARACTERS_MAX = 4_000  # of one value that is read; policy takes no longer text either

_FACTS: Mapping[str, FactType] = {
    "text": "string", "date": "string", "decimal": "string", "text?": "string", "date?": "string",
    "decimal?": "string", "int": "int", "bool": "bool", "timestamp": "timestamp",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One declared operation, made ready. `fields` are the columns of its diff, `sets` what the
    write makes of them."""

    name: str
    system: str
    declared: OperationDeclared
    fields: tuple[str, ...]
    sets: Parts
    read: Select[Any]
    write: Update | Insert
    undo: Update | Delete | None

    @property
    def is_new(self) -> bool:
        """Whether the write makes the row."""
        return self.sets.verb == "INSERT"

    def load(self, connection: Connection, params: Params) -> Snapshot:
        """The row as it stands. Raises Rejected where there is none, unless the write makes it."""
        given = self._given(params)
        found = connection.execute(self.read, bound(self.read, given)).mappings().fetchmany(2)
        if len(found) > 1:
            raise Rejected(
                f"More than one row is {self._resource(params)}.",
                next_step="Nothing was written; declare the whole primary key.",
            )
        if not found and not self.is_new:
            raise Rejected(
                f"{self.system} has no {self._resource(params)}.",
                next_step="Nothing was written; check the number or the name.",
            )
        values = {
            name: self._value(name, kind, found[0][name]) if found else None
            for name, kind in self.declared.columns.items()
        }
        return Snapshot(
            system=self.system,
            resource=self._resource(params),
            version=self._version(values) if found else ABSENT,
            fields={name: values[name] for name in self.fields},
            about={
                name: value
                for name, value in values.items()
                if name not in (*self.fields, self.declared.version)
            },
        )

    def after(self, params: Params) -> Mapping[str, Value]:
        """What the write leaves in every column of the diff, whatever was there before."""
        values = params.model_dump(mode="json")
        left = {}
        for name in self.fields:
            match self.sets.sets[name]:
                case Given(given):
                    left[name] = values[given]
                case Constant(value):
                    left[name] = value
        return left

    def preview(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """The columns that change. Rejected where none does, or where the row is there already."""
        if self.is_new and before.version != ABSENT:
            raise Rejected(
                f"{self.system} has the {before.resource} already.",
                next_step="Nothing to do, or choose another one.",
            )
        after = self.after(params)
        changes = {name: value for name, value in after.items() if before.fields[name] != value}
        if not changes:
            raise Rejected(f"The {before.resource} is so already.", next_step="Nothing to do.")
        return changes

    def facts(self, params: Params, before: Snapshot) -> Mapping[str, Value]:
        """What policy judges: the parameters, and the row as it stands."""
        if self.is_new:
            return {**facts(params), f"{FACTS_OF_RECORD}.exists": before.version != ABSENT}
        values = {**before.about, **before.fields}
        kinds = self.declared.columns
        known = {n: v for n, v in values.items() if kinds[n] in _FACTS}
        return {
            **facts(params),
            **{f"{FACTS_OF_RECORD}.{n}": "" if v is None else v for n, v in known.items()},
        }

    def fact_types(self) -> dict[str, FactType]:
        """Columns that may be empty are facts where the empty text can say so."""
        if self.is_new:
            return {f"{FACTS_OF_RECORD}.exists": "bool"}
        return {
            f"{FACTS_OF_RECORD}.{name}": _FACTS[kind]
            for name, kind in self.declared.columns.items()
            if kind in _FACTS and name != self.declared.version
        }

    def apply(self, connection: Connection, params: Params, live: Snapshot) -> Snapshot:
        """Writes exactly this row, and reads it again. Raises Conflict where it is no longer as
        `live`, Rejected where the database made something else of it; the transaction is the
        caller's to give up."""
        expected = {**live.fields, **self.preview(params, live)}
        given = {**self._given(params), **self._columns("before_", live)}
        rows = connection.execute(self.write, bound(self.write, given)).rowcount
        if rows == 0:
            raise changed(live)
        self._expect_one(rows)
        after = self.load(connection, params)
        if dict(after.fields) != expected:
            raise Rejected(
                f"The database itself makes something else of the {live.resource} than was shown.",
                next_step="Nothing was written; look at its triggers and the columns' types.",
            )
        return after

    def take_back(
        self,
        connection: Connection,
        params: Params,
        before: Mapping[str, Value],
        left: Snapshot,
    ) -> Snapshot:
        """Restores `before`, where the row is as the write `left` it. Raises Rejected otherwise."""
        if self.undo is None:
            raise Rejected(
                f"{left.resource} cannot be taken back: {self.declared.irreversible}.",
                next_step="Nothing was changed; put it right by hand.",
            )
        given = {
            **self._given(params),
            **self._columns("after_", left),
            **{f"before_{n}": from_json(v, self._kind(n)) for n, v in before.items()},
        }
        rows = connection.execute(self.undo, bound(self.undo, given)).rowcount
        if rows == 0:
            raise Rejected(
                f"{left.resource} can no longer be taken back: it was changed since.",
                next_step="Nothing was changed; put it right by hand.",
            )
        self._expect_one(rows)
        after = self.load(connection, params)
        if dict(after.fields) != dict(before):
            raise Rejected(
                f"The database itself does not put {left.resource} back as it was.",
                next_step="Nothing was changed; put it right by hand.",
            )
        return after

    def _expect_one(self, rows: int) -> None:
        if rows != 1:
            raise Rejected(
                f"{self.name} would have changed {rows} rows; it may change one.",
                next_step="Nothing was written; declare the whole primary key.",
            )

    def _resource(self, params: Params) -> str:
        return named(self.declared.resource, params)

    def _kind(self, column: str) -> str:
        return self.declared.columns[column].rstrip("?")

    def _value(self, name: str, kind: str, found: Any) -> Value:
        try:
            value = to_json(found, kind.rstrip("?"))
        except ValueError as error:
            raise Rejected(
                f"The column {name} of {self.declared.table} is declared as {kind} and holds"
                f" {error}.",
                next_step="Nothing was written; correct the declaration.",
            ) from None
        if value is None and not kind.endswith("?"):
            raise Rejected(
                f"The column {name} of {self.declared.table} is empty, which its declaration rules"
                " out.",
                next_step=f"Nothing was written; fill it, or declare it as {kind}?.",
            )
        if isinstance(value, str) and len(value) > TEXT_CHARACTERS_MAX:
            raise Rejected(
                f"The column {name} of {self.declared.table} holds more than"
                f" {TEXT_CHARACTERS_MAX:,} characters, too many to be shown.",
                next_step="Nothing was written; leave the column out of the declaration.",
            )
        return value

    def _version(self, values: Mapping[str, Value]) -> str:
        if self.declared.version is not None:
            return str(values[self.declared.version])
        shown = json.dumps([values[name] for name in self.fields], ensure_ascii=True)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    def _given(self, params: Params) -> dict[str, Any]:
        values = params.model_dump(mode="json")
        return {
            name: date.fromisoformat(value) if self.declared.params[name].type == "date" else value
            for name, value in values.items()
            if value is not None
        }

    def _columns(self, prefix: str, row: Snapshot) -> dict[str, Any]:
        values = {**row.about, **row.fields}
        given = {f"{prefix}{n}": from_json(v, self._kind(n)) for n, v in values.items()}
        if self.declared.version is not None and row.version != ABSENT:
            given[f"{prefix}{self.declared.version}"] = _number(row)
        return given


def changed(live: Snapshot) -> Conflict:
    """The row is not the one that was read."""
    return Conflict(
        f"{live.resource} was changed since it was read.",
        next_step="Nothing was written; read it again and look at the new difference.",
    )


def _number(row: Snapshot) -> int:
    if not row.version.lstrip("-").isdecimal():
        raise changed(row)
    return int(row.version)

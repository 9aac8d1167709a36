"""What the desk itself knows of a case: its rows before and after, and the writes under its keys.

Read from the desk's files alone, past every connector; the product's records are asked only for
parameters that the desk keeps the digest of, and believed only where that digest agrees.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache

from connectors import registry
from connectors.desk.tables import metadata
from evals.cases.amounts import written
from evals.cases.case import Changed
from evals.errors import EvalError
from evals.stories.trace import RowChange, Wrote
from store.model.plan import Step
from store.model.values import Json

RECORDS = tuple(
    sorted(set(metadata.tables) - {"accounts", "faults", "writes"})
)  # tables of somebody's records
BOOKKEEPING = frozenset({"version", "changed_by", "changed_at"})  # of every write; in no diff

Row = dict[str, Json]


class StoryError(EvalError):
    """The case asks for what its world does not have."""


def change(path: str, changed: Iterable[Changed]) -> None:
    """Rows as somebody else leaves them: exactly the values given. Raises StoryError."""
    with _open(path) as desk, desk:
        for one in changed:
            columns = _columns(one.table)
            if one.table not in RECORDS or not one.set.keys() <= columns - {"id"}:
                raise StoryError(f"the desk has no such record: {one.table} {sorted(one.set)}")
            values = ", ".join(f"{column} = ?" for column in one.set)
            statement = f"UPDATE {one.table} SET {values} WHERE id = ?"  # noqa: S608 - known names
            done = desk.execute(statement, (*one.set.values(), one.id))
            if done.rowcount != 1:
                raise StoryError(f"the desk has no {one.table} {one.id}; the case changes it")


def rows(path: str, wanted: Iterable[tuple[str, str]]) -> dict[str, Row]:
    """Rows by "table/id" as they stand, empty where there is none."""
    with _open(path) as desk:
        return {f"{table}/{id_}": _row(desk, table, id_) for table, id_ in wanted}


def changes(before: str, after: str) -> tuple[RowChange, ...]:
    """Every field of every record that differs between two states of the desk, in a fixed order.

    A row that is new has no `before`, one that is gone no `after`.
    """
    with _both(before, after) as desk:
        return tuple(
            RowChange(table=table, id=id_, field=field, before=was.get(field), after=now.get(field))
            for table in RECORDS
            for id_, was, now in _differing(desk, table)
            for field in (now or {"id": None})
            if field not in BOOKKEEPING and was.get(field) != now.get(field)
        )


def writes(before: str, after: str, steps: Sequence[Step]) -> tuple[Wrote, ...]:
    """The writes since `before`, in the order in which the desk took them; those that took another
    back make that one undone. `steps` are what may have been asked for."""
    known = {_digest(step): step.params for step in steps}
    with _both(before, after) as desk:
        new = desk.execute(
            "SELECT * FROM main.writes WHERE key NOT IN (SELECT key FROM before.writes)"
            " AND takes_back = '' ORDER BY rowid"
        ).fetchall()
        return tuple(
            Wrote(
                operation=row["operation"],
                values=_plain({**known.get(row["params_sha256"], {}), **_kept(desk, row)}),
                is_undone=bool(row["taken_back_by"]),
                is_by_assent=row["key"].startswith("R-"),
            )
            for row in new
        )


def _kept(desk: sqlite3.Connection, write: sqlite3.Row) -> Row:
    """What the desk's records say of a write, whatever was asked for."""
    reference = write["reference"]
    match write["operation"]:
        case "payments.refund":
            row = desk.execute(
                "SELECT r.payment_id AS payment, r.amount_minor, p.currency, r.reason"
                " FROM main.refunds r JOIN main.payments p ON p.id = r.payment_id WHERE r.id = ?",
                (reference,),
            ).fetchone()
            if row is None:
                return {}
            amount = written(row["amount_minor"], row["currency"])
            return {"payment": row["payment"], "amount": amount, "reason": row["reason"]}
        case "orders.add_note":
            row = desk.execute(
                'SELECT order_id AS "order", text FROM main.notes WHERE reference = ?', (reference,)
            ).fetchone()
            return dict(row) if row else {}
        case _:
            return {**_record(desk, write), **_set(write)}


def _record(desk: sqlite3.Connection, write: sqlite3.Row) -> Row:
    """Which record a write without a row of its own changed: the one whose version passed it, if
    that is one alone."""
    table, name = {
        "tickets.update": ("tickets", "ticket"),
        "orders.cancel": ("orders", "order"),
        "orders.change_address": ("orders", "order"),
    }.get(write["operation"], ("", ""))
    if not table:
        return {}
    passed = desk.execute(
        f"SELECT n.id FROM main.{table} n JOIN before.{table} o ON n.id = o.id"  # noqa: S608
        " WHERE o.version < ? AND n.version >= ?",
        (int(write["version"]), int(write["version"])),
    ).fetchall()
    return {name: str(passed[0]["id"])} if len(passed) == 1 else {}


def _set(write: sqlite3.Row) -> Row:
    """The parameters that are fields of the record, where the write left them otherwise."""
    was, left = json.loads(write["before"]), json.loads(write["after"])
    params = registry.operation(write["operation"])[1].params.model_fields
    return {name: left[name] for name in params if name in left and was.get(name) != left[name]}


def _plain(values: Mapping[str, Json]) -> Row:
    return {
        name: written(int(str(value["minor"])), str(value["currency"]))
        if isinstance(value, dict) and value.keys() == {"minor", "currency"}
        else value
        for name, value in values.items()
    }


def _digest(step: Step) -> str:
    """As the desk keeps it of the parameters of a write."""
    params = registry.operation(step.operation)[1].params.model_validate(step.params)
    text = json.dumps(params.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _differing(desk: sqlite3.Connection, table: str) -> list[tuple[str, Row, Row]]:
    """Each row that differs, as it was and as it is, by its id; empty where it is not."""
    one, other = (_listed(table, alias) for alias in ("n", "o"))
    here = [
        f"SELECT n.rowid AS place FROM main.{table} n LEFT JOIN before.{table} o"  # noqa: S608
        f" ON o.rowid = n.rowid WHERE ({one}) IS NOT ({other})",
        f"SELECT o.rowid AS place FROM before.{table} o"  # noqa: S608
        f" WHERE o.rowid NOT IN (SELECT rowid FROM main.{table})",
    ]
    places = {row["place"] for statement in here for row in desk.execute(statement)}
    found = []
    for place in places:
        was, now = (
            desk.execute(f"SELECT * FROM {side}.{table} WHERE rowid = ?", (place,)).fetchone()  # noqa: S608
            for side in ("before", "main")
        )
        found.append((str((now or was)["id"]), dict(was or {}), dict(now or {})))
    return sorted(found, key=lambda row: row[0])


@cache
def _listed(table: str, alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in sorted(_columns(table)))


def _row(desk: sqlite3.Connection, table: str, id_: str) -> Row:
    if table not in RECORDS:
        raise StoryError(
            f"the desk has no table {table} of records; there are {', '.join(RECORDS)}"
        )
    found = desk.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return dict(found) if found else {}


@cache
def _columns(table: str) -> frozenset[str]:
    known = metadata.tables.get(table)
    return frozenset(known.columns.keys()) if known is not None else frozenset()


@contextmanager
def _open(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as desk:
        desk.row_factory = sqlite3.Row
        yield desk


@contextmanager
def _both(before: str, after: str) -> Iterator[sqlite3.Connection]:
    with _open(after) as desk:
        desk.execute("ATTACH DATABASE ? AS before", (before,))
        yield desk

"""Parts become SQLAlchemy statements, with typed bound parameters and quoted names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Numeric,
    Text,
    bindparam,
    column,
    delete,
    func,
    insert,
    null,
    select,
    table,
    update,
)
from sqlalchemy.sql import ColumnElement, Delete, Insert, Select, TableClause, Update
from sqlalchemy.types import NullType, TypeEngine

from connectors.operation import Value
from connectors.sql.parts import Assigned, Condition, Constant, Given, Now, Parts, Raised

TYPES: Mapping[str, TypeEngine[Any]] = {
    "text": Text(),
    "int": BigInteger(),
    "bool": Boolean(create_constraint=False),
    "date": Date(),
    "timestamp": DateTime(timezone=True),
    "decimal": Numeric(asdecimal=True),
}

Types = Mapping[str, str]  # a column, and the name of its type
# SQLAlchemy takes what is bound under a column's own name for a value to be set.
_BOUND = "assent_given_"


def selecting(parts: Parts, types: Types) -> Select[Any]:
    """A SELECT of typed columns."""
    its_table = _table(parts, types)
    chosen = select(*(its_table.c[name] for name in parts.reads))
    return chosen.where(*_conditions(parts, its_table))


def listing(parts: Parts, types: Types) -> Select[Any]:
    """A SELECT of many rows, in their order."""
    its_table = _table(parts, types)
    chosen = select(*(its_table.c[name] for name in parts.reads))
    columns = ((its_table.c[name], is_down) for name, is_down in parts.order)
    order = (each.desc() if is_down else each.asc() for each, is_down in columns)
    return chosen.where(*_conditions(parts, its_table)).order_by(*order)


def writing(parts: Parts, types: Types) -> Update | Insert | Delete:
    """An UPDATE, INSERT or DELETE whose number of rows can be asked for."""
    its_table = _table(parts, types)
    sets = {name: _assigned(name, value, its_table) for name, value in parts.sets.items()}
    made: Update | Insert | Delete
    match parts.verb:
        case "UPDATE":
            made = update(its_table).where(*_conditions(parts, its_table)).values(sets)
        case "INSERT":
            made = insert(its_table).values(sets)
        case _:
            made = delete(its_table).where(*_conditions(parts, its_table))
    return made.execution_options(preserve_rowcount=True)


def bound(
    statement: Select[Any] | Update | Insert | Delete, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Of the values by their parameters' names those that the statement takes."""
    names = statement.compile().params
    return {
        f"{_BOUND}{name}": value for name, value in values.items() if f"{_BOUND}{name}" in names
    }


def to_json(value: Any, kind: str) -> Value:
    """What a driver gives, as snapshots hold it. Raises ValueError where it is of another type."""
    if value is None:
        return None
    its_type, made = _JSON[kind]
    if not isinstance(value, its_type) or isinstance(value, bool) != (kind == "bool"):
        raise ValueError(type(value).__name__)
    return made(value)


def _moment(value: datetime) -> str:
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_JSON: Mapping[str, tuple[type | tuple[type, ...], Callable[[Any], Value]]] = {
    "text": ((str, UUID), str),
    "int": (int, int),
    "bool": (bool, bool),
    "date": (date, lambda value: value.isoformat()[:10]),
    "timestamp": (datetime, _moment),
    "decimal": (Decimal, lambda value: format(value, "f")),
}


def from_json(value: Value, kind: str) -> Any:
    """The reverse, for a bound parameter."""
    match kind:
        case _ if value is None:
            return None
        case "timestamp":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "decimal":
            return Decimal(value)
    return value


def _table(parts: Parts, types: Types) -> TableClause:
    schema, _, name = parts.table.rpartition(".")
    columns = (column(each, TYPES[kind]) for each, kind in types.items())
    return table(name, *columns, schema=schema or None)


def _conditions(parts: Parts, its_table: TableClause) -> tuple[ColumnElement[bool], ...]:
    return tuple(_condition(each, its_table.c[each.column]) for each in parts.where)


def _condition(condition: Condition, its: ColumnElement[Any]) -> ColumnElement[bool]:
    value = _bound(condition.value, its.type)
    return its.is_not_distinct_from(value) if condition.is_null_safe else its == value


def _assigned(name: str, value: Assigned, its_table: TableClause) -> ColumnElement[Any]:
    its = its_table.c[name]
    match value:
        case Raised():
            return its + value.by
        case Now():
            return func.current_timestamp()
    return _bound(value, its.type)


def _bound(value: Given | Constant, kind: TypeEngine[Any]) -> ColumnElement[Any]:
    # Text goes without a type of its own: PostgreSQL then takes it for the column's, be it a uuid
    # or an enumeration.
    typed = NullType() if isinstance(kind, Text) else kind
    if isinstance(value, Given):
        return bindparam(f"{_BOUND}{value.name}", type_=typed, required=True)
    return null() if value.value is None else bindparam(None, value.value, typed, unique=True)

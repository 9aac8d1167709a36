"""The ledger's tables. Its columns for search are generated from the leaf, in the words of each
database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

Big = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is SQLite's own row id


class LeafText(ColumnElement[str]):
    """The text under one key of the leaf, as each database says it."""

    inherit_cache = False

    def __init__(self, key: str) -> None:
        self.key_in_leaf = key


@compiles(LeafText, "sqlite")
def _leaf_text_sqlite(element: LeafText, _compiler: object, **_options: object) -> str:
    return f"json_extract(leaf, '$.{element.key_in_leaf}')"


@compiles(LeafText, "postgresql")
def _leaf_text_postgresql(element: LeafText, _compiler: object, **_options: object) -> str:
    """PostgreSQL's JSON cannot hold U+0000, which people may write; the leaf itself keeps it."""
    return f"(replace(leaf, '\\u0000', '\\u0001'))::json ->> '{element.key_in_leaf}'"


def leaf_column(name: str, key: str) -> Column[str]:
    """A column generated from the leaf and stored, as PostgreSQL before 18 wants it."""
    return Column(name, Text, Computed(LeafText(key), persisted=True))


def ledger_tables(metadata: MetaData) -> tuple[Table, ...]:
    """Entries with their leaves, the parts that may be erased, the head, and its checkpoints."""
    return (
        Table(
            "ledger_entries",
            metadata,
            Column("seq", Big, primary_key=True, autoincrement=False),
            Column("leaf", Text, nullable=False),
            Column("hash", LargeBinary, nullable=False),
            leaf_column("kind", "kind"),
            leaf_column("run_id", "run"),
            leaf_column("actor", "actor"),
            leaf_column("at", "at"),
            Index(
                "ledger_by_run",
                "run_id",
                "seq",
                sqlite_where=text("run_id <> ''"),
                postgresql_where=text("run_id <> ''"),
            ),
            Index("ledger_by_kind", "kind", "seq"),
        ),
        Table(
            "ledger_bodies",
            metadata,
            Column("seq", Big, primary_key=True, autoincrement=False),
            Column("part", Text, primary_key=True),
            Column("salt", LargeBinary, nullable=False),
            Column("body", Text, nullable=False),
        ),
        Table(
            "ledger_head",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("size", Big, nullable=False),
            Column("root", LargeBinary, nullable=False),
            Column("last", LargeBinary, nullable=False),
            Column("frontier", LargeBinary, nullable=False),
            CheckConstraint("id = 1", name="ledger_head_is_one"),
        ),
        Table(
            "ledger_checkpoints",
            metadata,
            Column("size", Big, primary_key=True, autoincrement=False),
            Column("note", Text, nullable=False),
        ),
    )

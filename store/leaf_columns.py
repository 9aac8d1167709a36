"""Columns of the ledger that are generated from the leaf, in the words of each database."""

from __future__ import annotations

from sqlalchemy import Column, Computed, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement


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

"""The ledger's columns for search, generated from the leaf by each database in its own words."""

from __future__ import annotations

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

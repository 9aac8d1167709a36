"""What an admin writes of an SQL database: systems/<name>.yml with `connector: sql`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.declared.found import FIELDS_MAX, FINDERS_MAX, FinderDeclared, Shape
from connectors.declared.kinds import Declaration, Declared, Word
from connectors.declared.parameters import Name, Parameters
from connectors.text import Line

OPERATIONS_MAX = 100  # of one system
COLUMNS_MAX = 60  # that one operation reads
STATEMENT_CHARACTERS_MAX = 4_000

Database = Literal["postgresql", "sqlite"]
# A ? says that the column may be empty (NULL).
ColumnType = Literal[
    "text", "int", "bool", "date", "timestamp", "decimal",
    "text?", "int?", "bool?", "date?", "timestamp?", "decimal?",
]  # fmt: skip
Statement = Annotated[str, StringConstraints(min_length=1, max_length=STATEMENT_CHARACTERS_MAX)]
Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
TableName = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}$"),
]


class OperationDeclared(Declared):
    """One write to one row.

    `key` maps the columns of the primary key to the parameters that hold it; `columns` are those
    that `read` reads, with their types; `version` is the one among them that every write raises;
    `stamps` are columns that `write` and `undo` set and nobody is shown (updated_at).
    `read`, `write` and `undo` are one statement each. Where nothing can be taken back,
    `irreversible` says why, as a clause.
    """

    title: Line
    resource: Line
    scope: Word | None = None
    params: Parameters
    table: TableName
    key: Annotated[dict[Column, Name], Field(min_length=1, max_length=8)]
    columns: Annotated[dict[Column, ColumnType], Field(min_length=1, max_length=COLUMNS_MAX)]
    version: Column | None = None
    stamps: Annotated[tuple[Column, ...], Field(max_length=COLUMNS_MAX)] = ()
    read: Statement
    write: Statement
    undo: Statement | None = None
    irreversible: Line | None = None

    @model_validator(mode="after")
    def _says_how_it_is_taken_back(self) -> Self:
        if (self.undo is None) == (self.irreversible is None):
            raise ValueError("write either undo, or irreversible with the reason")
        return self


class MoneyColumns(Declared):
    """Money, from the column of its minor units (cents) and that of its currency (USD)."""

    minor: Column
    currency: Column


class FoundBy(Declared):
    """A column by which records are found: the number that it holds where `looks_like` says how
    that looks ("INV-#"), else by the words that it holds."""

    column: Column
    looks_like: Shape | None = None


class FinderOfRows(FinderDeclared):
    """One way to find rows. `fields` are the columns that `read` reads, with their types, and money
    made of two of them; `read` is one SELECT of them. Of `found_by` those with a number come
    first, in their order; the words are looked for in all the others together."""

    fields: Annotated[
        dict[Name, ColumnType | MoneyColumns], Field(min_length=1, max_length=FIELDS_MAX)
    ]
    read: Statement
    found_by: Annotated[tuple[FoundBy, ...], Field(min_length=1, max_length=FIELDS_MAX)]


class SqlDeclaration(Declaration):
    """A database. `keys` is the table in which it keeps the idempotency keys of Assent's writes;
    without one, a lost answer is found by the state of the row alone."""

    connector: Literal["sql"]
    database: Database
    keys: TableName | None = None
    operations: Annotated[
        dict[Word, OperationDeclared], Field(min_length=1, max_length=OPERATIONS_MAX)
    ]
    finders: Annotated[dict[Word, FinderOfRows], Field(max_length=FINDERS_MAX)] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if both := sorted(self.finders.keys() & self.operations.keys()):
            raise ValueError(f"{', '.join(both)} is a finder and an operation; rename one")
        return self

"""What an admin writes of an SQL database: systems/<name>.yml with `connector: sql`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

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


class SqlDeclaration(Declaration):
    """A database. `keys` is the table in which it keeps the idempotency keys of Assent's writes;
    without one, a lost answer is found by the state of the row alone."""

    connector: Literal["sql"]
    database: Database
    keys: TableName | None = None
    operations: Annotated[
        dict[Word, OperationDeclared], Field(min_length=1, max_length=OPERATIONS_MAX)
    ]

"""What an admin writes of an MCP server: systems/<name>.yml with `connector: mcp`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.declared.kinds import Declaration, Declared, Word
from connectors.declared.parameters import Name, Parameters
from connectors.text import Line

OPERATIONS_MAX = 100  # of one system
TOOLS_MAX = 100
PARTS_MAX = 40  # arguments or fields of one operation

ToolName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]
ArgumentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Where a value stands in a structured answer (/note/title), or the whole text of an answer.
Place = Annotated[str, StringConstraints(pattern=r"^(text|(/[A-Za-z0-9_.-]{1,64}){1,6})$")]
# "{title}" is the parameter, anything else stands for itself.
Filling = Annotated[str, StringConstraints(max_length=200)] | int | bool
Arguments = Annotated[dict[ArgumentName, Filling], Field(max_length=PARTS_MAX)]


class ToolDeclared(Declared):
    """A tool that may be called: what it does, as the admin judges it, and the digest of its name,
    description and schemas as they were when it was allowed."""

    does: Literal["read", "write"]
    digest: Digest


class CallDeclared(Declared):
    """One call of an allowed tool."""

    tool: ToolName
    arguments: Arguments = Field(default_factory=dict)


class FieldDeclared(Declared):
    """A field of the diff: where the read answers it, its type, and what the write makes of it."""

    at: Place
    type: Literal["text", "int", "bool"] = "text"
    becomes: Filling


class OperationDeclared(Declared):
    """One write, with the read that shows what it changes. In `undo`, "{before.title}" is the field
    as it was read; where nothing can be taken back, `irreversible` says why."""

    title: Line
    resource: Line
    scope: Word | None = None
    params: Parameters
    read: CallDeclared
    write: CallDeclared
    fields: Annotated[dict[Name, FieldDeclared], Field(min_length=1, max_length=PARTS_MAX)]
    undo: CallDeclared | None = None
    irreversible: Line | None = None

    @model_validator(mode="after")
    def _says_how_it_is_taken_back(self) -> Self:
        if (self.undo is None) == (self.irreversible is None):
            raise ValueError("write either undo, or irreversible with the reason")
        return self


class McpDeclaration(Declaration):
    """An MCP server. `secret_variable` is the variable by which a server that is started as a
    program gets the secret; over HTTP it is a bearer token."""

    connector: Literal["mcp"]
    tools: Annotated[dict[ToolName, ToolDeclared], Field(min_length=1, max_length=TOOLS_MAX)]
    secret_variable: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")] | None = (
        None
    )
    operations: Annotated[
        dict[Word, OperationDeclared], Field(min_length=1, max_length=OPERATIONS_MAX)
    ]

"""What an admin writes of an HTTP interface: systems/<name>.yml with `connector: openapi`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.declared.found import FIELDS_MAX, FINDERS_MAX, FinderDeclared, Shape
from connectors.declared.kinds import Declaration, Declared, Word
from connectors.declared.parameters import Name
from connectors.text import Line

OPERATIONS_MAX = 100  # of one system
PARTS_MAX = 40  # parameters, properties or fields of one operation

OperationId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
# Where a value stands in an answer: /customer/phone.
Pointer = Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_.-]{1,64}){1,6}$")]
Property = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
# "{phone}" is the parameter, anything else stands for itself.
Filling = Annotated[str, StringConstraints(max_length=200)] | int | bool


class FieldDeclared(Declared):
    """A field of the diff: where the read answers it, and what the write makes of it."""

    at: Pointer
    becomes: Filling


class Undo(Declared):
    """The call that takes the write back; "{before.phone}" is the field as it was read."""

    operation: OperationId
    body: Annotated[dict[Property, Filling], Field(max_length=PARTS_MAX)] = Field(
        default_factory=dict
    )


class OperationDeclared(Declared):
    """One write. `read` and `write` are operationIds of the document. `params` maps each parameter
    to where the write has it, `path.NAME` or `body.NAME`, whose schema is its type; `path` fills
    the paths of all calls, `body` the write's. `version` is "etag", a pointer into the
    read's answer, or left out: then all fields and `compared` are compared before the write."""

    title: Line
    resource: Line
    scope: Word | None = None
    params: Annotated[dict[Name, Line], Field(min_length=1, max_length=PARTS_MAX)]
    read: OperationId
    write: OperationId
    path: Annotated[dict[Property, Filling], Field(max_length=PARTS_MAX)] = Field(
        default_factory=dict
    )
    body: Annotated[dict[Property, Filling], Field(max_length=PARTS_MAX)] = Field(
        default_factory=dict
    )
    fields: Annotated[dict[Name, FieldDeclared], Field(min_length=1, max_length=PARTS_MAX)]
    compared: Annotated[dict[Name, Pointer], Field(max_length=PARTS_MAX)] = Field(
        default_factory=dict
    )
    version: Literal["etag"] | Pointer | None = None
    idempotency_header: HeaderName | None = None
    undo: Undo | None = None
    irreversible: Line | None = None

    @model_validator(mode="after")
    def _says_how_it_is_taken_back(self) -> Self:
        if (self.undo is None) == (self.irreversible is None):
            raise ValueError("write either undo, or irreversible with the reason")
        return self


class FoundBy(Declared):
    """A field by which a record is found: where it `looks_like` a number, by the number as it was
    said, else by its words."""

    field: Name
    looks_like: Shape | None = None


class FinderOf(FinderDeclared):
    """One search. `read` is a GET of the document without parameters in its path, whose answer has
    the records at `items`, or is their list. `query` is sent with it, "{words}" being what is
    looked for; whether a record is meant is compared here again. `fields` map each field of a
    record to where it stands."""

    read: OperationId
    items: Pointer | None = None
    query: Annotated[dict[Property, Filling], Field(max_length=PARTS_MAX)] = Field(
        default_factory=dict
    )
    fields: Annotated[dict[Name, Pointer], Field(min_length=1, max_length=FIELDS_MAX)]
    found_by: Annotated[tuple[FoundBy, ...], Field(min_length=1, max_length=FIELDS_MAX)]


class IdentityDeclared(Declared):
    """How the system is asked who the account is: a GET, and where its answer says so."""

    operation: OperationId
    account: Annotated[tuple[Pointer, ...], Field(min_length=1, max_length=4)]
    environment: Pointer | None = None


class OpenapiDeclaration(Declaration):
    """An HTTP interface. `document` is the OpenAPI 3 document beside this file; `secret_header`
    carries the secret, as a bearer token in Authorization where it is left out."""

    connector: Literal["openapi"]
    document: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,60}\.json$")]
    secret_header: HeaderName | None = None
    identity: IdentityDeclared
    operations: Annotated[
        dict[Word, OperationDeclared], Field(min_length=1, max_length=OPERATIONS_MAX)
    ]
    finders: Annotated[dict[Word, FinderOf], Field(max_length=FINDERS_MAX)] = Field(
        default_factory=dict
    )

"""A schema of the document as a type of ours: of a parameter, and of a field that is read."""

from __future__ import annotations

from typing import Any

from connectors.declared.parameters import Number, OneOf, Words, YesOrNo
from connectors.money import MINOR_MAX
from connectors.openapi.document import DocumentError, Schema
from connectors.operation import FactType
from connectors.text import LINE_CHARACTERS_MAX

FIELD_TYPES = ("string", "integer", "boolean", "number")


def parameter(schema: Schema, *, is_in_path: bool) -> Words | Number | YesOrNo | OneOf:
    """The type of a parameter. What goes into a path is an identifier or a number, because
    everything else could lead elsewhere."""
    kind, _ = _kind(schema)
    if kind == "integer":
        return Number(
            type="int",
            min=max(_bound(schema, "minimum", 1), -MINOR_MAX),
            max=min(_bound(schema, "maximum", -1), MINOR_MAX),
        )
    if kind == "boolean":
        return YesOrNo(type="bool")
    if kind != "string":
        raise DocumentError(f"a parameter is text, a whole number or true and false, not {kind}")
    if values := schema.get("enum"):
        return OneOf(type="choice", values=tuple(str(each) for each in values if each is not None))
    if is_in_path:
        return Words(type="id")
    if schema.get("format") == "date":
        return Words(type="date")
    is_long = schema.get("maxLength", LINE_CHARACTERS_MAX + 1) > LINE_CHARACTERS_MAX
    return Words(type="text" if is_long and "maxLength" in schema else "line")


def field(schema: Schema) -> tuple[str, bool]:
    """The type of a field that is read, and whether it may be null."""
    kind, is_nullable = _kind(schema)
    if kind not in FIELD_TYPES:
        raise DocumentError(f"a field is text, a number or true and false, not {kind}")
    return kind, is_nullable


def fact_type(kind: str, *, is_nullable: bool) -> FactType | None:
    """What policy may read it as; None where it may be null and no empty text can say so."""
    if kind in ("string", "number"):
        return "string"
    if is_nullable:
        return None
    return "int" if kind == "integer" else "bool"


def _kind(schema: Schema) -> tuple[str, bool]:
    said: Any = schema.get("type")
    kinds = list(said) if isinstance(said, list) else [said]
    is_nullable = "null" in kinds or bool(schema.get("nullable"))
    kinds = [each for each in kinds if each != "null"]
    return (str(kinds[0]) if len(kinds) == 1 else "several types", is_nullable)


def _bound(schema: Schema, name: str, inward: int) -> int:
    """`minimum` or `maximum`, with what its exclusive form (both versions of it) leaves out."""
    exclusive = schema.get("exclusiveMinimum" if name == "minimum" else "exclusiveMaximum")
    value = schema.get(name)
    if type(exclusive) is int:
        return exclusive + inward
    if type(value) is not int:
        return -inward * MINOR_MAX
    return value + inward if exclusive is True else value

"""Models as tables of keys: what every page about files that people write is made of."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def parts(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    """A model and all that its fields are made of, in order of appearance."""
    found: dict[type[BaseModel], None] = {model: None}
    for field in model.model_fields.values():
        for inner in _inside(field.annotation):
            found |= dict.fromkeys(parts(inner))
    return tuple(found)


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _inside(inner)


def type_of(annotation: Any) -> str:
    """A type as an admin reads it."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(inner[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(type_of(one) for one in inner if one is not type(None)))
    if origin is tuple:
        return f"list of {type_of(inner[0])}"
    if origin is dict:
        return f"map to {type_of(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return title(annotation).lower()
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{value}`" for value in annotation)
    return {
        "str": "text",
        "int": "whole number",
        "bool": "true, false",
        "object": "any constant",
    }.get(annotation.__name__, annotation.__name__)


def title(model: type[BaseModel]) -> str:
    names = {
        "StepTemplate": "Step",
        "Counting": "Counter",
        "Human": "Person",
        "Ask": "Who must consent",
        "PlannerSection": "Planner",
        "SuiteFile": "Suite",
        "CaseFile": "Cases",
        "Changed": "Record",
        "Earlier": "Earlier request",
        "Someone": "Person",
        "Expected": "What is expected",
    }
    name = names.get(model.__name__, model.__name__)
    return name.replace("Slot", " slot")


def default_of(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel) or value is None:
        return "none" if value is None else "its defaults"
    if value in ((), {}, ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"

"""Models as tables of keys: what every page about files that people write is made of."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def parts(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    """A model and all that its fields are made of, in order of appearance."""
    found: dict[type[BaseModel], None] = {model: None}
    for of in model.model_fields.values():
        for inner in _inside(of.annotation):
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


@dataclass(frozen=True)
class Keys:
    """The files that people write, file → (what it is, its model), and what each key of them means.
    `shared` are keys that several models have, `types` what says more than the type of a key."""

    files: Mapping[str, tuple[str, type[BaseModel]]]
    meanings: Mapping[str, str]
    shared: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    def sections(
        self, after: Mapping[type[BaseModel], str] = MappingProxyType({})
    ) -> Iterator[str]:
        """A section a file with a table a model; `after` is said below a model's table."""
        for file, (about, model) in self.files.items():
            yield from (f"## `{file}`", "", about, "")
            for part in parts(model):
                if part is not model:
                    yield from (f"### {title(part)}", "")
                yield from ("| key | type | default | |", "|---|---|---|---|")
                yield from (self._row(part, name, of) for name, of in part.model_fields.items())
                yield ""
                if part in after:
                    yield from (after[part], "")

    def unexplained(self) -> tuple[str, ...]:
        """Keys of the models without a meaning, and meanings of no key."""
        models = {part for _, model in self.files.values() for part in parts(model)}
        keys = {_key(model, name) for model in models for name in model.model_fields}
        known = {key for key in keys if key.rpartition(".")[2] not in self.shared}
        return tuple(sorted(known ^ self.meanings.keys()))

    def _row(self, model: type[BaseModel], name: str, of: FieldInfo) -> str:
        key = _key(model, name)
        meaning = self.meanings.get(key) or self.shared[name]
        default = "" if of.is_required() else default_of(of)
        kind = self.types.get(key) or type_of(of.annotation)
        return f"| `{of.alias or name}` | {kind} | {default} | {meaning} |"


def _key(model: type[BaseModel], name: str) -> str:
    """ "Rule.id"; the two models called Example by their modules."""
    if model.__name__ == "Example":
        return f"{model.__module__.rpartition('.')[2]}.Example.{name}"
    return f"{model.__name__}.{name}"


def default_of(of: FieldInfo) -> str:
    value = of.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, BaseModel) or value is None:
        return "none" if value is None else "its defaults"
    if value in ((), {}, ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"

"""Parameters as an admin declares them, and the typed model that Assent makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, create_model, model_validator

from connectors.declared.kinds import Declared, Place, Problem
from connectors.money import MINOR_MAX
from connectors.operation import FactType, Params
from connectors.text import Identifier, Line, Text

PARAMETERS_MAX = 30  # of one operation; a person reads every one of them on the card
CHOICES_MAX = 100
FACTS_OF_PARAMETERS = "given"  # policy reads the parameter phone as given.phone
FACTS_OF_RECORD = "record"  # and what was read of the record as record.phone

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Choice = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
Whole = Annotated[int, Field(ge=-MINOR_MAX, le=MINOR_MAX)]

_REFERENCE = re.compile(r"\{([^{}]*)\}")


class Words(Declared):
    """`id` letters, digits, - and _ alone; `line` one line; `text` several; `date` 2026-11-27.
    What is optional is for policy to look at alone, which reads "" where it is left out."""

    type: Literal["id", "line", "text", "date"]
    is_optional: bool = False


class Number(Declared):
    """A whole number within its bounds, both included."""

    type: Literal["int"]
    min: Whole = -MINOR_MAX
    max: Whole = MINOR_MAX

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.min > self.max:
            raise ValueError("min is above max")
        return self


class YesOrNo(Declared):
    """true or false."""

    type: Literal["bool"]


class OneOf(Declared):
    """One of the values listed."""

    type: Literal["choice"]
    values: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=CHOICES_MAX)]


Parameter = Annotated[Words | Number | YesOrNo | OneOf, Field(discriminator="type")]
Parameters = Annotated[dict[Name, Parameter], Field(min_length=1, max_length=PARAMETERS_MAX)]
Declarations = Mapping[str, Words | Number | YesOrNo | OneOf]


def model_of(operation: str, declared: Declarations) -> type[Params]:
    """The model of an operation's parameters: frozen, strict, nothing extra."""
    fields: dict[str, Any] = {
        name: (_typed(each) | None, None) if is_optional(each) else (_typed(each), ...)
        for name, each in declared.items()
    }
    name = "".join(part.title() for part in re.split(r"[._]", operation)) + "Params"
    model: type[Params] = create_model(name, __base__=Params, **fields)
    model.__doc__ = f"What {operation} is given."
    return model


def is_optional(declared: Words | Number | YesOrNo | OneOf) -> bool:
    """Whether a parameter may be left out."""
    return isinstance(declared, Words) and declared.is_optional


def fact_types(declared: Declarations) -> dict[str, FactType]:
    """What policy may read of the parameters."""
    types: Mapping[str, FactType] = {"int": "int", "bool": "bool"}
    return {
        f"{FACTS_OF_PARAMETERS}.{name}": types.get(each.type, "string")
        for name, each in declared.items()
    }


def facts(params: Params) -> dict[str, Any]:
    """Their values."""
    values = params.model_dump(mode="json")
    return {
        f"{FACTS_OF_PARAMETERS}.{name}": "" if value is None else value
        for name, value in values.items()
    }


def named(template: str, params: Params) -> str:
    """A name for people with the parameters in it: "customer {customer}"."""
    values = params.model_dump(mode="json")
    return _REFERENCE.sub(lambda found: str(values[found[1]]), template)


def problems_of_template(
    template: str, known: Iterable[str], place: Place, *, what: str = "parameter"
) -> list[Problem]:
    """What a template names and nobody declares."""
    there = sorted(known)
    return [
        Problem(place, f"no {what} {name!r}; there is {', '.join(there)}")
        for name in _REFERENCE.findall(template)
        if name not in there
    ]


def _typed(declared: Words | Number | YesOrNo | OneOf) -> Any:
    match declared:
        case Number():
            return Annotated[int, Field(ge=declared.min, le=declared.max)]
        case YesOrNo():
            return bool
        case OneOf():
            return Literal[declared.values]
    return {"id": Identifier, "line": Line, "text": Text, "date": Day}[declared.type]


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("is no day of the calendar; write it as 2026-11-27") from None
    return value


Day = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$", max_length=10), AfterValidator(_day)
]

"""The form of what a model may claim, and its reading. A claim holds no sentence of the model's
own: nothing that a model writes is ever shown to a person."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from bot.planner.planner import WORKFLOW_SLOT
from policies.workflow import Workflow
from store.model.values import Frozen, Json

SLOTS_MAX = 50  # of one claim
VALUE_CHARACTERS_MAX = 2_000  # as the longest text slot
WRONG_CHARACTERS_MAX = 300  # of what is said about one thing that is wrong

Kind = Literal["plan", "question", "refusal"]
Why = Literal["", "out of scope", "not a request", "unclear"]
From = Literal["request", "answer", "thread", "record"]
FROM: tuple[From, ...] = ("request", "answer", "thread", "record")
WHYS: tuple[Why, ...] = ("", "out of scope", "not a request", "unclear")


class SlotClaim(Frozen):
    """One value, and the words that it is said to come from."""

    slot: Annotated[str, Field(max_length=64)]
    value: Annotated[str, Field(max_length=VALUE_CHARACTERS_MAX)]
    words: Annotated[str, Field(max_length=VALUE_CHARACTERS_MAX)]
    from_: Annotated[From, Field(alias="from")] = "request"


class Claim(Frozen):
    """What a model says of a request. `asks` is the slot of a question, or WORKFLOW_SLOT."""

    kind: Kind
    workflow: Annotated[str, Field(max_length=200)] = ""
    slots: Annotated[tuple[SlotClaim, ...], Field(max_length=SLOTS_MAX, strict=False)] = ()
    asks: Annotated[str, Field(max_length=64)] = ""
    why: Why = ""


class ClaimMalformedError(Exception):
    """A claim is not of the form; the message says where, in words for the model."""


def claim_of(value: Json) -> Claim:
    """A claim from JSON. Raises ClaimMalformedError."""
    try:
        return Claim.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise ClaimMalformedError(f"{where}: {first['msg']}"[:WRONG_CHARACTERS_MAX]) from None


def json_of(text: str) -> Any:
    """The JSON value that a model wrote. Raises ClaimMalformedError."""
    try:
        return json.loads(text, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError):
        raise ClaimMalformedError("the answer is not one JSON object") from None


def schema_of(workflows: tuple[Workflow, ...]) -> dict[str, Json]:
    """The JSON schema of claims about these workflows, deterministic."""
    slots = sorted({name for workflow in workflows for name in workflow.slots})
    slot = object_of(
        {
            "slot": one_of(slots or [""]),
            "value": {"type": "string"},
            "words": {"type": "string"},
            "from": one_of(FROM),
        }
    )
    return object_of(
        {
            "kind": one_of(("plan", "question", "refusal")),
            "workflow": one_of(["", *(workflow.workflow for workflow in workflows)]),
            "slots": {"type": "array", "items": slot},
            "asks": one_of(["", WORKFLOW_SLOT, *(s for s in slots if s != WORKFLOW_SLOT)]),
            "why": one_of(WHYS),
        }
    )


def object_of(properties: dict[str, Json]) -> dict[str, Json]:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def one_of(values: tuple[str, ...] | list[str]) -> dict[str, Json]:
    """The schema of one of a few texts."""
    return {"type": "string", "enum": list(values)}


def _no_float(_digits: str) -> None:
    raise ValueError("no value of a claim is a number with a fraction")

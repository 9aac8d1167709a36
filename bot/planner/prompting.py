"""What a model is sent: the same bytes for the same input, what is stable first.

System: the bundle's prompt, then what the channel can do. User: everything that anybody wrote, as
JSON between two marks that no text can contain, because "<" is escaped inside them. Nothing here
knows of credentials, of people beside those of the thread, or of other channels.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.planner.normalise import hear, spaced
from bot.planner.planner import Asked, Readable
from bot.planner.schema import schema_of
from bot.planner.spec import Spec
from policies.workflow import ChoiceSlot, DaySlot, MoneySlot, RecordSlot, Slot, TextSlot, Workflow
from store.model.values import Json

FENCE, FENCE_END = "<untrusted>", "</untrusted>"
FIELD_CHARACTERS_MAX = 1_000  # of one text of a record
FIELDS_MAX = 60  # of one record
NAME_CHARACTERS_MAX = 80
# A cache of five minutes; two of the four breakpoints that a request may have.
_CACHED: dict[str, Json] = {"type": "ephemeral"}


@dataclass(frozen=True)
class Opening:
    """The first request of a conversation: stable parts first. `readable` become its tools."""

    system: tuple[str, ...]
    user: str
    schema: dict[str, Json]
    readable: tuple[Readable, ...] = ()


def opening(spec: Spec, asked: Asked, readable: tuple[Readable, ...]) -> Opening:
    """How a model is asked about a request."""
    catalogue = {w.workflow: _workflow(w) for w in asked.workflows}
    has_days = any(isinstance(s, DaySlot) for w in asked.workflows for s in w.slots.values())
    told = {
        **({"today": asked.today.isoformat()} if has_days else {}),
        "request": spaced(hear(asked.text).whole),
        "answers": [{"asked": a.slot, "text": spaced(hear(a.text).whole)} for a in asked.answers],
        "thread": [
            {
                "by": hear(said.name).text[:NAME_CHARACTERS_MAX],
                "is_requester": said.is_requester,
                "text": spaced(hear(said.text).quoted),
            }
            for said in asked.context.thread
        ],
    }
    can = f"What can be asked for in this channel:\n{json_text(catalogue)}"
    return Opening((spec.prompt, can), fenced(told), schema_of(asked.workflows), readable)


def first_request(spec: Spec, opened: Opening, tools: list[Json]) -> dict[str, Json]:
    """The SDK's arguments for the first turn."""
    config: dict[str, Json] = {"format": {"type": "json_schema", "schema": opened.schema}}
    if spec.effort is not None:
        config["effort"] = spec.effort
    return {
        "model": spec.model,
        "max_tokens": spec.limits.output_tokens,
        **({"tools": tools} if tools else {}),
        "system": [
            {"type": "text", "text": text, "cache_control": _CACHED} for text in opened.system
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": opened.user}]}],
        "output_config": config,
    }


def fenced(value: Json) -> str:
    """Data of strangers, marked as such."""
    return f"{FENCE}\n{json_text(value)}\n{FENCE_END}"


def json_text(value: Json) -> str:
    """JSON in which no mark of ours can stand, in one spelling."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").encode(errors="replace").decode()


def shortened(value: Json) -> Json:
    """A record's values, bounded: what is longer is cut, and says so."""
    if isinstance(value, str):
        heard = spaced(hear(value).quoted)
        is_long = len(heard) > FIELD_CHARACTERS_MAX
        return f"{heard[:FIELD_CHARACTERS_MAX]} [cut]" if is_long else heard
    if isinstance(value, dict):
        return {
            str(k)[:NAME_CHARACTERS_MAX]: shortened(v) for k, v in list(value.items())[:FIELDS_MAX]
        }
    if isinstance(value, list | tuple):
        return [shortened(v) for v in value[:FIELDS_MAX]]
    return value


def _workflow(workflow: Workflow) -> Json:
    return {
        "title": workflow.title,
        "why": workflow.why,
        "slots": {name: _slot(slot) for name, slot in workflow.slots.items() if _is_said(slot)},
        "examples": [
            {"say": " ".join(e.say.split()), "then": _then(e.asks, is_refused=e.refuses)}
            for e in workflow.examples
        ],
    }


def _is_said(slot: Slot) -> bool:
    """Whether words may name it: what another slot finds is no model's to say."""
    return not (isinstance(slot, RecordSlot) and slot.from_)


def _then(asks: str, *, is_refused: bool) -> str:
    if is_refused:
        return "refusal"
    return f"question about {asks}" if asks else "plan"


def _slot(slot: Slot) -> Json:
    told: dict[str, Json] = {"type": slot.type, "ask": slot.ask}
    if slot.is_optional:
        told["is_optional"] = True
    match slot:
        case RecordSlot(noun=noun, finder=finder):
            return {**told, "noun": noun, "found_by": finder}
        case ChoiceSlot(of=of):
            return {**told, "one_of": list(of)}
        case TextSlot(digits="whole"):
            return {**told, "digits": "whole"}
        case TextSlot(characters_max=characters_max):
            return {**told, "characters_max": characters_max}
        case DaySlot():
            return {**told, "form": "2026-11-30"}
        case MoneySlot():
            return told

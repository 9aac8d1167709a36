"""What a model may have read: tools, their inputs checked, their results bounded and told as data.

A tool reads through the gate alone. What a system said no to is told to the model; a system that
is away is no matter of the model's: it passes through to the flow, which tries again later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from bot.planner.planner import Gate, Readable
from bot.planner.prompting import fenced, json_text, shortened
from connectors.errors import ConnectorError, Unavailable
from connectors.operation import Record, Snapshot
from store.model.values import Json

TOOLS_PER_TURN_MAX = 4  # reads that one answer may ask for; the others are refused
WORDS_CHARACTERS_MAX = 500  # that a finder is given
READS_MAX = 10  # of one conversation: the plan itself has to be read with what is left
RESULT_CHARACTERS_MAX = 12_000  # of one result, about 3,000 tokens


@dataclass(frozen=True)
class Read:
    """One record that a model had read: what people call it, and every text in it."""

    label: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class _Told:
    """What a model is told of one read."""

    text: str
    reads: tuple[Read, ...] = ()
    is_error: bool = False


@dataclass(frozen=True)
class Toolbox:
    """The tools of one conversation, in the bundle's order."""

    readable: tuple[Readable, ...]
    gate: Gate

    @property
    def definitions(self) -> list[Json]:
        """As the SDK takes them."""
        return [
            {
                "name": _wire_name(one.name),
                "description": _description(one),
                "input_schema": _input_schema(one),
            }
            for one in self.readable
        ]

    def use(
        self, blocks: tuple[Mapping[str, Json], ...], done: int
    ) -> tuple[list[Json], tuple[Read, ...]]:
        """The results of what one answer asked for, as content of the next message, and what was
        read; `done` were asked for before. Raises Unavailable, and BudgetExceededError."""
        results: list[Json] = []
        every: list[Read] = []
        for index, block in enumerate(blocks):
            told = (
                self._one(block.get("name"), block.get("input"))
                if index < min(TOOLS_PER_TURN_MAX, READS_MAX - done)
                else _Told("not done: that is enough to read; answer now", is_error=True)
            )
            every += told.reads
            result = {"type": "tool_result", "tool_use_id": block.get("id"), "content": told.text}
            results.append({**result, "is_error": True} if told.is_error else result)
        return results, tuple(every)

    def _one(self, name: Json, given: Json) -> _Told:
        known = next((r for r in self.readable if _wire_name(r.name) == name), None)
        if known is None or not self.gate.may_read(known.name):
            return _Told("there is no such tool", is_error=True)
        try:
            reads, told = self._read(known, given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return _Told(f"{where}: {first['msg']}"[:300], is_error=True)
        except Unavailable:
            raise
        except ConnectorError as said_no:
            return _Told(fenced({"error": str(said_no)[:1_000]}), is_error=True)
        text = fenced(told)
        if len(text) > RESULT_CHARACTERS_MAX:
            return _Told("that is too much to read; ask for less", is_error=True)
        return _Told(text, reads)

    def _read(self, one: Readable, given: Json) -> tuple[tuple[Read, ...], Json]:
        if one.params is not None:
            params = one.params.model_validate_json(json_text(given))
            snapshot = self.gate.read(one.name, params)
            return (_of_snapshot(snapshot),), _told(snapshot)
        words = given.get("words") if isinstance(given, dict) else None
        if not isinstance(words, str) or not words.strip():
            return (), {"error": "words: give the words to find it by"}
        records = self.gate.find(one.name, words[:WORDS_CHARACTERS_MAX])
        return tuple(map(_of_record, records)), [
            {"label": r.label, "fields": shortened(dict(r.fields))} for r in records
        ]


def _wire_name(name: str) -> str:
    return name.replace(".", "_")


def _description(one: Readable) -> str:
    if one.params is None:
        return f"{one.title}: the matching records, best first. Reads only."
    return f"{one.title}: reads the record that it is about, as it stands. Changes nothing."


def _input_schema(one: Readable) -> Json:
    if one.params is not None:
        return one.params.model_json_schema()
    return {
        "type": "object",
        "properties": {"words": {"type": "string", "description": "a number, a name, a product"}},
        "required": ["words"],
        "additionalProperties": False,
    }


def _told(snapshot: Snapshot) -> Json:
    return {
        "resource": snapshot.resource,
        "fields": shortened(dict(snapshot.fields)),
        "about": shortened(dict(snapshot.about)),
    }


def _of_record(record: Record) -> Read:
    number = record.fields.get("number")
    named = number if isinstance(number, str) and number else record.id
    return Read(f"{record.kind} {named}", tuple(_texts(dict(record.fields))))


def _of_snapshot(snapshot: Snapshot) -> Read:
    values = [dict(snapshot.fields), dict(snapshot.about)]
    return Read(snapshot.resource, tuple(text for value in values for text in _texts(value)))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)

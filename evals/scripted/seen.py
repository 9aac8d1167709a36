"""What a model sees of a request: the prompt, what can be asked for, what was written by whom.

Scripted models read requests as a real one would, out of the bytes that go out, and know nothing
else. What is not of the form they take as empty: they misbehave on purpose, never by crashing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.planner.model import Wire

_FENCED = re.compile(r"<untrusted>\n(.*?)\n</untrusted>", re.S)
_WHO = re.compile(r"The specialists of this channel, with what each can do:\n(\{.*\})\s*\Z", re.S)
_CAN = re.compile(r"What can be asked for in this channel:\n(\{.*\})\s*\Z", re.S)


@dataclass(frozen=True)
class Seen:
    """One request as a model reads it."""

    request: Wire

    @cached_property
    def prompt(self) -> str:
        """Every word of the system's that is no data: what can be asked for is left out."""
        data = (_CAN, _WHO)
        return "\n".join(t for t in self._system if not any(mark.search(t) for mark in data))

    @cached_property
    def workflows(self) -> Mapping[str, Mapping[str, Any]]:
        """What can be asked for, by name."""
        found = next((m for text in self._system if (m := _CAN.search(text))), None)
        value = _json(found[1]) if found else {}
        return value if isinstance(value, dict) else {}

    @cached_property
    def specialists(self) -> Mapping[str, Mapping[str, Any]]:
        """Who a request may be divided among, with the workflows of each; empty where a request is
        to be read and not to be divided."""
        found = next((m for text in self._system if (m := _WHO.search(text))), None)
        value = _json(found[1]) if found else {}
        return value if isinstance(value, dict) else {}

    @cached_property
    def tools(self) -> tuple[str, ...]:
        return tuple(str(tool.get("name", "")) for tool in self.request.get("tools", ()))

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """The fields that an answer has."""
        form = self.request.get("output_config", {}).get("format", {}).get("schema", {})
        found = form.get("properties", {})
        return found if isinstance(found, dict) else {}

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """The data of the first message: request, answers, thread."""
        first: Any = next(iter(self._data), {})
        return first if isinstance(first, dict) else {}

    @property
    def text(self) -> str:
        """What was asked for, in the requester's words."""
        return str(self.told.get("request", ""))

    @cached_property
    def answers(self) -> tuple[tuple[str, str], ...]:
        """(slot that was asked for, words), oldest first."""
        given = self.told.get("answers", ())
        return tuple((str(a.get("asked", "")), str(a.get("text", ""))) for a in given)

    @cached_property
    def thread(self) -> tuple[tuple[bool, str], ...]:
        """(whether it is the requester's, words), oldest first."""
        given = self.told.get("thread", ())
        return tuple((bool(s.get("is_requester")), str(s.get("text", ""))) for s in given)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What those who wrote in the thread call themselves."""
        return tuple(str(said.get("by", "")) for said in self.told.get("thread", ()))

    @cached_property
    def read(self) -> tuple[str, ...]:
        """Every text of every record that was read so far."""
        return tuple(text for value in self._data[1:] for text in _texts(value))

    @cached_property
    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The fields of every record that a finder found so far."""
        found = [r for value in self._data[1:] if isinstance(value, list) for r in value]
        return tuple(r["fields"] for r in found if isinstance(r, dict) and r.get("fields"))

    @property
    def turn(self) -> int:
        """How many answers came before, from 0."""
        return sum(m.get("role") == "assistant" for m in self.request.get("messages", ()))

    @property
    def last(self) -> str:
        """The text of the newest message."""
        messages = self.request.get("messages", ())
        return "\n".join(_blocks(messages[-1])) if messages else ""

    def pick(self, count: int) -> int:
        """A number below `count`, the same for the same conversation, another one each turn."""
        first = json.dumps(self.request.get("messages", [""])[:1], sort_keys=True, default=str)
        digest = hashlib.sha256(first.encode(errors="replace")).digest()
        return (digest[0] + self.turn) % count

    @cached_property
    def _system(self) -> tuple[str, ...]:
        system = self.request.get("system", ())
        return (system,) if isinstance(system, str) else tuple(str(b.get("text")) for b in system)

    @cached_property
    def _data(self) -> tuple[Any, ...]:
        texts = [t for message in self.request.get("messages", ()) for t in _blocks(message)]
        return tuple(_json(found) for text in texts for found in _FENCED.findall(text))


def _blocks(message: Mapping[str, Any]) -> Iterator[str]:
    content = message.get("content", "")
    if isinstance(content, str):
        yield content
        return
    for block in content if message.get("role") == "user" else ():
        inner = block.get("content", "") if block.get("type") == "tool_result" else block
        yield inner if isinstance(inner, str) else str(inner.get("text", ""))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)

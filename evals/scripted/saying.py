"""How scripted models answer: messages as they come over the wire, with what they took."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.planner.model import Message, Used, Wire

CHARACTERS_PER_TOKEN = 4  # a rule of thumb for English; scripted models are metered by it


def says(request: Wire, value: object, stop_reason: str = "end_turn") -> Message:
    """An answer in words: a text as it is, anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Message(({"type": "text", "text": text},), stop_reason, used(request, text))


def asks(request: Wire, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> Message:
    """An answer that wants to have something read: (tool, input) pairs."""
    turn = len(request.get("messages", ()))
    blocks = tuple(
        {"type": "tool_use", "id": f"toolu_{turn}_{index}", "name": name, "input": dict(given)}
        for index, (name, given) in enumerate(calls)
    )
    return Message(blocks, "tool_use", used(request, json.dumps(blocks)))


def used(request: Wire, text: str) -> Used:
    """What an answer took, reckoned from its letters."""
    sent = json.dumps([request.get("system"), request.get("messages")], default=str)
    return Used(
        model=str(request.get("model", "")),
        input_tokens=len(sent) // CHARACTERS_PER_TOKEN,
        output_tokens=len(text) // CHARACTERS_PER_TOKEN + 1,
    )


def claim(
    kind: str,
    workflow: str = "",
    slots: Sequence[tuple[str, str, str, str]] = (),
    asks: str = "",
    why: str = "",
) -> dict[str, Any]:
    """What a planner's model answers with; slots are (slot, value, words, from)."""
    return {
        "kind": kind,
        "workflow": workflow,
        "slots": [
            {"slot": slot, "value": value, "words": words, "from": where}
            for slot, value, words, where in slots
        ],
        "asks": asks,
        "why": why,
    }

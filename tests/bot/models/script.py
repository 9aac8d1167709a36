"""Models that say what a test wrote down for them, right or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.planner.model import Message, ModelError, Used, Wire

USED = Used(model="claude-sonnet-5-5", input_tokens=2_000, output_tokens=100)

Turn = Message | ModelError | dict[str, Any] | str | Callable[[Wire], Any]


@dataclass
class Script:
    """Answers turn by turn; the last line is repeated for ever. `requests` are what was sent."""

    turns: list[Turn] = field(default_factory=list)
    requests: list[Wire] = field(default_factory=list)

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        assert timeout_seconds > 0
        self.requests.append(json.loads(json.dumps(request)))
        turn = self.turns[min(len(self.requests), len(self.turns)) - 1]
        if callable(turn):
            turn = turn(request)
        if isinstance(turn, ModelError):
            raise turn
        if isinstance(turn, Message):
            return turn
        return text(turn if isinstance(turn, str) else json.dumps(turn))

    @property
    def asked(self) -> int:
        return len(self.requests)


def text(said: str, stop_reason: str = "end_turn", used: Used = USED) -> Message:
    """An answer in words."""
    return Message(({"type": "text", "text": said},), stop_reason, used)


def reads(*uses: tuple[str, Mapping[str, Any]]) -> Message:
    """An answer that wants something read."""
    blocks = [
        {"type": "tool_use", "id": f"toolu_{i}", "name": name, "input": dict(given)}
        for i, (name, given) in enumerate(uses)
    ]
    return Message(tuple(blocks), "tool_use", USED)


def slot(name: str, value: str, words: str, from_: str = "request") -> dict[str, str]:
    return {"slot": name, "value": value, "words": words, "from": from_}


def plan(workflow: str, *slots: dict[str, str], **more: str) -> dict[str, Any]:
    """A claim that the request is for a workflow."""
    return {
        "kind": "plan",
        "workflow": workflow,
        "slots": list(slots),
        "asks": "",
        "why": "",
        **more,
    }


REFUSAL = plan("", kind="refusal", why="out of scope")

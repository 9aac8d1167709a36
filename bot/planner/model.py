"""A language model as the planner sees it: one request, one answer or one honest
error.

A model is a function from a message to a message. It holds no tool of its own: what it wants to
have read, it asks for, and the planner decides. Answers are data of a stranger.

    ModelError
      ModelAwayError       nobody answered usefully: time-out, 429, 529, 5xx, no connection
      ModelRefusedError    our request is wrong or not allowed: 400, 401, 403, 404, 413
      ModelBrokenError     an answer came that is no message
      NotRecordedError     a recording has no answer to this very request
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

# One request exactly as it goes out: the keyword arguments of the SDK's messages.create, JSON.
Wire = Mapping[str, Any]


class ModelError(Exception):
    """A model gave nothing that can be used. The message is for people and holds no secret.

    `lost` tries reached the service and came to nothing: each may have been billed, nobody says.
    """

    lost = 0


class ModelAwayError(ModelError):
    """Nobody answered usefully, after every retry that was allowed."""


class ModelRefusedError(ModelError):
    """The service does not take our request or our key; asking again does not help."""


class ModelBrokenError(ModelError):
    """Something came back that is no message of the protocol."""


class NotRecordedError(ModelError):
    """A recording has no answer to this very request. Old answers are never used for new words."""


@dataclass(frozen=True)
class Used:
    """What an answer took, from its usage fields, in tokens."""

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0


@dataclass(frozen=True)
class Message:
    """An answer. `content` are the blocks as they came: {"type": "text", "text"}, {"type":
    "tool_use", "id", "name", "input"}, or what the protocol may add; `stop_reason` is the wire's.
    `lost` are the tries before it that may have been billed without an answer.
    """

    content: tuple[Mapping[str, Any], ...]
    stop_reason: str
    used: Used
    latency_milliseconds: int = 0
    lost: int = 0


class Model(Protocol):
    """Something that answers. Called from worker threads; raises the tree above alone."""

    def answer(self, request: Wire, timeout_seconds: float) -> Message:
        """The answer to one request within the time, retries included."""
        ...

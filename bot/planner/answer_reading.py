"""An answer of the Messages API as bytes, read strictly into a Message.

What is checked: that it is one message of the assistant, that its blocks have the shape that they
say, that its text can be stored, and that its usage is a count. What a block of a kind that is not
known here holds is kept as it came.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.planner.model import Message, ModelBrokenError, Used

BLOCKS_MAX = 200  # blocks of one answer
NAME_MAX = 200  # characters of an id, a name of a tool or a model, a stop reason
TOKENS_MAX = 100_000_000  # of one kind in one answer; the largest context window is a million
_NUL = re.compile(r"(?<!\\)(\\\\)*\\u0000")  # as JSON writes it


def read_message(body: bytes, latency_milliseconds: int) -> Message:
    """The message in a body. Raises ModelBrokenError."""
    tree = _tree(body)
    if not isinstance(tree, dict) or tree.get("type") != "message":
        raise _broken("it is no message")
    if tree.get("role") != "assistant":
        raise _broken("it is not the assistant's")
    return Message(
        content=_content(tree.get("content")),
        stop_reason=_name(tree.get("stop_reason"), "stop_reason"),
        used=_used(tree),
        latency_milliseconds=latency_milliseconds,
    )


def _tree(body: bytes) -> Any:
    try:
        text = body.decode()
        tree = json.loads(text, parse_constant=_no_constant)
        again = json.dumps(tree, ensure_ascii=False)
        again.encode()  # half a character cannot be stored
    except (ValueError, RecursionError):
        raise _broken("it is not JSON") from None
    if _NUL.search(again):  # PostgreSQL cannot store it
        raise _broken("it holds a NUL")
    return tree


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _content(blocks: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(blocks, list) or len(blocks) > BLOCKS_MAX:
        raise _broken(f"its content is no list of up to {BLOCKS_MAX} blocks")
    for block in blocks:
        _check_block(block)
    return tuple(blocks)


def _check_block(block: object) -> None:
    if not isinstance(block, dict):
        raise _broken("a block is no object")
    match _name(block.get("type"), "type of a block"):
        case "text":
            if not isinstance(block.get("text"), str):
                raise _broken("a text has no text")
        case "tool_use":
            _name(block.get("id"), "id of a tool_use")
            _name(block.get("name"), "name of a tool_use")
            if not isinstance(block.get("input"), dict):
                raise _broken("the input of a tool_use is no object")


def _used(tree: Mapping[str, Any]) -> Used:
    usage = tree.get("usage")
    if not isinstance(usage, dict):
        raise _broken("it has no usage")
    return Used(
        model=_name(tree.get("model"), "model"),
        input_tokens=_tokens(usage.get("input_tokens"), "input_tokens"),
        output_tokens=_tokens(usage.get("output_tokens"), "output_tokens"),
        cache_write_tokens=_tokens(
            _unless_none(usage.get("cache_creation_input_tokens")), "cache_creation_input_tokens"
        ),
        cache_read_tokens=_tokens(
            _unless_none(usage.get("cache_read_input_tokens")), "cache_read_input_tokens"
        ),
    )


def _tokens(value: object, name: str) -> int:
    if type(value) is not int or not 0 <= value <= TOKENS_MAX:
        raise _broken(f"its usage has no count of {name}")
    return value


def _unless_none(value: object) -> object:
    return 0 if value is None else value


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_MAX:
        raise _broken(f"the {what} is missing or too long")
    return value


def _broken(why: str) -> ModelBrokenError:
    return ModelBrokenError(f"The model's service answered with something else: {why}")

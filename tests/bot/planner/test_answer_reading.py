"""What is read of an answer's bytes: a message of the protocol, or an honest error."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.planner.answer_reading import read_message
from bot.planner.model import Message, ModelBrokenError, Used


def _message(**changes: Any) -> bytes:
    whole = {
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [{"type": "text", "text": "hi"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return json.dumps({**whole, **changes}).encode()


def test_the_least_that_is_a_message_is_read() -> None:
    body = _message(content=[{"type": "text", "text": "a \\u0000 b"}])
    assert read_message(body, 5) == Message(
        ({"type": "text", "text": "a \\u0000 b"},), "end_turn", Used("claude-sonnet-5-5", 1, 1), 5
    )


def test_a_block_of_a_kind_that_is_new_is_kept_as_it_came() -> None:
    block = {"type": "thinking", "thinking": "", "signature": "s"}
    assert read_message(_message(content=[block]), 5).content == (block,)


def test_the_cache_is_counted() -> None:
    usage = {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": None,
    }
    assert read_message(_message(usage=usage), 5).used == Used("claude-sonnet-5-5", 1, 2, 3, 0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"<html>welcome to our proxy</html>", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"type": "message", "n": NaN}', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no message"),
        (b'"type"', "no message"),
        (b'{"type": "error"}', "no message"),
        (_message(role="user"), "not the assistant's"),
        (_message(content="hi"), "no list"),
        (_message(content=["hi"]), "no object"),
        (_message(content=[{"text": "hi"}]), "type of a block"),
        (_message(content=[{"type": "text", "text": 5}]), "no text"),
        (_message(content=[{"type": "text", "text": "\ud800"}]), "not JSON"),
        (_message(content=[{"type": "text", "text": "a\0b"}]), "NUL"),
        (_message(content=[{"type": "text", "text": "x"}] * 201), "no list"),
        (_message(content=[{"type": "tool_use", "id": "", "name": "x", "input": {}}]), "id of"),
        (_message(content=[{"type": "tool_use", "id": "t", "name": "x", "input": "{}"}]), "input"),
        (_message(stop_reason=None), "stop_reason"),
        (_message(model=None), "the model is"),
        (_message(usage=None), "no usage"),
        (_message(usage={"input_tokens": 1, "output_tokens": -1}), "output_tokens"),
        (_message(usage={"input_tokens": True, "output_tokens": 1}), "input_tokens"),
        (_message(usage={"input_tokens": 1.5, "output_tokens": 1}), "input_tokens"),
        (_message(usage={"input_tokens": 10**12, "output_tokens": 1}), "input_tokens"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_message_is_an_honest_error(body: bytes, said: str) -> None:
    with pytest.raises(ModelBrokenError, match=said):
        read_message(body, 5)

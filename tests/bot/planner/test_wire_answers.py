"""The real SDK against the strict stand-in: what goes out, and what an answer becomes."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from bot.planner.anthropic_model import AnthropicModel
from bot.planner.model import ModelBrokenError
from tests.model_server import ModelServer, Step, raw, says, uses

pytestmark = pytest.mark.slow  # the SDK takes seconds to import

KEY = "sk-ant-canary-5f0e"
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"type": "string", "enum": ["plan", "question"]}},
    "required": ["kind"],
    "additionalProperties": False,
}
FIND = {
    "name": "orders_find",
    "description": "Orders by words.",
    "input_schema": {
        "type": "object",
        "properties": {"words": {"type": "string"}},
        "required": ["words"],
        "additionalProperties": False,
    },
    "strict": True,
}
Serve = Callable[..., tuple[ModelServer, AnthropicModel]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(*script: Step) -> tuple[ModelServer, AnthropicModel]:
            server = stack.enter_context(ModelServer(KEY, script))
            return server, AnthropicModel(KEY, server.url)

        yield start


def request(*messages: Any, **more: Any) -> dict[str, Any]:
    return {
        "model": "claude-sonnet-5-5",
        "max_tokens": 512,
        "messages": list(messages) or [{"role": "user", "content": "refund order 1043"}],
        **more,
    }


def test_an_answer_is_read_with_its_usage(serve: Serve) -> None:
    server, model = serve(says({"kind": "plan"}, output_tokens=7))
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    message = model.answer(request(output_config=form), 10)
    assert message.content == ({"type": "text", "text": '{"kind": "plan"}'},)
    assert message.stop_reason == "end_turn"
    assert message.used.model == "claude-sonnet-5-5"
    assert message.used.output_tokens == 7
    assert message.used.input_tokens > 0
    assert message.latency_milliseconds > 0
    (received,) = server.received
    assert received.body == request(output_config=form)
    assert received.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(model)


def test_a_conversation_with_tools_and_thoughts_is_taken_turn_by_turn(serve: Serve) -> None:
    server, model = serve(uses(("orders_find", {"words": "1043"}), thinking="which?"), says("ok"))
    first = model.answer(request(tools=[FIND]), 10)
    thought, call = first.content
    assert (thought["type"], call["name"], call["input"]) == (
        "thinking",
        "orders_find",
        {"words": "1043"},
    )
    assert first.stop_reason == "tool_use"
    turns = (
        {"role": "user", "content": "refund order 1043"},
        {"role": "assistant", "content": list(first.content)},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call["id"], "content": "Order"}],
        },
    )
    assert model.answer(request(*turns, tools=[FIND]), 10).content[0]["text"] == "ok"
    assert server.faults == []


def test_the_same_prefix_is_written_to_the_cache_once_and_read_after_that(serve: Serve) -> None:
    _, model = serve(says("a"), says("b"), says("c"))
    system = [{"type": "text", "text": "rule " * 1_000, "cache_control": {"type": "ephemeral"}}]
    used = [
        model.answer(request({"role": "user", "content": text}, system=system), 10).used
        for text in ("one", "two")
    ]
    assert used[0].cache_write_tokens == used[1].cache_read_tokens > 1_000
    assert used[0].cache_read_tokens == used[1].cache_write_tokens == 0
    assert 0 < used[1].input_tokens < 50
    system[0]["text"] += "."
    changed = model.answer(request({"role": "user", "content": "two"}, system=system), 10).used
    assert (changed.cache_read_tokens, changed.cache_write_tokens > 1_000) == (0, True)


@pytest.mark.parametrize(
    "stop_reason", ["refusal", "max_tokens", "pause_turn", "model_context_window_exceeded"]
)
def test_how_the_model_stopped_is_told_as_it_came(serve: Serve, stop_reason: str) -> None:
    _, model = serve(says(stop_reason=stop_reason))
    message = model.answer(request(), 10)
    assert (message.stop_reason, message.content) == (stop_reason, ())


def test_what_is_no_message_is_an_honest_error(serve: Serve) -> None:
    _, model = serve(raw(b"<html>welcome to our proxy</html>", content_type="text/html"))
    with pytest.raises(ModelBrokenError, match="not JSON"):
        model.answer(request(), 10)


def test_an_answer_without_end_is_cut_off(serve: Serve) -> None:
    _, model = serve(raw(b" " * 5_000_000))
    with pytest.raises(ModelBrokenError, match="longer than 4 MB"):
        model.answer(request(), 10)


def test_an_answer_that_would_grow_when_unpacked_is_not_unpacked(serve: Serve) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    _, model = serve(raw(bomb, content_encoding="gzip"))
    with pytest.raises(ModelBrokenError, match="compressed"):
        model.answer(request(), 10)

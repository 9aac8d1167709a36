"""The stand-in for the Messages API refuses what the service refuses, or it proves little."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model_rules import faults

TOOL = {"name": "find", "input_schema": {"type": "object", "properties": {}}}
ASKED = {"role": "user", "content": "hello"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {}}
CALLED = {"role": "assistant", "content": [CALL]}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "none"}
TOLD = {"role": "user", "content": [RESULT]}
MARK = {"cache_control": {"type": "ephemeral"}}
TEXT = {"type": "text", "text": "hello"}


def body(*messages: Any, **changes: Any) -> dict[str, Any]:
    whole = {"model": "claude-sonnet-5-5", "max_tokens": 9, "messages": [*(messages or (ASKED,))]}
    return {key: value for key, value in {**whole, **changes}.items() if value is not None}


def schema(**properties: Any) -> dict[str, Any]:
    made = {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }
    return {"format": {"type": "json_schema", "schema": made}}


@pytest.mark.parametrize(
    "request_body",
    [
        body(),
        body({"role": "user", "content": [TEXT, TEXT]}, system="be brief"),
        body(ASKED, CALLED, TOLD, tools=[TOOL], tool_choice={"type": "auto"}),
        body(ASKED, CALLED, {"role": "user", "content": [RESULT, TEXT]}, tools=[TOOL]),
        body(system=[{**TEXT, **MARK}], tools=[{**TOOL, **MARK}], thinking={"type": "adaptive"}),
        body(output_config={**schema(kind={"type": "string", "enum": ["a"]}), "effort": "low"}),
        body(output_config=schema(each={"type": "array", "items": {"type": "string"}})),
    ],
)
def test_a_sound_request_is_taken(request_body: Any) -> None:
    assert list(faults(request_body)) == []


@pytest.mark.parametrize(
    ("request_body", "said"),
    [
        ([], "no object"),
        (body(model=None), "model: Field required"),
        (body(max_tokens=0), "max_tokens"),
        (body(max_tokens=True), "max_tokens"),
        (body(temperature=0), "temperature: Extra inputs"),
        (body(top_p=1), "top_p: Extra inputs"),
        (body(top_k=1), "top_k: Extra inputs"),
        (body(stream=True), "stream"),
        (body(messages=[]), "at least one message"),
        (body(CALLED), "alternate"),
        (body(ASKED, ASKED), "alternate"),
        (body({"role": "system", "content": "x"}), "alternate"),
        (body({"role": "user", "content": ""}), "non-empty"),
        (body({"role": "user", "content": "  "}), "non-whitespace"),
        (body({"role": "user", "content": "x", "name": "dana"}), "nothing else"),
        (body(ASKED, {"role": "assistant", "content": "{"}), "prefill"),
        (body({"role": "user", "content": [CALL]}), "does not match"),
        (body(ASKED, CALLED, ASKED), "without `tool_result`"),
        (body(ASKED, CALLED, {"role": "user", "content": [TEXT, RESULT]}), "before all others"),
        (body(ASKED, CALLED, {"role": "user", "content": [RESULT, RESULT]}), "single result"),
        (body(TOLD), "unexpected `tool_use_id`"),
        (body(ASKED, CALLED, TOLD, CALLED, TOLD), "must be unique"),
        (body(tools=[{**TOOL, "name": "orders.find"}]), "should match pattern"),
        (body(tools=[TOOL, TOOL]), "unique"),
        (body(tools=[{"name": "find"}]), "input_schema"),
        (body(tools=[{**TOOL, "strict": True}]), "additionalProperties"),
        (body(tools=[{**TOOL, "parameters": {}}]), "parameters: Extra inputs"),
        (body(tools=[TOOL], tool_choice={"type": "tool", "name": "find"}), "forced tool use"),
        (body(tool_choice={"type": "auto"}), "while providing tools"),
        (body(thinking={"type": "disabled"}), "between_tools"),
        (body(thinking={"type": "enabled", "budget_tokens": 1_024}), "between_tools"),
        (body(system=[{**TEXT, **MARK}] * 5), "maximum of 4"),
        (body(system=[{**TEXT, "cache_control": {"type": "forever"}}]), "cache_control"),
        (body(output_config={"format": {"type": "json"}}), "json_schema"),
        (body(output_config={"effort": "huge"}), "effort"),
        (body(output_config=schema(n={"type": "integer", "minimum": 1})), "'minimum'"),
        (body(output_config=schema(n={"type": "string", "maxLength": 1})), "'maxLength'"),
        (body(output_config=schema(n={"type": "object"})), "additionalProperties"),
        (
            body(
                output_config={
                    "format": {
                        "type": "json_schema",
                        "schema": {
                            "type": "object",
                            "properties": {"n": {"type": "string"}},
                            "additionalProperties": False,
                        },
                    }
                }
            ),
            "every property is required",
        ),
    ],
)
def test_what_the_service_refuses_is_refused(request_body: Any, said: str) -> None:
    assert said in " ".join(faults(request_body))

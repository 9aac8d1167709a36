"""What the Messages API refuses, as its stand-in does: each fault of a request in one sentence.

Written from the SDK's parameter types (anthropic 2.12) and the service's documented errors
(platform.claude.com/docs/en/api/errors, build-with-claude/structured-outputs, prompt-caching,
tool-use and models/sonnet-5-5/migration-guide). Stricter where the service is lenient: turns
alternate, and every property of a structured output is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any

BREAKPOINTS_MAX = 4
OUTPUT_TOKENS_MAX = 128_000
OPTIONAL_MAX, UNIONS_MAX = 24, 16
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
TOOL_ID = re.compile(r"[a-zA-Z0-9_-]{1,200}")
REQUIRED = ("model", "max_tokens", "messages")
KNOWN = frozenset(
    (
        *REQUIRED,
        *("cache_control", "metadata", "output_config", "service_tier", "stop_sequences"),
        *("stream", "system", "thinking", "tool_choice", "tools"),
    )
)
SCHEMA_WORDS = frozenset(
    (
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
        *("anyOf", "allOf", "$ref", "$defs", "description", "title", "default", "format"),
    )
)
FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
)
BLOCK_KEYS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {  # required, optional
    "text": (frozenset({"text"}), frozenset({"cache_control", "citations"})),
    "tool_use": (frozenset({"id", "name", "input"}), frozenset({"cache_control", "caller"})),
    "tool_result": (
        frozenset({"tool_use_id"}),
        frozenset({"content", "is_error", "cache_control"}),
    ),
    "thinking": (frozenset({"thinking", "signature"}), frozenset()),
    "redacted_thinking": (frozenset({"data"}), frozenset()),
}
BLOCKS_OF = {
    "user": ("text", "tool_result"),
    "assistant": ("text", "tool_use", "thinking", "redacted_thinking"),
}


def faults(body: Json) -> Iterator[str]:
    """Everything that is wrong with a request's body, the gravest first."""
    if not isinstance(body, dict):
        yield "the body is no object"
        return
    yield from (f"{key}: Field required" for key in REQUIRED if key not in body)
    yield from (f"{key}: Extra inputs are not permitted" for key in body if key not in KNOWN)
    if body.get("stream"):
        yield "stream: this stand-in does not stream"
    tokens = body.get("max_tokens")
    if type(tokens) is not int or not 0 < tokens <= OUTPUT_TOKENS_MAX:
        yield f"max_tokens: {tokens!r} is not in 1..{OUTPUT_TOKENS_MAX}"
    yield from _system(body.get("system"))
    yield from _tools(body)
    yield from _messages(body.get("messages"))
    yield from _thinking(body)
    yield from _output(body.get("output_config"))
    yield from _breakpoints(body)


def blocks(content: Json) -> list[Json]:
    """Content as blocks; a text is short for one of them."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def cached_order(body: Mapping[str, Json]) -> list[Json]:
    """Every block in the order of the cache: tools, system, messages with their roles."""
    return [
        *body.get("tools", ()),
        *blocks(body.get("system")),
        *(
            {"role": message["role"], **block}
            for message in body["messages"]
            for block in blocks(message["content"])
        ),
    ]


def _system(system: Json) -> Iterator[str]:
    if not isinstance(system, str | list | None):
        yield "system: neither a text nor a list"
        return
    for at, block in enumerate(blocks(system)):
        yield from _block(f"system.{at}", block, ("text",))


def _tools(body: Mapping[str, Json]) -> Iterator[str]:
    tools = body.get("tools", [])
    names = [tool.get("name") for tool in tools]
    for at, tool in enumerate(tools):
        where = f"tools.{at}"
        allowed = {
            *("name", "description", "input_schema", "strict", "cache_control", "type"),
        }
        yield from (f"{where}.{key}: Extra inputs are not permitted" for key in {*tool} - allowed)
        if not isinstance(tool.get("name"), str) or not TOOL_NAME.fullmatch(tool["name"]):
            yield f"{where}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
        if names.count(tool.get("name")) > 1:
            yield "tools: Tool names must be unique."
        schema = tool.get("input_schema")
        if not isinstance(schema, dict) or schema.get("type") != "object":
            yield f"{where}.input_schema.type: Field required"
        elif tool.get("strict"):
            yield from _schema(f"{where}.input_schema", schema)
    choice = body.get("tool_choice", {"type": "auto"})
    if choice.get("type") in ("any", "tool"):
        yield "tool_choice: forced tool use is not supported by this model"
    elif choice.get("type") not in ("auto", "none"):
        yield "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'"
    if "tool_choice" in body and not tools:
        yield "tool_choice may only be specified while providing tools."


def _messages(messages: Json) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield "messages: at least one message is required"
        return
    for at, message in enumerate(messages):
        where = f"messages.{at}"
        if not isinstance(message, dict) or message.keys() != {"role", "content"}:
            yield f"{where}: a message has a role and a content, and nothing else"
            return
        if message["role"] != ("user", "assistant")[at % 2]:
            yield f"{where}.role: roles must alternate, beginning with the user"
            return
        if not message["content"]:
            yield f"{where}: all messages must have non-empty content"
        for index, block in enumerate(blocks(message["content"])):
            yield from _block(f"{where}.content.{index}", block, BLOCKS_OF[message["role"]])
    if messages[-1]["role"] != "user":
        yield "This model does not support assistant message prefill."
    yield from _pairs(messages)


def _block(where: str, block: Json, kinds: tuple[str, ...]) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in kinds:
        yield f"{where}: Input tag {kind!r} does not match any of {', '.join(kinds)}"
        return
    required, optional = BLOCK_KEYS[kind]
    yield from (f"{where}.{key}: Field required" for key in sorted(required - block.keys()))
    extra = block.keys() - required - optional - {"type"}
    yield from (f"{where}.{key}: Extra inputs are not permitted" for key in sorted(extra))
    if kind == "text" and not str(block.get("text", "")).strip():
        yield f"{where}: text content blocks must contain non-whitespace text"
    if kind == "tool_use":
        if not TOOL_ID.fullmatch(str(block.get("id"))):
            yield f"{where}.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
        if not isinstance(block.get("input"), dict):
            yield f"{where}.input: Input should be a valid dictionary"
    if kind == "tool_result":
        for index, inner in enumerate(blocks(block.get("content"))):
            yield from _block(f"{where}.content.{index}", inner, ("text",))


def _pairs(messages: list[Json]) -> Iterator[str]:
    """Each tool_use has its tool_result at the head of the next message, and no other has one."""
    seen: set[str] = set()
    asked: set[str] = set()
    for at, message in enumerate(messages):
        content = blocks(message["content"])
        results = [b["tool_use_id"] for b in content if b.get("type") == "tool_result"]
        if missing := sorted(asked - {*results}):
            yield (
                f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately"
                f" after: {', '.join(missing)}"
            )
        for unasked in sorted({*results} - asked):
            yield f"messages.{at}: unexpected `tool_use_id` found in `tool_result`: {unasked}"
        if len(results) != len({*results}):
            yield f"messages.{at}: each tool_use must have a single result"
        kinds = [b.get("type") for b in content]
        if "tool_result" in kinds[len(results) :]:
            yield f"messages.{at}: tool_result blocks stand before all others"
        ids = [b["id"] for b in content if b.get("type") == "tool_use"]
        if {*ids} & seen or len(ids) != len({*ids}):
            yield f"messages.{at}: `tool_use` ids must be unique"
        seen |= {*ids}
        asked = {*ids}


def _thinking(body: Mapping[str, Json]) -> Iterator[str]:
    thinking = body.get("thinking", {"type": "adaptive"})
    if thinking.get("type") not in ("adaptive", "between_tools"):
        yield f"thinking.type: {thinking.get('type')!r} is not supported; use between_tools"
    if thinking.keys() - {"type", "display"}:
        yield "thinking: Extra inputs are not permitted"


def _output(config: Json) -> Iterator[str]:
    if config is None:
        return
    yield from (f"output_config.{key}: Extra inputs" for key in {*config} - {"format", "effort"})
    if config.get("effort", "high") not in ("low", "medium", "high", "xhigh", "max"):
        yield "output_config.effort: unknown"
    form = config.get("format")
    if form is None:
        return
    if form.keys() != {"type", "schema"} or form["type"] != "json_schema":
        yield "output_config.format: {type: json_schema, schema}"
    elif form["schema"].get("type") != "object":
        yield "output_config.format.schema: an object at the top"
    else:
        yield from _schema("output_config.format.schema", form["schema"])
        unions = sum(isinstance(s.get("type"), list) or "anyOf" in s for s in _all(form["schema"]))
        if unions > UNIONS_MAX:
            yield f"output_config.format.schema: {unions} unions, {UNIONS_MAX} at most"


def _schema(where: str, schema: Json) -> Iterator[str]:
    for part in _all(schema):
        for word in sorted(part.keys() - SCHEMA_WORDS):
            if word != "minItems" or part[word] not in (0, 1):
                yield f"{where}: For '{part.get('type')}' type, property '{word}' is not supported"
        if part.get("format", "date") not in FORMATS:
            yield f"{where}: format {part['format']!r} is not supported"
        if not all(isinstance(each, str | int | bool | None) for each in part.get("enum", ())):
            yield f"{where}: an enum of scalars"
        if part.get("type") == "object":
            if part.get("additionalProperties") is not False:
                yield f"{where}: 'additionalProperties' must be explicitly set to false"
            if {*part.get("required", ())} != {*part.get("properties", {})}:
                yield f"{where}: every property is required"


def _all(schema: Json) -> Iterator[dict[str, Json]]:
    """A schema and every schema in it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for inner in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        yield from _all(inner)
    for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from _all(inner)


def _breakpoints(body: Mapping[str, Json]) -> Iterator[str]:
    try:
        marks = [b["cache_control"] for b in cached_order(body) if b.get("cache_control")]
    except (AttributeError, KeyError, TypeError):
        return  # said already
    if len(marks) + bool(body.get("cache_control")) > BREAKPOINTS_MAX:
        yield f"A maximum of {BREAKPOINTS_MAX} blocks with cache_control may be provided."
    for mark in marks:
        if mark.get("type") != "ephemeral" or mark.get("ttl", "5m") not in ("5m", "1h"):
            yield f"cache_control: {mark!r}"

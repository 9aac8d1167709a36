"""A strict stand-in for the Messages API on this machine, spoken to by the real SDK.

It refuses what the service refuses (tests/model_rules.py), counts tokens and the prompt cache as
the service's usage does, answers what a test scripted, and keeps every byte that it received.

    with ModelServer("sk-test", [says("Hello"), status(529), hangs()]) as server:
        AnthropicModel("sk-test", server.url).answer(...)

A step may also be a function of the request's body. Past its script it answers 500 and remembers
that as a problem; so it does where a scripted answer is none that the service could give.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import jsonschema
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from tests import model_rules
from tests.model_cache import PromptCache

Json = Any
Reply = Callable[[web.Request, Json, "ModelServer"], Awaitable[web.StreamResponse]]
Step = Reply | Callable[[Json], Reply]
VERSIONS = ("2023-06-01", "2026-10-21")
MODELS = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5", "claude-haiku-4-5-20251001")
BODY_BYTES_MAX = 32 * 1024 * 1024  # platform.claude.com/docs/en/api/errors, request size limits
HANGING_SECONDS = 30.0  # longer than any test waits
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    headers: Mapping[str, str]
    body: Json


@dataclass
class ModelServer:
    """Serves from its own thread while it is entered. `repeats` gives the last step for ever."""

    api_key: str
    script: Sequence[Step] = ()
    repeats: bool = False
    models: tuple[str, ...] = MODELS
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)

    @property
    def bytes_received(self) -> bytes:
        """Everything that came over the wire, heads and bodies."""
        return b"".join(self.chunks)

    def __enter__(self) -> Self:
        self.cache = PromptCache()
        self._issued: dict[str, Json] = {}
        self._paused: list[Json] = []
        self._at = 0
        self._is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._is_up.wait(10), "the stand-in did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self.problems, self.problems

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        made = web.Server(self._handle)
        listening = await self._loop.create_server(
            lambda: _Recording(made, self._loop, self.chunks), "127.0.0.1", 0, ssl=self.tls
        )
        port = listening.sockets[0].getsockname()[1]
        self.url = f"https://localhost:{port}" if self.tls else f"http://127.0.0.1:{port}"
        self._is_up.set()
        await self._stop.wait()
        listening.close()
        await made.shutdown(0.1)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        refused = await self._refusal(request)
        if refused is not None:
            return refused
        body = json.loads(await request.read())
        if self._at >= len(self.script) and not (self.repeats and self.script):
            self.problems.append("asked once more than the script answers")
            return error(500, "the script has ended")
        step: Any = self.script[min(self._at, len(self.script) - 1)]
        self._at += 1
        reply = step if getattr(step, "is_reply", False) else step(body)
        answer: web.StreamResponse = await reply(request, body, self)
        return answer

    async def _refusal(self, request: web.BaseRequest) -> web.Response | None:
        """What the service says to a request that it does not take."""
        if request.path_qs != "/v1/messages":
            return self._fault(404, f"no such path: {request.path_qs}")
        if request.method != "POST":
            return self._fault(400, f"no {request.method} here")
        given = request.headers.get("Authorization") or f"Bearer {request.headers.get('X-Api-Key')}"
        if given != f"Bearer {self.api_key}":
            return self._fault(401, "invalid x-api-key")
        if request.headers.get("anthropic-version") not in VERSIONS:
            return self._fault(400, "anthropic-version: header is required")
        if request.content_type != "application/json":
            return self._fault(400, "content-type: application/json")
        raw = await request.content.read(BODY_BYTES_MAX + 1)
        if len(raw) > BODY_BYTES_MAX:
            return self._fault(413, "Request exceeds the maximum size")
        try:
            body = json.loads(raw)
        except ValueError:
            return self._fault(400, "The request body is not valid JSON")
        request._read_bytes = raw
        self.received.append(Received(dict(request.headers), body))
        for fault in (*model_rules.faults(self._resumed(body)), *self._unknown_thoughts(body)):
            return self._fault(400, fault)
        if body["model"] not in self.models:
            return self._fault(404, f"model: {body['model']}")
        return None

    def _fault(self, status: int, message: str) -> web.Response:
        self.faults.append(message)
        return error(status, message)

    def _resumed(self, body: Json) -> Json:
        """The body as it is judged: a paused turn may be given back as the last message."""
        last = body["messages"][-1] if isinstance(body, dict) and body.get("messages") else {}
        if last not in [{"role": "assistant", "content": paused} for paused in self._paused]:
            return body
        return {**body, "messages": body["messages"][:-1]}

    def _unknown_thoughts(self, body: Json) -> Sequence[str]:
        """Thinking that comes back is what this server sent, unchanged."""
        return [
            "messages: `thinking` blocks cannot be modified"
            for message in body["messages"]
            for block in model_rules.blocks(message["content"])
            if block.get("type") == "thinking" and self._issued.get(block["signature"]) != block
        ]

    def issue(self, body: Json, content: list[Json], stop_reason: str, *, is_sound: bool) -> None:
        """Remembers what went out, and what the service could never have answered."""
        self._issued |= {b["signature"]: b for b in content if b["type"] == "thinking"}
        if stop_reason == "pause_turn":
            self._paused.append(content)
        if is_sound and stop_reason in ("end_turn", "tool_use"):
            self.problems += _unsound(body, content)


class _Recording(RequestHandler):  # type: ignore[type-arg]  # generic to mypy alone
    """The connection, keeping what comes in."""

    __slots__ = ("_chunks",)

    def __init__(
        self,
        made: web.Server[web.BaseRequest],
        loop: asyncio.AbstractEventLoop,
        chunks: list[bytes],
    ) -> None:
        super().__init__(made, loop=loop)
        self._chunks = chunks

    def data_received(self, data: bytes) -> None:
        self._chunks.append(bytes(data))
        super().data_received(data)


def says(
    *content: Json,
    stop_reason: str = "end_turn",
    output_tokens: int = 50,
    is_sound: bool = True,
    **changes: Json,
) -> Reply:
    """A message of these blocks; a text or a JSON value without a "type" becomes a text block.
    `is_sound` False: an answer that does not hold to the schema that was asked for."""
    made = [_block(each) for each in content]

    async def reply(request: web.Request, body: Json, server: ModelServer) -> web.StreamResponse:
        del request
        server.issue(body, made, stop_reason, is_sound=is_sound)
        return web.json_response(
            {
                "id": "msg_01stand1n",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": made,
                "stop_reason": stop_reason,
                "stop_sequence": None,
                "usage": server.cache.usage(body, output_tokens),
                **changes,
            },
            headers=_ids(),
        )

    return _reply(reply)


def uses(*calls: tuple[str, Json], thinking: str = "", is_sound: bool = True) -> Reply:
    """A turn that calls tools: (name, input) each."""
    thoughts = [{"type": "thinking", "thinking": thinking, "signature": _id(thinking)}]
    return says(
        *(thoughts if thinking else ()),
        *(
            {
                "type": "tool_use",
                "id": f"toolu_{_id([at, *call])}",
                "name": call[0],
                "input": call[1],
            }
            for at, call in enumerate(calls)
        ),
        stop_reason="tool_use",
        is_sound=is_sound,
    )


def status(code: int, message: str = "no", **headers: str) -> Reply:
    """An error of the service; a header's name has underscores for its dashes."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reply(*_: object) -> web.StreamResponse:
        return error(code, message, given)

    return _reply(reply)


def raw(data: bytes, code: int = 200, **headers: str) -> Reply:
    """A well-formed HTTP response with any body."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("content-type", "application/json")

    async def reply(*_: object) -> web.StreamResponse:
        return web.Response(body=data, status=code, headers=given)

    return _reply(reply)


def drops() -> Reply:
    """The connection breaks before a byte of an answer."""
    return _breaks(b"")


def garbage() -> Reply:
    """What comes back is not HTTP."""
    return _breaks(b"\x16\x03\x01 SSH-2.0 what?\r\n\r\n")


def truncated(data: bytes = b'{"type": "message", "role"') -> Reply:
    """The connection breaks in the middle of the body."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n"
    return _breaks(head + data)


def hangs(seconds: float = HANGING_SECONDS) -> Reply:
    """Nothing comes for so long, then an answer."""
    answer = says("late")

    async def reply(request: web.Request, body: Json, server: ModelServer) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await answer(request, body, server)

    return _reply(reply)


def drips(every_seconds: float = 0.05, is_head: bool = False) -> Reply:
    """Bytes come one by one for ever: of the body, or already of the headers."""

    async def reply(request: web.Request, *_: object) -> web.StreamResponse:
        assert request.transport
        request.transport.write(b"HTTP/1.1 200 OK\r\nx-slow: " if is_head else _DRIPPING_HEAD)
        while not request.transport.is_closing():
            request.transport.write(b" ")
            await asyncio.sleep(every_seconds)
        return web.Response()

    return _reply(reply)


_DRIPPING_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n"
)


def error(code: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    kind = KINDS.get(code, "api_error")
    said = {"type": "error", "error": {"type": kind, "message": message}, "request_id": _REQUEST}
    return web.json_response(said, status=code, headers={**_ids(), **(headers or {})})


def _breaks(data: bytes) -> Reply:
    async def reply(request: web.Request, *_: object) -> web.StreamResponse:
        assert request.transport
        request.transport.write(data)
        request.transport.close()
        return web.Response()

    return _reply(reply)


def _reply(made: Any) -> Reply:
    made.is_reply = True
    reply: Reply = made
    return reply


def _block(given: Json) -> Json:
    if isinstance(given, dict) and "type" in given:
        return given
    return {"type": "text", "text": given if isinstance(given, str) else json.dumps(given)}


def _unsound(body: Json, content: list[Json]) -> list[str]:
    """Where a scripted answer does not hold to what the request asked for."""
    found = []
    tools = {tool["name"]: tool["input_schema"] for tool in body.get("tools", ())}
    form = body.get("output_config", {}).get("format")
    texts = "".join(block["text"] for block in content if block["type"] == "text")
    for call in (block for block in content if block["type"] == "tool_use"):
        if call["name"] not in tools:
            found.append(f"scripted: no tool {call['name']}")
        elif not jsonschema.Draft202012Validator(tools[call["name"]]).is_valid(call["input"]):
            found.append(f"scripted: {call['input']} is no input of {call['name']}")
    if form and texts and not any(block["type"] == "tool_use" for block in content):
        try:
            jsonschema.Draft202012Validator(form["schema"]).validate(json.loads(texts))
        except (ValueError, jsonschema.ValidationError) as wrong:
            found.append(f"scripted: {wrong}")
    return found


_REQUEST = "req_011stand1n"


def _ids() -> dict[str, str]:
    return {"request-id": _REQUEST}


def _id(of: Json) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:24]

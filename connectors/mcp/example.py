"""A declared MCP server as an example: a server of notes made with the SDK's own server side."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from functools import cache
from typing import Any

from connectors.mcp import tools
from connectors.mcp.declaration import McpDeclaration
from connectors.mcp.declare import declare
from connectors.operation import Connector

SERVER_NAME = "notes"
SECRETS = ("reads-4711-canary", "writes-0815-canary")
# Of the tools below, as `digests` has them.
DIGESTS = {
    "read_note": "d009d50d33513789d9a5eb774c447b0fdae47ab4c8b94b42ea2152867605c8d3",
    "write_note": "7def341bc990c1fc8b0532085668ea1192754a3272754a08a4a4f89496b6d9c6",
}
START_SECONDS = 20.0
FIRST = {"n-1": {"title": "Door 4", "stars": 2}}
NOTES: dict[str, dict[str, Any]] = {}


def fresh() -> None:
    """The same notes again."""
    NOTES.clear()
    NOTES.update({name: dict(note) for name, note in FIRST.items()})


def fingerprint() -> str:
    """Differs as soon as anything is stored differently."""
    return hashlib.sha256(repr(sorted(NOTES.items())).encode()).hexdigest()


def server() -> Any:
    """Its tools; a note that is not there is an error of the tool."""
    from mcp.server import MCPServer

    made = MCPServer(SERVER_NAME, version="1")

    @made.tool()
    def read_note(name: str) -> dict[str, Any]:
        """Reads a note."""
        return {"name": name, **NOTES[name]}

    @made.tool()
    def write_note(name: str, title: str, stars: int) -> dict[str, Any]:
        """Writes a note's title and stars."""
        NOTES[name] |= {"title": title, "stars": stars}
        return {"name": name, **NOTES[name]}

    return made


@cache
def url() -> str:
    """Where it listens, started once a process on a thread of its own."""
    import uvicorn

    inner = server().streamable_http_app(stateless_http=True, json_response=True)

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            said = dict(scope["headers"]).get(b"authorization", b"").decode()
            if said.removeprefix("Bearer ") not in SECRETS:
                await send({"type": "http.response.start", "status": 401, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
        await inner(scope, receive, send)

    config = uvicorn.Config(guarded, host="127.0.0.1", port=0, log_level="error", lifespan="on")
    running = uvicorn.Server(config)
    threading.Thread(target=lambda: asyncio.run(running.serve()), daemon=True).start()
    waiting = threading.Event()
    for _ in range(int(START_SECONDS / 0.01)):
        if running.started:
            break
        waiting.wait(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"


def digests() -> dict[str, str]:
    """The digests of its tools as they are."""
    from mcp.client.client import Client

    async def ask() -> dict[str, str]:
        async with Client(server(), cache=None) as client:
            found = await client.list_tools()
        return {
            each.name: tools.digest(each.model_dump(mode="json", exclude_none=True))
            for each in found.tools
        }

    return asyncio.run(ask())


def declaration() -> McpDeclaration:
    """The example, with the digests of the tools as they are."""
    params = {
        "note": {"type": "id"},
        "title": {"type": "line"},
        "stars": {"type": "int", "min": 0, "max": 5},
    }
    written = {"name": "{note}", "title": "{title}", "stars": "{stars}"}
    operation = {
        "title": "Write a note",
        "resource": "note {note}",
        "params": params,
        "read": {"tool": "read_note", "arguments": {"name": "{note}"}},
        "write": {"tool": "write_note", "arguments": written},
        "fields": {
            "title": {"at": "/title", "becomes": "{title}"},
            "stars": {"at": "/stars", "type": "int", "becomes": "{stars}"},
        },
    }
    back = {"name": "{note}", "title": "{before.title}", "stars": "{before.stars}"}
    return McpDeclaration.model_validate(
        {
            "system": "notes",
            "connector": "mcp",
            "title": "Shared notes",
            "tools": {
                "read_note": {"does": "read", "digest": DIGESTS["read_note"]},
                "write_note": {"does": "write", "digest": DIGESTS["write_note"]},
            },
            "operations": {
                "change": {**operation, "undo": {"tool": "write_note", "arguments": back}},
                "publish": {**operation, "irreversible": "everybody is told at once"},
            },
        }
    )


def connector() -> Connector:
    """Its connector."""
    return declare(declaration(), {})

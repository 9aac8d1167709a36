"""A session at an MCP server, over streamable HTTP or as a program of its own.

The SDK is asynchronous: it runs on a thread with a loop of its own for as long as the session is
open. What a tool answers is data: bounded, looked at where the declaration says, never followed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors import wire
from connectors.credentials import Credential
from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.extras import not_installed
from connectors.mcp import tools
from connectors.mcp.bounded import Seen, bounded_client
from connectors.mcp.declaration import McpDeclaration, ToolDeclared
from connectors.operation import Identity, Value
from connectors.private import private
from connectors.wire import Call, Peer

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from mcp.client.client import Client

EXTRA = "mcp"
PROGRAM = "stdio:"  # begins an address that is a program with its arguments
# JSON-RPC 2.0, section 5.1: no request, no such method, no such parameters.
NOT_UNDERSTOOD = (-32600, -32601, -32602)
PAGES_MAX = 10  # of the list of tools
TOOLS_MAX = 500
TEXT_CHARACTERS_MAX = 200_000  # of one answer; a field may have far less


class ToolFailedError(Rejected):
    """A tool says that it failed; of one that writes, nobody knows what it did before."""


@dataclass(frozen=True)
class Session:
    """What an operation gets."""

    peer: Peer
    scopes: frozenset[str]
    server: str
    allowed: Mapping[str, ToolDeclared]
    portal: BlockingPortal
    client: Client
    seen: Seen

    @property
    def account(self) -> str:
        return self.peer.account

    def call(self, tool: str, arguments: Mapping[str, Value], said: Call) -> Mapping[str, Value]:
        """One call of an allowed tool, once: {"text": …, "structured": …}. Raises the tree; a tool
        that says that it failed is Rejected."""
        if tool not in self.allowed or (self.allowed[tool].does == "write") != said.is_write:
            raise Rejected(
                f"The tool {tool} is not allowed to do this.",
                next_step="Nothing was written; the bundle says what each tool does.",
            )
        with _translated(self.peer, said, self.seen):
            answer = self.portal.call(self.client.call_tool, tool, dict(arguments))
        text = "\n".join(each.text for each in answer.content if each.type == "text")
        if len(text) > TEXT_CHARACTERS_MAX:
            raise wire.unreadable(self.peer, said, "too long")
        if answer.is_error:
            raise ToolFailedError(
                f"{self.peer.system} refuses this on {said.subject}{self.peer.says(text)}.",
                next_step="Look at the record and at the values.",
            )
        return {"text": text, "structured": answer.structured_content or {}}


@contextmanager
def opened(declaration: McpDeclaration, credential: Credential) -> Iterator[Session]:
    """A session whose tools are those that were allowed. Raises the tree."""
    try:
        from anyio.from_thread import start_blocking_portal
        from mcp.client.client import Client
    except ImportError:
        raise not_installed("declared MCP servers", EXTRA) from None
    peer = Peer(declaration.title, credential.account, (credential.secret,))
    opening = Call("its tools", is_write=False)
    seen = Seen()
    transport = _transport(declaration, credential, seen)
    with start_blocking_portal() as portal:
        client = Client(
            transport(),
            read_timeout_seconds=wire.READ_SECONDS,
            cache=None,
            input_required_max_rounds=1,
        )
        entered = portal.wrap_async_context_manager(client)
        with _translated(peer, opening, seen):
            entered.__enter__()
        try:
            with _translated(peer, opening, seen):
                info = client.server_info
                offered = portal.call(_offered, client)
            tools.check(declaration.title, declaration.tools, offered)
            name = info.name if info else ""
            yield Session(peer, credential.scopes, name, declaration.tools, portal, client, seen)
        finally:
            with suppress(Exception):  # how a session ends says nothing of what was done in it
                entered.__exit__(None, None, None)


def identify(session: Session) -> Identity:
    """An MCP server says of itself what it is called, and of its accounts nothing."""
    return Identity(session.server)


async def _offered(client: Client) -> dict[str, str]:
    found: dict[str, str] = {}
    cursor: str | None = None
    for _ in range(PAGES_MAX):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            found[tool.name] = tools.digest(tool.model_dump(mode="json", exclude_none=True))
        cursor = page.next_cursor
        if not cursor or len(found) > TOOLS_MAX:
            break
    return found


def _transport(
    declaration: McpDeclaration, credential: Credential, seen: Seen
) -> Callable[[], Any]:
    from mcp.client.stdio import StdioServerParameters
    from mcp.client.streamable_http import streamable_http_client

    if credential.address.startswith(PROGRAM):
        command, *arguments = _words(credential.address.removeprefix(PROGRAM))
        variable = declaration.secret_variable
        environment = {variable: credential.secret} if variable and credential.secret else {}
        program = StdioServerParameters(command=command, args=arguments, env=environment)
        return lambda: program
    parts = private(credential.address)
    if parts is None or parts.username or parts.query or parts.fragment:
        raise _no_address()
    address, secret = credential.address, credential.secret
    return lambda: streamable_http_client(address, http_client=bounded_client(secret, seen))


def _words(line: str) -> list[str]:
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if not words or not words[0].startswith("/"):
        raise _no_address()
    return words


def _no_address() -> Rejected:
    return Rejected(
        "The address of the connection is none of an MCP server.",
        next_step="Write it as https://HOST/PATH, or as stdio:/PATH/OF/PROGRAM ARGUMENTS.",
    )


@contextmanager
def _translated(peer: Peer, call: Call, seen: Seen) -> Iterator[None]:
    seen.clear()
    try:
        yield
    except ConnectorError:
        raise
    except BaseExceptionGroup as group:
        raise _error(peer, call, seen, _first(group)) from None
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is a failure of the wire
        raise _error(peer, call, seen, error) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _error(peer: Peer, call: Call, seen: Seen, error: BaseException) -> ConnectorError:
    if isinstance(error, ConnectorError):
        return error
    if seen.status:
        return wire.answered(peer, call, seen.status, seen.headers)
    if seen.error is not None:
        return wire.broke_off(peer, call, seen.error)
    if isinstance(error, FileNotFoundError | PermissionError):
        return Unavailable(
            f"The program of {peer.system} cannot be started.",
            next_step="Nothing was written; look at the connection's address.",
        )
    if getattr(error, "code", None) in NOT_UNDERSTOOD:
        return Rejected(
            f"{peer.system} does not take this call on {call.subject}{peer.says(error)}.",
            next_step="Nothing was written; compare the bundle's declaration with the server.",
        )
    return wire.broke_off(peer, call, error)

"""Servers that others wrote: a file system as a program, and the reference server over HTTP."""

from __future__ import annotations

import pytest

from connectors.conformance.node import NodeServer, node, package, served
from connectors.credentials import Credential
from connectors.errors import Conflict, Rejected
from connectors.mcp.declaration import McpDeclaration
from connectors.mcp.declare import declare
from connectors.opening import opened
from connectors.wire import Call

pytestmark = pytest.mark.slow

FILES = "@modelcontextprotocol/server-filesystem"
EVERYTHING = "@modelcontextprotocol/server-everything"
SCOPES = frozenset({"files:read", "files:write"})


def declared(tools, digests):
    path = {"path": "{path}"}
    return McpDeclaration.model_validate(
        {
            "system": "files",
            "connector": "mcp",
            "title": "Shared files",
            "tools": {
                name: {"does": does, "digest": digests[name]} for name, does in tools.items()
            },
            "operations": {
                "write": {
                    "title": "Write a file",
                    "resource": "file {path}",
                    "params": {"path": {"type": "line"}, "content": {"type": "text"}},
                    "read": {"tool": next(iter(tools)), "arguments": path},
                    "write": {
                        "tool": list(tools)[-1],
                        "arguments": {**path, "content": "{content}"},
                    },
                    "fields": {"content": {"at": "text", "becomes": "{content}"}},
                    "undo": {
                        "tool": list(tools)[-1],
                        "arguments": {**path, "content": "{before.content}"},
                    },
                }
            },
        }
    )


def allowed(tools, credential):
    """The connector with the digests as the refusals tell them."""
    digests = dict.fromkeys(tools, "0" * 64)
    for name in tools:
        with (
            pytest.raises(Rejected) as refused,
            opened(declare(declared(tools, digests), {}), credential),
        ):
            pass
        digests[name] = refused.value.message.split("digest is ")[1].split(" ")[0]
    return declare(declared(tools, digests), {})


def test_a_file_is_written_through_a_server_of_files_and_taken_back(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "a.txt").write_text("as it was")
    script = package(FILES) / "dist" / "index.js"
    address = f"stdio:{node()} {script} {folder}"
    credential = Credential("secure-filesystem-server", "sandbox", SCOPES, address)
    connector = allowed({"read_text_file": "read", "write_file": "write"}, credential)
    (operation,) = connector.operations
    params = operation.params(path=str(folder / "a.txt"), content="new")
    with opened(connector, credential) as session:
        before = operation.read(session, params)
        assert before.fields == {"content": "as it was"}
        result = operation.execute(session, params, before, "do")
        assert (folder / "a.txt").read_text() == "new"
        (folder / "a.txt").write_text("somebody else's")
        with pytest.raises(Conflict):
            operation.execute(session, params, before, "again")
        with pytest.raises(Rejected, match="changed again since"):
            operation.compensate(session, params, before, result, "undo")
        (folder / "a.txt").write_text("new")
        operation.compensate(session, params, before, result, "undo")
        assert (folder / "a.txt").read_text() == "as it was"
        elsewhere = operation.params(path="/etc/hostname", content="new")
        with pytest.raises(Rejected, match="Access denied"):
            operation.read(session, elsewhere)


def test_the_reference_server_is_reached_over_http():
    server = NodeServer(EVERYTHING, ("streamableHttp",), (("PORT", "{port}"),), ready_path="/mcp")
    tools = {"echo": "read", "get-env": "write"}
    address = f"{served(server)}/mcp"
    credential = Credential("mcp-servers/everything", "sandbox", SCOPES, address, "any")
    connector = allowed(tools, credential)
    with opened(connector, credential) as session:
        said = Call("an echo", is_write=False)
        assert "hello" in str(session.call("echo", {"message": "hello"}, said)["text"])
        with pytest.raises(Rejected, match="not allowed"):
            session.call("get-sum", {"a": 1, "b": 2}, said)

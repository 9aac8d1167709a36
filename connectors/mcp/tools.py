"""The tools that a server offers, against those that were allowed.

A tool is allowed as it is: with this description, these schemas. A server that changes one of them
later (its text speaks to models, its schema decides what a call means) has the tool refused until
somebody has looked at it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from connectors.errors import Rejected
from connectors.mcp.declaration import ToolDeclared
from connectors.saying import safe

PINNED = ("name", "description", "input_schema", "output_schema", "annotations")


def digest(tool: Mapping[str, Any]) -> str:
    """SHA-256 over what a tool says of itself, 64 digits."""
    said = {name: tool.get(name) for name in PINNED}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def check(system: str, allowed: Mapping[str, ToolDeclared], offered: Mapping[str, str]) -> None:
    """Raises Rejected for the first tool that is gone, or for all that have changed; `offered` are
    the digests."""
    gone = next((name for name in allowed if name not in offered), "")
    if gone:
        raise Rejected(
            f"{safe(system)} has no tool {gone} any more.",
            next_step="Nothing was written; look at the server, or take the tool out.",
        )
    changed = [name for name, tool in allowed.items() if offered[name] != tool.digest]
    if changed:
        raise Rejected(
            " ".join(
                f"The tool {name} of {safe(system)} is not as it was allowed: its description or"
                f" its schema has changed. Its digest is {offered[name]} now."
                for name in changed
            ),
            next_step="Nothing was written; look at the tool, and allow it anew in the bundle.",
        )

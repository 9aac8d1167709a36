"""Values of an answer: where each stands, and what it may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors import wire
from connectors.money import MINOR_MAX
from connectors.openapi.session import Session
from connectors.operation import Value
from connectors.wire import Call

TEXT_CHARACTERS_MAX = 4_000  # of one value that is read; policy takes no longer text either

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "boolean": (bool,), "number": (str, int),
}  # fmt: skip
_CALLED: Mapping[str, str] = {
    "string": "text", "integer": "a whole number", "boolean": "true or false", "number": "a number",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A value of an answer: where it stands, and what it may be."""

    at: str
    kind: str
    is_nullable: bool


def value(session: Session, call: Call, read: Read, tree: Value) -> Value:
    """The value as the document says it is, numbers with a fraction as text; None where it may be
    null and is. Raises Unavailable where it is something else."""
    found = at(tree, read.at)
    if found is None and read.is_nullable:
        return None
    is_bool = isinstance(found, bool) and read.kind != "boolean"
    if not isinstance(found, _TYPES[read.kind]) or is_bool:
        why = f"{read.at} is not {_CALLED[read.kind]}, as the document says"
        raise wire.unreadable(session.peer, call, why)
    if isinstance(found, int) and abs(found) > MINOR_MAX:
        raise wire.unreadable(session.peer, call, f"{read.at} is beyond 2**53 - 1")
    if isinstance(found, str) and len(found) > TEXT_CHARACTERS_MAX:
        raise wire.unreadable(session.peer, call, f"{read.at} is too long to be shown")
    return str(found) if read.kind == "number" else found


def at(tree: Any, pointer: str) -> Value:
    """What stands at a pointer; None for nothing."""
    for part in pointer.strip("/").split("/"):
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree

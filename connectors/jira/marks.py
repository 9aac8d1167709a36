"""Marks: how a write is found again. Each carries an entity property of the issue, set in the same
request, whose name is made of Assent's key and whose value says what was done.

People do not see it and no screen needs to hold it; whoever may edit the issue may remove it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.errors import Rejected
from connectors.operation import Params, Value

_NAME = re.compile(r"assent\.[0-9a-f]{24}")


@dataclass(frozen=True)
class Mark:
    """What one write under a key did to an issue. `takes_back` names the mark of the write that it
    took back, `taken_back_by` the one that took it back."""

    operation: str
    params_sha256: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    takes_back: str = ""
    taken_back_by: str = ""

    def as_property(self, name: str) -> Mapping[str, Value]:
        """The entity property of that name, as an issue's write carries it."""
        return {"key": name, "value": vars(self) | {"by": "Assent"}}

    def by(self, name: str) -> Mark:
        """The same, taken back by that one."""
        return replace(self, taken_back_by=name)


def mark_name(key: str) -> str:
    """The name of the property for a key."""
    return f"assent.{hashlib.sha256(key.encode()).hexdigest()[:24]}"


def is_mark_name(text: str) -> bool:
    """Whether it can be one."""
    return _NAME.fullmatch(text) is not None


def digest(params: Params) -> str:
    """Parameters as marks keep them."""
    said = json.dumps(params.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def read_mark(value: Any) -> Mark | None:
    """The mark in a property's value, None where it is none of ours."""
    if not isinstance(value, Mapping) or value.get("by") != "Assent":
        return None
    try:
        return Mark(
            operation=str(value["operation"]),
            params_sha256=str(value["params_sha256"]),
            before=dict(value["before"]),
            after=dict(value["after"]),
            takes_back=str(value["takes_back"]),
            taken_back_by=str(value["taken_back_by"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def check_same(mark: Mark, operation: str, params: Params, takes_back: str | None) -> None:
    """Raises Rejected where the key of that mark was used for another call; `takes_back` None
    asks for any."""
    is_same = mark.operation == operation and mark.params_sha256 == digest(params)
    if is_same and takes_back in (None, mark.takes_back):
        return
    raise Rejected(
        f"This key was used for another call ({mark.operation}) on the issue.",
        next_step="Nothing was written; a new intent needs a new key.",
    )

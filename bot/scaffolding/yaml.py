"""Plain data as YAML that bundles take: every text in quotes where it could mean something else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from connectors.operation import Value

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.]*(-[A-Za-z0-9_.]+)*( [A-Za-z0-9_.-]+)*")
_MEANING = re.compile(r"(?i)(yes|no|on|off|true|false|null|y|n)")


def flow(value: Value) -> str:
    """A value on one line: {say: "refund 40", plan: [payments.refund]}."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Value) -> str:
    """A text, a whole number or a truth; None is an empty list, a choice without other words."""
    if value is None:
        return "[]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and not _MEANING.fullmatch(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)

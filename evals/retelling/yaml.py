"""A case as text: plain keys, quotes where the reader of suites needs them."""

from __future__ import annotations

import json
import re
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence

from store.model.values import Json

_BARE = re.compile(r"[a-z][a-z0-9_.~-]*")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.~-]*")
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
UNSEEN = "(nothing that can be seen)"
WIDTH_CHARACTERS = 96
BLOCKS = frozenset({"writes", "records", "faults", "state"})  # lists with a line for each item


def case_text(case: Mapping[str, Json], remarks: Sequence[str]) -> str:
    """One case as an item of `cases:`, the remarks as comments above it."""
    lines = []
    for remark in remarks:
        lines += [f"  # {line}" for line in textwrap.wrap(remark, WIDTH_CHARACTERS)]
    for number, (key, value) in enumerate(case.items()):
        start = "  - " if number == 0 else "    "
        lines += [
            f"{start}{line}" if at == 0 else f"    {line}"
            for at, line in enumerate(_lines(key, value))
        ]
    return "\n".join(["cases:", *lines]) + "\n"


def _lines(key: str, value: Json) -> list[str]:
    if isinstance(value, dict) and key in ("world", "expect"):
        return [f"{key}:", *(f"  {line}" for k, v in value.items() for line in _lines(k, v))]
    if isinstance(value, list) and value and (key in BLOCKS or key == "then"):
        return [f"{key}:", *(f"  - {_flow(item)}" for item in value)]
    return [f"{key}: {_flow(value)}"]


def _flow(value: Json) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(k)}: {_flow(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value)


def _key(key: str) -> str:
    return key if _KEY.fullmatch(key) and key not in _WORDS else json.dumps(key, ensure_ascii=False)


def _text(value: str) -> str:
    seen = "".join(c for c in _LINE_ENDS.sub("\n", value) if _may_stand(c))
    if value and not seen.strip():
        return json.dumps(UNSEEN)
    if _BARE.fullmatch(seen) and seen not in _WORDS:
        return seen
    return json.dumps(seen, ensure_ascii=False)


def is_seen(value: str) -> bool:
    """Whether the text stands in the file as it is."""
    return all(_may_stand(c) for c in _LINE_ENDS.sub("\n", value))


def _may_stand(character: str) -> bool:
    """What cannot be seen may not stand in a suite's file."""
    return character in "\n\t" or unicodedata.category(character)[0] != "C"

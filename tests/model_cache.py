"""The prompt cache as the Messages API counts it, for its stand-in: by prefixes up to breakpoints.

After platform.claude.com/docs/en/build-with-claude/prompt-caching. Nothing expires; a token is four
bytes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from tests.model_rules import cached_order

Json = Any
TOKENS_MIN = 1_024  # of a prefix that is kept, for Sonnet
LOOKED_BACK_BLOCKS = 20  # from a breakpoint, for a prefix that is there


@dataclass
class PromptCache:
    """What earlier requests left."""

    prefixes: set[str] = field(default_factory=set)

    def usage(self, body: Json, output_tokens: int) -> Json:
        """What the service counts: the longest prefix that is there is read, the rest up to the
        last breakpoint is written."""
        parts = cached_order(body)
        sizes = [_tokens(part) for part in parts]
        prefixes = _prefixes(body["model"], parts)
        marked = [at for at, part in enumerate(parts) if part.get("cache_control")]
        if body.get("cache_control") and parts:
            marked.append(len(parts) - 1)
        near = {at - back for at in marked for back in range(LOOKED_BACK_BLOCKS) if at >= back}
        hit = max((at + 1 for at in near if prefixes[at] in self.prefixes), default=0)
        end = max((at + 1 for at in marked), default=0)
        end = end if sum(sizes[:end]) >= TOKENS_MIN else hit
        self.prefixes |= {prefixes[at] for at in marked if sum(sizes[: at + 1]) >= TOKENS_MIN}
        written = sum(sizes[hit:end])
        return {
            "input_tokens": sum(sizes[max(hit, end) :]),
            "output_tokens": output_tokens,
            "cache_creation_input_tokens": written,
            "cache_read_input_tokens": sum(sizes[:hit]),
            "cache_creation": {
                "ephemeral_5m_input_tokens": written,
                "ephemeral_1h_input_tokens": 0,
            },
            "service_tier": "standard",
        }


def _prefixes(model: str, parts: list[Json]) -> list[str]:
    """What names each prefix."""
    hashed, found = hashlib.sha256(model.encode()), []
    for part in parts:
        plain = {key: value for key, value in part.items() if key != "cache_control"}
        hashed.update(json.dumps(plain, sort_keys=True).encode() + b"\0")
        found.append(hashed.hexdigest())
    return found


def _tokens(part: Json) -> int:
    return -(-len(json.dumps(part, ensure_ascii=False).encode()) // 4)

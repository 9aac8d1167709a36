"""The key of a write, left in an issue's text where it can be looked for.

A comment of HTML, which nobody sees in the rendered issue: `<!-- assent:KEY:PARAMS -->`, both as
the beginning of a SHA-256. Whoever copies a mark makes a newer one: the oldest counts.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from connectors.operation import Params

Kind = Literal["write", "undo"]

_WORDS: dict[Kind, str] = {"write": "assent", "undo": "assent-undo"}
_MARK = re.compile(r"\n*<!-- (assent|assent-undo):([0-9a-f]{32}):([0-9a-f]{16}) -->")


@dataclass(frozen=True)
class Mark:
    """What one write left."""

    kind: Kind
    key: str
    params: str

    @property
    def text(self) -> str:
        """As it is appended."""
        return f"\n\n<!-- {_WORDS[self.kind]}:{self.key}:{self.params} -->"


def mark(kind: Kind, key: str, params: Params) -> Mark:
    """The mark of a write under that key with those parameters."""
    key_digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    said = params.model_dump_json()
    return Mark(kind, key_digest, hashlib.sha256(said.encode()).hexdigest()[:16])


def marks(body: str) -> tuple[Mark, ...]:
    """Those in a text, in their order."""
    kinds: dict[str, Kind] = {word: kind for kind, word in _WORDS.items()}
    return tuple(Mark(kinds[m[1]], m[2], m[3]) for m in _MARK.finditer(body))


def bare(body: str) -> str:
    """The text without marks."""
    return _MARK.sub("", body)


def check_unmarked(text: str) -> str:
    """Raises ValueError for a text that brings a mark of its own."""
    if marks(text):
        raise ValueError("holds a mark of Assent's (<!-- assent:… -->); remove it")
    return text

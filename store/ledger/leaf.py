"""One entry as the text that is hashed, and the commitments to its sensitive parts."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from store.model import canonical
from store.model.entry import Entry
from store.model.values import Json

LEAF_VERSION = 1
LEAF_BYTES_MAX = 1 << 20  # far above any entry of ours; a leaf is read into memory whole
SALT_BYTES = 32  # as long as the hash, so that a commitment tells nothing of what was erased


def encode(entry: Entry, seq: int, at: datetime, prev: bytes, commitments: dict[str, str]) -> str:
    """The canonical text of an entry as number `seq`, after the leaf whose hash is `prev`.

    Raises ValueError for data without a canonical form, or larger than LEAF_BYTES_MAX.
    """
    leaf = canonical.encode(
        {
            "v": LEAF_VERSION,
            "seq": seq,
            "at": moment(at),
            "kind": entry.kind.value,
            "run": entry.run_id,
            "actor": entry.actor,
            "data": entry.data,
            "sensitive": commitments,
            "prev": prev.hex(),
        }
    )
    if len(leaf) > LEAF_BYTES_MAX:
        raise ValueError(f"{len(leaf)} characters are more than an entry may have")
    return leaf


def commitment(salt: bytes, part: str, body: str) -> str:
    """What a leaf says of a sensitive part: HMAC-SHA256 over its name and canonical text."""
    return hmac.digest(salt, part.encode() + b"\x00" + body.encode(), hashlib.sha256).hex()


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds, so that text sorts as time does."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def read_moment(text: Json) -> datetime:
    """The moment that `moment` wrote."""
    return datetime.fromisoformat(str(text)).astimezone(UTC)

"""One text for one value: the RFC 8785 profile that digests and ledger leaves are made of."""

from __future__ import annotations

import hashlib
import json

from store.model.values import INT_MAX, Json

DEPTH_MAX = 32  # levels; nothing that we record is deeper

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def encode(value: Json) -> str:
    """The canonical JSON text of a value.

    Raises ValueError for a float, an integer beyond 2**53 - 1, a key that is not ASCII text, a lone
    surrogate, nesting beyond DEPTH_MAX, or any other type.
    """
    _check(value, 0)
    return _ENCODER.encode(value)


def digest(value: Json) -> str:
    """SHA-256 over the canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(encode(value).encode()).hexdigest()


def _check(value: Json, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError(f"nested deeper than {DEPTH_MAX} levels")
    kind = type(value)
    if kind is str:  # the most by far
        if not value.isascii():
            value.encode()  # UnicodeEncodeError is a ValueError: a lone surrogate has no UTF-8
    elif value is None or value is True or value is False:
        return
    elif kind is int:
        if abs(value) > INT_MAX:
            raise ValueError(f"{value} is beyond 2**53 - 1 and would not survive every JSON reader")
    elif kind in (list, tuple):
        for item in value:
            _check(item, depth + 1)
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                raise ValueError(f"key {key!r} is not ASCII text")
            _check(item, depth + 1)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form; use integers and text")

"""Which bundles passed the whole check, so that a restart need not prove the same again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from store.clock import to_us

_IS_CHECKED = text("SELECT 1 FROM bundles_checked WHERE digest = :digest")
_CHECKED = text(
    "INSERT INTO bundles_checked (digest, at_us) VALUES (:digest, :at_us) "
    "ON CONFLICT (digest) DO NOTHING"
)


def is_checked(cx: Connection, digest: str) -> bool:
    """Whether a check of this digest ended without findings."""
    return cx.execute(_IS_CHECKED, {"digest": digest}).one_or_none() is not None


def checked(tx: Connection, digest: str, at: datetime) -> None:
    """Remember that a check of this digest ended without findings."""
    tx.execute(_CHECKED, {"digest": digest, "at_us": to_us(at)})

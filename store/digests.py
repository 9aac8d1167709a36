"""Which daily digests were posted: once a channel and local date, whoever gets there first."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, text

_POSTED = text(
    "INSERT INTO digest_posts (channel, local_date) VALUES (:channel, :local_date) "
    "ON CONFLICT (channel, local_date) DO NOTHING"
)

_LAST_BEFORE = text(
    "SELECT max(local_date) FROM digest_posts WHERE channel = :channel AND local_date < :local_date"
)


def posted(tx: Connection, channel: str, local_date: date) -> bool:
    """Mark a channel's digest of a day as posted. True for the first to say so, False after."""
    result = tx.execute(_POSTED, {"channel": channel, "local_date": local_date.isoformat()})
    return result.rowcount == 1


def last_before(cx: Connection, channel: str, local_date: date) -> date | None:
    """The newest day before `local_date` whose digest was posted in the channel, None for none."""
    parameters = {"channel": channel, "local_date": local_date.isoformat()}
    found = cx.execute(_LAST_BEFORE, parameters).scalar()
    return None if found is None else date.fromisoformat(found)

"""A few words where everybody reads the report: what changes authority or reach is not silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from store import deliveries
from store.model.request import Place


def announce(
    tx: Connection, places: Iterable[Place], key: str, title: str, text: str, now: datetime
) -> None:
    """Asks for a notice in each place, once for a key."""
    for index, place in enumerate(places):
        of_place = key if not index else f"{key}@{place.channel}"
        deliveries.put(tx, of_place, "", "notice", place, {"title": title, "text": text}, now)

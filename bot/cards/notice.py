"""A message of a few sentences that belongs to no run. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.cards.model import Badge, Card, Tone


def plain_notice(title: str, text: str, now: datetime) -> Card:
    """A title and the sentences."""
    return Card(
        title=title,
        badge=Badge("", Tone.QUIET),
        fallback=f"{title}: {text}",
        now=now,
        notice=(text,),
    )

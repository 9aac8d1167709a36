"""Messages that belong to no run. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.cards.model import Badge, Card, Tone


def plain_notice(heading: str, text: str, now: datetime) -> Card:
    """A title and the sentences, of no run."""
    return Card(
        title=heading,
        badge=Badge("", Tone.QUIET),
        fallback=f"{heading}: {text}",
        now=now,
        notice=(text,),
    )

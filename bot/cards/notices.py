"""Messages beside the cards: what the thread hears while a plan waits, because a card that changes
in place is easy to miss, and what belongs to no run. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.cards.fate import badge
from bot.cards.model import Badge, Card, Moment, Piece, Strong, Tone
from bot.cards.needs import needs
from bot.cards.run_card import title
from bot.view import RunView


def reminder_notice(view: RunView) -> Card:
    """Who can still approve and has not, and until when; drawn when it is sent, so never stale."""
    lacking = [need for need in needs(view)[0] if need.is_met is False]
    said: list[Piece] = [Strong("Still waiting"), "."]
    if view.run.proposal is not None:
        said = [Strong("Still waiting, "), "until ", Moment(view.run.proposal.expires_at), "."]
    return Card(
        title=title(view),
        badge=badge(view),
        fallback=f"{title(view)}: still waiting ({view.run.id})",
        now=view.now,
        notice=tuple(said),
        needs=tuple(lacking),
        footer=((f"run {view.run.id} · the buttons are on the card above",),),
    )


def plain_notice(heading: str, text: str, now: datetime) -> Card:
    """A title and the sentences, of no run."""
    return Card(
        title=heading,
        badge=Badge("", Tone.QUIET),
        fallback=f"{heading}: {text}",
        now=now,
        notice=(text,),
    )

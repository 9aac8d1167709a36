"""What the thread hears while a plan waits: a card that changes in place is easy to miss. Pure."""

from __future__ import annotations

from bot.cards.fate import badge
from bot.cards.model import Card, Moment, Piece, Strong
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

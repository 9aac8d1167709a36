"""What one person sees on their own page: what waits for them, what they asked for, and what ran by
itself and awaits their review."""

from __future__ import annotations

from dataclasses import dataclass

from bot.view import RunView


@dataclass(frozen=True)
class HomeView:
    """Each list newest first; the surface shows as many as fit and says how many are left."""

    waiting_for_me: tuple[RunView, ...]
    asked_by_me: tuple[RunView, ...]
    to_review: tuple[RunView, ...] = ()

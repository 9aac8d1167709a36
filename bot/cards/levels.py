"""How much of each text a card shows: the most generous level at which it fits is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """How many units each kind of text may take; the lists are bounded by the card's builder."""

    title: int
    quote: int
    sentence: int
    value: int
    label: int


FULL = Level(title=150, quote=2_700, sentence=2_700, value=900, label=300)
LEVELS = (
    Level(title=150, quote=600, sentence=1_000, value=160, label=120),
    Level(title=120, quote=300, sentence=500, value=80, label=80),
    Level(title=80, quote=160, sentence=250, value=40, label=40),
    Level(title=60, quote=80, sentence=120, value=24, label=30),
)

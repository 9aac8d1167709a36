"""The one list: what works in a chat, works in each of them."""

from __future__ import annotations

from tests.bot.parity import of_bad_input, of_buttons, of_cards, of_commands, of_forms, of_refusals
from tests.bot.parity.case import Case

CASES: tuple[Case, ...] = (
    *of_cards.CASES,
    *of_buttons.CASES,
    *of_forms.CASES,
    *of_commands.CASES,
    *of_bad_input.CASES,
    *of_refusals.CASES,
)

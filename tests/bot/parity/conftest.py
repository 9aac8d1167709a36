"""Assertions of the cases say what they compared, as those of tests do."""

import pytest

NAMES = ("case", "of_bad_input", "of_buttons", "of_cards", "of_commands", "of_forms", "hands_slack",
         "hands_teams")  # fmt: skip
pytest.register_assert_rewrite(*(f"tests.bot.parity.{name}" for name in NAMES))

"""The card says where Assent reads again because the system itself compares nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.cards import adaptive, block_kit
from bot.cards.details import details
from tests.bot.cards.stories import STORIES

WAITING = STORIES["waiting_0_of_2"]
SAID = "is read again immediately before the write"


@pytest.mark.parametrize("render", [block_kit.render, adaptive.render])
def test_a_write_that_the_system_does_not_guard_says_so(render):
    reread = {"payments.refund": "the refunded amount"}
    pages = details(replace(WAITING, reread=reread))
    shown = "".join(
        json.dumps(getattr(card, "blocks", card), default=str) for card in map(render, pages)
    )
    assert shown.count(SAID) == 1
    assert "the refunded amount" in shown


@pytest.mark.parametrize("render", [block_kit.render, adaptive.render])
def test_a_write_that_the_system_guards_says_nothing(render):
    for card in map(render, details(WAITING)):
        assert SAID not in str(card)

"""Acknowledging goes before planning while a burst comes in, and only then."""

from __future__ import annotations

import time

import pytest

from bot import pressure
from bot.pressure import MESSAGES_HIGH, Pressure


def test_people_who_type_are_no_burst() -> None:
    felt = Pressure()
    for _ in range(MESSAGES_HIGH - 1):
        felt.feel()
    assert not felt.is_high


def test_a_burst_is_felt_and_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "WINDOW_SECONDS", 0.05)
    felt = Pressure()
    for _ in range(MESSAGES_HIGH):
        felt.feel()
    assert felt.is_high
    time.sleep(0.06)
    assert not felt.is_high
